"""An index of Qdrant Edge that is open only while it is used: the folders of many tenants, few of them open."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from model_service.index.index import Entry, Near, VectorIndex
from model_service.types import Vectors


class OnDemand:
    """A VectorIndex that opens with its first use and may be closed whenever nobody is using it.

    Whoever holds one never notices that it was closed: the next use opens it again.
    """

    def __init__(self, folder: Path, open_it: Callable[[], VectorIndex]) -> None:
        self._folder = folder
        self._open_it = open_it
        self._index: VectorIndex | None = None
        self._users = 0
        self._changed = threading.Condition()
        self.used = 0.0
        """when it was last used"""

    @property
    def is_open(self) -> bool:
        """Whether it holds its folder now."""
        return self._index is not None

    def put(self, entries: Sequence[Entry]) -> None:
        """Store or replace."""
        with self._using() as index:
            index.put(entries)

    def get(self, assets: Sequence[str]) -> dict[str, Entry]:
        """The entries that exist among those asked for."""
        with self._using() as index:
            return index.get(assets)

    def near(self, vector: Vectors, limit: int = 10, *, where: Mapping[str, str] | None = None) -> list[Near]:
        """The most similar assets to one vector, best first."""
        with self._using() as index:
            return index.near(vector, limit, where=where)

    def scroll(self, batch: int = 1000) -> Iterator[list[Entry]]:
        """Everything, in batches; it stays open until the end."""
        with self._using() as index:
            yield from index.scroll(batch)

    def drop(self, assets: Sequence[str]) -> None:
        """Forget these assets."""
        with self._using() as index:
            index.drop(assets)

    def count(self) -> int:
        """How many assets are stored."""
        with self._using() as index:
            return index.count()

    def close(self) -> None:
        """Let go of the folder, unless somebody is using it; the next use opens it again."""
        with self._changed:
            if self._index is not None and not self._users:
                index, self._index = self._index, None
                index.close()

    def erase(self) -> None:
        """Forget everything, as soon as nobody is using it; what could not even be opened goes as well."""
        with self._changed:
            while self._users:
                self._changed.wait()
            if self._index is not None:
                index, self._index = self._index, None
                index.erase()
            shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def _using(self) -> Iterator[VectorIndex]:
        with self._changed:
            if self._index is None:
                self._index = self._open_it()
            index = self._index
            self._users += 1
        try:
            yield index
        finally:
            with self._changed:
                self._users -= 1
                self.used = time.monotonic()
                self._changed.notify_all()
