"""The engine: what every operation is handed — the store, the queue, vectors, models and roads to hosts."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connector_core.connector import Connector
from connector_core.db import open_database
from connector_core.errors import Gone
from connector_core.eyes import Eyes
from connector_core.queue.alarm import Alarm
from connector_core.queue.bell import Bell, RedisBell, ThreadBell
from connector_core.queue.job import Job, JobQueue
from connector_core.queue.tally import RedisTally, Tally, ThreadTally
from connector_core.queue.thread import ThreadQueue
from connector_core.roads import Roads
from connector_core.settings import Settings
from connector_core.store.rows import Linked
from connector_core.store.store import Store
from connector_core.vault import Vault, kept_key
from connector_core.vectors import Vectors
from model_service.encoders.encoder import Encoder, Fingerprint
from model_service.errors import Misconfigured
from model_service.index.index import VectorIndex


class Engine:
    """One process of the service. Nothing is loaded before it is needed: the web process never sees an encoder."""

    def __init__(self, settings: Settings, run: Callable[[Engine, Job], None]):
        self.settings = settings
        self.vault = Vault(settings.secrets or [kept_key(settings.data / "secret")])
        self.threads: ThreadQueue | None = None
        self.queue: JobQueue
        self.bell: Bell
        self.tally: Tally
        if settings.redis:
            from connector_core.queue.redis import RedisQueue

            self.queue, self.bell = RedisQueue(settings.redis), RedisBell(settings.redis)
            self.tally = RedisTally(settings.redis)
        else:
            self.queue = self.threads = ThreadQueue(lambda job: run(self, job))
            self.bell, self.tally = ThreadBell(), ThreadTally()
        self.store = Store(open_database(settings.database), self.queue, lease=settings.lease)
        self.alarm = Alarm(self.queue.put)
        self.roads = Roads(settings, self.store, self.vault)
        self._lock = threading.RLock()
        self._encoder: Encoder | None = None
        self.indexes = Vectors(settings, self.home, self._emptied)
        self._eyes = Eyes()
        self.memory: dict[str, Any] = {}
        """of operations: what is worth keeping between two jobs, by tenant"""

    def connector(self, tenant: str, linked: Linked) -> Connector:
        """The host of a connection, opened anew: no job depends on what another one left open."""
        return self.roads.connector(tenant, linked)

    @property
    def encoder(self) -> Encoder:
        """What looks at pictures."""
        from model_service.encoders.load import load_encoder

        with self._lock:
            if self._encoder is None:
                encoder = load_encoder(self.settings.encoder)
                self.store.use(encoder.fingerprint.id)
                self._encoder = encoder
            return self._encoder

    def serving(self, tenant: str) -> Fingerprint:
        """Whose vectors are judged and searched: the encoder of the live model, else the one in use."""
        with self.store.tenant(tenant, only_reads=True) as mine:
            found = mine.encoders.serving()
        return found or self.encoder.fingerprint

    def eyes(self, used: Fingerprint) -> Encoder | None:
        """The encoder of this fingerprint; None if it can no longer be loaded."""
        return self.encoder if used.id == self.encoder.fingerprint.id else self._eyes.of(used)

    def vectors(self, tenant: str, used: Fingerprint | None = None) -> VectorIndex:
        """The index of a tenant's vectors: of this encoder, or of the one that serves."""
        return self.indexes.of(tenant, used or self.serving(tenant))

    def _emptied(self, tenant: str, encoder: str) -> None:
        with contextlib.suppress(Gone), self.store.tenant(tenant) as mine:
            mine.encoders.lost(encoder)

    def home(self, tenant: str) -> Path:
        """The folder of a tenant's models and renditions. Ids are ours, and fit to be names of folders."""
        if not re.fullmatch(r"[0-9a-f]{26}", tenant):
            raise Misconfigured(f"{tenant!r} is no id of a tenant.")
        return self.settings.data / "tenants" / tenant

    def rendition(self, tenant: str, asset: str) -> Path:
        """Where the small picture of an asset lies."""
        return self.home(tenant) / "renditions" / asset[-2:] / f"{asset}.jpg"

    def close(self) -> None:
        """Let go of files and connections."""
        self.alarm.stop()
        if self.threads is not None:
            self.threads.stop()
        self.indexes.close()
        self.store.engine.dispose()
