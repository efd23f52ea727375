"""An alarm: jobs that are to be put a moment later. One that is lost with its process is found by the sweep."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from connector_core.queue.job import Job

log = logging.getLogger(__name__)


class Alarm:
    """Puts each job once, when its time has come; setting it again moves it. Safe for threads."""

    def __init__(self, put: Callable[[Job], None]) -> None:
        self._put = put
        self._due: dict[Job, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def set(self, after: float, job: Job) -> None:
        """Put the job after so many seconds."""
        with self._changed:
            self._due[job] = time.monotonic() + after
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._run, name="alarm", daemon=True)
                self._thread.start()
            self._changed.notify()

    def stop(self) -> None:
        """Forget what has not come yet."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(10)

    def _run(self) -> None:
        while (ripe := self._next()) is not None:
            for job in ripe:
                try:
                    self._put(job)
                except Exception:
                    log.exception("%s could not be put; the sweep will", job)

    def _next(self) -> list[Job] | None:
        """The jobs whose time has come, as soon as there are any; None: stopped."""
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                ripe = [job for job, due in self._due.items() if due <= now]
                if ripe:
                    for job in ripe:
                        del self._due[job]
                    return ripe
                self._changed.wait(min(self._due.values()) - now if self._due else None)
            return None
