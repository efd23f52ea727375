"""Where vectors lie: in folders of this process, or on a Qdrant server that processes share."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from connector_core.on_demand import OnDemand
from connector_core.settings import Settings
from model_service.encoders.encoder import Fingerprint
from model_service.errors import Misconfigured
from model_service.index.index import VectorIndex

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

    from model_service.index.collection import Collection

MOST_OPEN = 8
"""folders of Qdrant Edge that are open at a time: each takes eight threads, and 0.2 s to open"""


class Vectors:
    """The indexes of every tenant and encoder. Nothing is opened, and no library loaded, before it is asked for.

    ``empty`` hears of each (tenant, encoder) whose index holds nothing when it is first opened: a damaged folder or
    collection may be deleted, and is filled again.
    """

    def __init__(self, settings: Settings, home: Callable[[str], Path], empty: Callable[[str, str], None]) -> None:
        self._settings = settings
        self._home = home
        self._empty = empty
        self._turn = threading.RLock()
        self._folders: dict[tuple[str, str], OnDemand] = {}
        self._collections: dict[str, Collection] = {}
        self._seen: set[tuple[str, str]] = set()

    def of(self, tenant: str, used: Fingerprint) -> VectorIndex:
        """The index of a tenant's vectors by this encoder, made where there is none. Raises IndexDown, Misconfigured.

        It may be held for as long as one likes: one that is closed meanwhile opens again by itself.
        """
        index = self._find(tenant, used)
        with self._turn:
            is_new = (tenant, used.id) not in self._seen
            self._seen.add((tenant, used.id))
        if is_new and not index.count():
            self._empty(tenant, used.id)
        return index

    def erase(self, tenant: str, used: Fingerprint) -> None:
        """Throw away a tenant's vectors by this encoder, as soon as nobody is using them."""
        self._find(tenant, used).erase()

    def close(self) -> None:
        """Let go of files and connections."""
        with self._turn:
            for index in self._folders.values():
                index.close()
            self._folders.clear()
            self._collections.clear()
            if (client := self.__dict__.pop("_client", None)) is not None:
                client.close()

    def _find(self, tenant: str, used: Fingerprint) -> VectorIndex:
        return self._on_server(tenant, used) if self._settings.qdrant else self._in_folder(tenant, used)

    def _in_folder(self, tenant: str, used: Fingerprint) -> VectorIndex:
        from model_service.index.edge import EdgeIndex

        place = self._home(tenant) / "vectors" / re.sub(r"[^a-z0-9]", "-", used.id.lower())
        with self._turn:
            index = self._folders.get((tenant, used.id))
            if index is None:
                index = OnDemand(place, functools.partial(EdgeIndex, place, dim=used.dim, fingerprint=used.id))
                self._folders[tenant, used.id] = index
            others = [one for one in self._folders.values() if one.is_open and one is not index]
        # Closing tidies up, which may take seconds: nobody waits for another tenant's.
        for other in sorted(others, key=lambda one: one.used)[: max(0, len(others) - MOST_OPEN + 1)]:
            other.close()
        return index

    def _on_server(self, tenant: str, used: Fingerprint) -> VectorIndex:
        try:
            from model_service.index.collection import open_collection
            from model_service.index.server import ServerIndex
        except ModuleNotFoundError as error:
            raise Misconfigured("A Qdrant server needs its client: pip install 'propernoun[server]'.") from error

        with self._turn:
            found = self._collections.get(used.id)
            if found is None:
                found = open_collection(
                    self._client, fingerprint=used.id, dim=used.dim, quantisation=self._settings.quantisation
                )
                self._collections[used.id] = found
        return ServerIndex(found, tenant)

    @functools.cached_property
    def _client(self) -> QdrantClient:
        from model_service.index.collection import connect

        return connect(self._settings.qdrant)
