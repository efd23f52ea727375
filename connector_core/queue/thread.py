"""A JobQueue in this process: threads do the jobs. What is queued is lost with the process; the sweep finds it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from connector_core.queue.job import AHEAD, KINDS, Job, kind_of


class ThreadQueue:
    """One thread for jobs that wait for hosts, one for those that compute. ``run`` never raises."""

    def __init__(self, run: Callable[[Job], None]) -> None:
        self._run = run
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[Job]] = {kind: deque() for kind in KINDS}
        self._busy = 0
        self._stopped = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work."""
        for kind in KINDS:
            thread = threading.Thread(target=self._work, args=(kind,), name=f"jobs-{kind}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def put(self, job: Job) -> None:
        """Have it done soon; one that waits already is not queued twice."""
        with self._changed:
            waiting = self._waiting[kind_of(job)]
            if not self._stopped and job not in waiting:
                waiting.insert(_place(waiting, job), job)
                self._changed.notify_all()

    def depth(self) -> dict[str, int]:
        """How many jobs wait, by kind."""
        with self._changed:
            return {kind: len(jobs) for kind, jobs in self._waiting.items()}

    def idle(self, timeout: float = 60.0) -> bool:
        """Wait until nothing is queued and nothing is being done; false if that took too long."""
        until = time.monotonic() + timeout
        with self._changed:
            while self._busy or any(self._waiting.values()):
                if not self._changed.wait(until - time.monotonic()):
                    return False
        return True

    def stop(self, timeout: float = 60.0) -> None:
        """Finish what is being done, leave the rest, and end."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout)

    def _work(self, kind: str) -> None:
        waiting = self._waiting[kind]
        while True:
            with self._changed:
                while not (waiting or self._stopped):
                    self._changed.wait()
                if self._stopped:
                    return
                job = waiting.popleft()
                self._busy += 1
            try:
                self._run(job)
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()


def _place(waiting: deque[Job], job: Job) -> int:
    """Where it joins those that wait: at the end, or behind those that somebody waits for as well."""
    if job.name not in AHEAD:
        return len(waiting)
    return next((place for place, one in enumerate(waiting) if one.name not in AHEAD), len(waiting))
