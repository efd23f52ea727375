"""The sweep: whatever is owed is found and put into the queue again, whoever died and whatever was lost."""

from __future__ import annotations

import logging
import threading
import time

from connector_core import manifest
from connector_core.connector import ReportsEdits
from connector_core.engine import Engine
from connector_core.errors import Gone
from connector_core.queue.job import Job

log = logging.getLogger(__name__)

LISTEN = 3600.0
"""seconds after which people's edits in a host are asked for, unless its manifest says otherwise"""
POLL = 300.0
"""seconds after which a host is asked for changes although it called nobody, unless its manifest says otherwise"""


def sweep(engine: Engine) -> int:
    """Put a job for everything that is owed: what was lost, what is due now, what a dead worker left; how many."""
    _poll(engine)
    owed = engine.store.owed() + _unheard(engine)
    for job in owed:
        engine.queue.put(job)
    return len(owed)


def notice(engine: Engine) -> None:
    """Have a worker load the encoder, that it is known whether it is another one than before; nobody else may."""
    for tenant in engine.store.tenants()[:1]:
        engine.queue.put(Job("reembed", tenant))


def _poll(engine: Engine) -> None:
    """Wake connections that have not been followed for long: webhooks are hints, and some hosts send none."""
    for host in manifest.hosts():
        every = float(manifest.load(host).limits.get("poll_seconds", POLL))
        for tenant, connection in engine.store.quiet(host, time.time() - every):
            try:
                with engine.store.tenant(tenant) as mine:
                    mine.connections.wake(connection)
            except Gone:
                continue


def _unheard(engine: Engine) -> list[Job]:
    """Jobs to ask what people changed in hosts that can say so, and tell nobody by themselves."""
    found = []
    for host in manifest.hosts():
        told = manifest.load(host)
        if ReportsEdits.__name__ in told.abilities:
            every = float(told.limits.get("listen_seconds", LISTEN))
            unheard = engine.store.unheard(host, time.time() - every)
            found += [Job("listen", tenant, (connection,)) for tenant, connection in unheard]
    return found


class Sweeper:
    """A thread that sweeps as long as its process lives. Several processes may have one; it does no harm."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        """Begin, with a first sweep at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the sweep that is going on."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def _run(self) -> None:
        is_first = True
        while not self._stopped.is_set():
            try:
                if is_first:
                    notice(self._engine)
                is_first = False
                sweep(self._engine)
            except Exception:
                # The database or the queue may be away: the next sweep tries again, however long that takes.
                log.exception("the sweep failed")
            self._stopped.wait(self._engine.settings.sweep)
