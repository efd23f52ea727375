"""A process that can die at any point: between any two things that outlive it, and then it does nothing any more."""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connector_core.engine import Engine
from connector_core.http import Answer, Bearer, Http, Lanes
from connector_core.manifest import Manifest
from connector_core.queue.job import Job, JobQueue
from connector_core.roads import Roads
from connector_core.settings import Settings
from connector_core.store.store import Store, TenantStore
from connector_core.vectors import Vectors
from connector_core.worker import do
from model_service.encoders.encoder import Encoder

ANSWER = 1.0
"""seconds that a host may be silent here"""


class Death(BaseException):
    """The process is killed. Nothing catches it, and what runs on its way out finds no store and no host."""


class Fate:
    """When a process dies, and what others do while it is at some point.

    Points are named for what is about to happen, or has just happened: ``commit``, ``committed``, ``put scan``,
    ``put push``, ``call files/tags/add``, ``called files/tags/add``…
    """

    def __init__(self) -> None:
        self.is_dead = False
        self._turn = threading.RLock()
        self._doom: tuple[str, int] | None = None
        self._meanwhile: tuple[str, int, Callable[[], None]] | None = None

    def doom(self, point: str, after: int) -> None:
        """Die at a point of this pattern, after so many others."""
        self._doom = (point, after)

    def meanwhile(self, point: str, after: int, what: Callable[[], None]) -> None:
        """Once, at a point of this pattern, something else happens while this process waits there."""
        self._meanwhile = (point, after, what)

    def spare(self) -> None:
        """Nothing is to happen any more."""
        self._doom = self._meanwhile = None

    def pass_by(self, point: str) -> None:
        """This process is at a point. Raises Death."""
        with self._turn:
            if self.is_dead:
                raise Death
            if self._meanwhile is not None and fnmatch.fnmatchcase(point, self._meanwhile[0]):
                pattern, left, what = self._meanwhile
                self._meanwhile = (pattern, left - 1, what) if left else None
                if not left:
                    what()
            if self._doom is not None and fnmatch.fnmatchcase(point, self._doom[0]):
                pattern, left = self._doom
                self._doom = (pattern, left - 1) if left else None
                if not left:
                    self.is_dead = True
                    raise Death


class Waiting:
    """A JobQueue that outlives processes, and whose jobs somebody else takes out; it may lose and double them."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def put(self, job: Job) -> None:
        """Have it done soon."""
        if job not in self.jobs:
            self.jobs.append(job)

    def depth(self) -> dict[str, int]:
        """How many jobs wait."""
        return {"io": len(self.jobs), "model": 0}


class MortalEngine(Engine):
    """An Engine of a process with a fate; vectors lie on a server that all processes share."""

    def __init__(self, settings: Settings, fate: Fate, waiting: Waiting, vectors: Vectors, encoder: Encoder) -> None:
        super().__init__(settings, do)
        self.fate = fate
        self.threads, self.queue = None, _Put(waiting, fate)
        self.store = _MortalStore(self.store, self.queue, settings.lease, fate)
        self.roads = self.paced = _MortalRoads(settings, self.store, self.vault, fate)
        self.indexes = vectors
        self._encoder = encoder

    def bury(self) -> None:
        """Let go of what the operating system would take back."""
        self.store.engine.dispose()


class _Put:
    def __init__(self, waiting: JobQueue, fate: Fate) -> None:
        self._waiting, self._fate = waiting, fate

    def put(self, job: Job) -> None:
        self._fate.pass_by(f"put {job.name}")
        self._waiting.put(job)

    def depth(self) -> dict[str, int]:
        return self._waiting.depth()


class _MortalStore(Store):
    def __init__(self, store: Store, queue: JobQueue, lease: float, fate: Fate) -> None:
        super().__init__(store.engine, queue, lease=lease)
        self._fate = fate

    @contextmanager
    def tenant(self, tenant: str, *, only_reads: bool = False) -> Iterator[TenantStore]:
        if self._fate.is_dead:
            raise Death
        with super().tenant(tenant, only_reads=only_reads) as mine:
            yield mine
            if not only_reads:
                self._fate.pass_by("commit")
        if not only_reads:
            self._fate.pass_by("committed")


class _MortalRoads(Roads):
    def __init__(self, settings: Settings, store: Store, vault: Any, fate: Fate) -> None:
        super().__init__(settings, store, vault)
        self._fate = fate

    def http(self, found: Manifest, bearer: Bearer | None = None, lanes: Lanes | None = None) -> Http:
        made = super().http(found, bearer, lanes)
        made.patience = (ANSWER, ANSWER)
        return _MortalHttp(made, self._fate)  # type: ignore[return-value]

    def hurry(self) -> None:
        """As fast as at first: a host that asks for patience again and again makes a test slow, and nothing else."""
        for lanes in self._lanes.values():
            lanes.read.rate = lanes.write.rate = 200.0


class _MortalHttp:
    def __init__(self, http: Http, fate: Fate) -> None:
        self._http, self._fate = http, fate

    def call(self, method: str, url: str, **more: Any) -> Answer:
        self._fate.pass_by(f"call {_route(url)}")
        answer = self._http.call(method, url, **more)
        self._fate.pass_by(f"called {_route(url)}")
        return answer

    def fetch(self, method: str, url: str, to: Path, *, limit: int, **more: Any) -> Answer:
        self._fate.pass_by(f"call {_route(url)}")
        answer = self._http.fetch(method, url, to, limit=limit, **more)
        self._fate.pass_by(f"called {_route(url)}")
        return answer


def _route(url: str) -> str:
    return url.split("/", 3)[3].removeprefix("2/")


__all__ = ["Death", "Fate", "MortalEngine", "Waiting"]
