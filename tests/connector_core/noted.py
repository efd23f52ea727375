"""A queue that only remembers."""

from __future__ import annotations

from connector_core.queue.job import Job


class Noted:
    """What was put, in its order."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def put(self, job: Job) -> None:
        self.jobs.append(job)

    def depth(self) -> dict[str, int]:
        return {}
