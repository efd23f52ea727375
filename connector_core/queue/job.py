"""The JobQueue protocol: soon, at least once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do for a tenant: the name of a verb, and ids. What there is to do is in the store, not here."""

    name: str
    tenant: str
    args: tuple[str, ...] = ()


IO = frozenset({"forget", "listen", "scan", "push"})
"""verbs that wait for hosts or sweep up; all others need the encoder or a model, and are done by the other kind"""
KINDS = ("io", "model")
AHEAD = frozenset({"look"})
"""verbs that somebody waits for: they go before all others of their kind"""


def kind_of(job: Job) -> str:
    """Which workers do it."""
    return "io" if job.name in IO else "model"


class JobQueue(Protocol):
    """Where jobs go. A job that is lost is found again by the sweep; one that is done twice does no harm."""

    def put(self, job: Job) -> None:
        """Have it done soon. What is due later is in the store, and the sweep puts it when it is due."""
        ...

    def depth(self) -> dict[str, int]:
        """How many jobs wait, by kind (``io``, ``model``)."""
        ...
