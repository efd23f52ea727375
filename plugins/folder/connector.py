"""A directory on disk as a host: its pictures are the assets, their XMP and IPTC keywords are the tags."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path, PurePosixPath
from typing import Self

from connector_core.account import Account
from connector_core.errors import Gone
from connector_core.types import Asset, Edits, Page, Tag, Written
from model_service.errors import Misconfigured, Refuse, Skip, Unreadable
from plugins.folder import disk, inside, words
from plugins.folder.changes import changes
from plugins.folder.formats import Unwritable
from plugins.folder.media import is_hidden, media_type
from plugins.folder.memory import Memory
from plugins.folder.sidecar import Sidecar, find

MAX_BYTES = 4 * 2**30


class Folder:
    """A folder of pictures and videos; an asset's id is its path from the root, with slashes.

    ``memory`` is where is kept what was seen; by default ``.propernoun/seen.sqlite`` in the folder itself.
    ``progress`` hears how many files are still to be read. Safe for threads.
    """

    def __init__(
        self,
        root: Path,
        *,
        memory: Path | None = None,
        page: int = 500,
        max_bytes: int = MAX_BYTES,
        progress: Callable[[int], None] = lambda left: None,
    ) -> None:
        if not root.is_dir():
            raise Misconfigured(f"There is no folder {root}; write the path of one that exists.")
        if page < 1:
            raise Misconfigured(f"A page holds at least one asset, not {page}.")
        self.root = root.resolve()
        self._place = memory or self.root / ".propernoun" / "seen.sqlite"
        self._memory: Memory | None = None
        self._page = page
        self._max_bytes = max_bytes
        self._progress = progress
        self._lock = threading.RLock()

    @classmethod
    def open(cls, account: Account) -> Self:
        """The folder that the connection's setting ``path`` names. Raises Misconfigured."""
        path = account.settings.get("path", "")
        if not path:
            raise Misconfigured("The connection names no folder; give it a path.")
        return cls(Path(path))

    def changes(self, cursor: str = "") -> Page:
        """What changed since ``cursor``; a move is a removal and a new asset of the same version.

        Raises StaleCursor where the memory was lost, PlatformDown where the folder cannot be opened.
        """
        with self._lock:
            if self._memory is None:
                self._memory = Memory(self._place)
            return changes(self.root, self._memory, cursor, size=self._page, progress=self._progress)

    def download(self, asset: Asset, to: Path) -> None:
        """Copy the file. Raises Gone, Unreadable, Retry where there is no room, Refuse for an id outside the folder."""
        with disk.opened(self._path(asset.id)) as source:
            if not disk.copy(source, to, limit=self._max_bytes):
                raise Unreadable(f"{asset.id} is larger than {self._max_bytes // 2**20} MB and was not read.")

    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        """Write keywords into the file where its format allows that, else into a sidecar.

        Raises Gone, Unreadable, ReadOnly, Retry where another program just wrote the file, Refuse for a bad name.
        """
        words.check(add, remove)
        path = self._path(asset_id)
        with self._lock:
            with disk.opened(path):
                sidecar = Sidecar(path) if find(path) else None
            if sidecar is not None and sidecar.is_ours:
                return self._beside(sidecar, add, remove, "")
            try:
                return self._inside(asset_id, path, add, remove)
            except Unwritable as why:
                if inside.holds_ours(path):
                    raise inside.protected(path) from why
                return self._beside(sidecar or Sidecar(path), add, remove, str(why))

    def edits(self, assets: Sequence[Asset]) -> Mapping[str, Edits]:
        """By id, keywords that people added, and keywords of ours that they removed, since our last write.

        Those that are gone or cannot be read are left out. Raises Refuse for an id outside the folder.
        """
        found = {}
        for one in assets:
            with contextlib.suppress(Skip):
                found[one.id] = Edits(*self._edits(self._path(one.id)))
        return found

    def _edits(self, path: Path) -> tuple[frozenset[str], frozenset[str]]:
        with self._lock:
            with disk.opened(path):
                sidecar = Sidecar(path)
            if sidecar.is_ours:
                return sidecar.ledger.edits()
            try:
                return inside.Picture(path).ledger.edits()
            except Unwritable:
                return sidecar.ledger.edits()

    def _inside(self, asset_id: str, path: Path, add: Set[Tag], remove: Set[Tag]) -> Written:
        picture = inside.Picture(path)
        done = picture.retag(add, remove)
        if done is not None and self._memory is not None:
            self._memory.rewrote(asset_id, *done)
        return Written(picture.ledger.tags, "file" + picture.remark, changed=done is not None)

    def _beside(self, sidecar: Sidecar, add: Set[Tag], remove: Set[Tag], why: str) -> Written:
        changed = sidecar.retag(add, remove)
        place = f"sidecar {sidecar.path.name}" + (f" ({why})" if why else "")
        return Written(sidecar.ledger.tags, place, changed)

    def _path(self, asset_id: str) -> Path:
        """The file of an asset. Raises Refuse where the id leads out of the folder, Gone where it names no picture."""
        steps = PurePosixPath(asset_id).parts
        is_plain = "\x00" not in asset_id and "/".join(steps) == asset_id and ".." not in steps
        if not steps or not is_plain or (os.sep != "/" and (os.sep in asset_id or ":" in asset_id)):
            raise Refuse(f"{asset_id!r} is no path inside the folder.")
        if not media_type(asset_id) or any(map(is_hidden, steps)):
            raise Gone(f"{asset_id} is no picture or video of the folder.")
        path = self.root.joinpath(*steps)
        try:
            where = os.path.realpath(path.parent)
        except (OSError, ValueError) as error:
            raise Gone(f"{asset_id} is no longer in the folder.") from error
        if not Path(where).is_relative_to(self.root):
            raise Refuse(f"{asset_id!r} leads out of the folder.")
        return path
