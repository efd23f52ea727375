"""Progress: how far a connection has been read and when that will be done; and what would be written to it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from connector_core.store.rows import Linked, State
from connector_core.store.store import TenantStore

RECENT = 300.0
"""seconds whose pace is told"""
LEAST = 5.0
"""seconds that a pace is told from, at least"""
WAITING = (State.PENDING, State.PROCESSING)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the reading of a connection stands."""

    state: str
    """``listing`` (the host is still being listed, so nobody knows how much there is), ``reading``, ``done``; or why
    nothing goes on: ``paused``, ``down``, ``reconnect``, ``off``"""
    reason: str
    """a sentence, where there is something to say"""
    counts: Mapping[str, int]
    """assets by state"""
    total: int
    """assets that are in the host, as far as it has been listed"""
    done: int
    share: float
    """of the total, in [0, 1]"""
    rate: float
    """assets a second over the last minutes"""
    eta: float | None
    """seconds until all is read at this rate; None where nobody can say"""
    owed: int
    """assets whose tags are still to be written"""


def progress(mine: TenantStore, connection: str) -> Progress:
    """Where a connection stands by now. Raises Gone."""
    linked, counts = mine.connections.get(connection), mine.connections.counts(connection)
    total = sum(count for state, count in counts.items() if state != State.GONE)
    waiting = sum(counts.get(state, 0) for state in WAITING)
    rate, state = _rate(mine, connection), _state(linked, waiting)
    eta = waiting / rate if state == "reading" and rate > 0 else 0.0 if state == "done" else None
    share = (total - waiting) / total if total else float(state == "done")
    owed = mine.pushes.count(connection)
    return Progress(state, linked.reason, counts, total, total - waiting, share, rate, eta, owed)


@dataclass(frozen=True, slots=True)
class Planned:
    """What would be written to a connection, and taken away from it, if it were written to now."""

    added: int
    photos: int
    """that these would be written to"""
    removed: int
    by_tag: Mapping[str, tuple[int, int]]
    """how many of each tag would be written and taken away"""

    def __str__(self) -> str:
        told = f"would write {self.added:,} tags to {self.photos:,} photos"
        return f"{told}, take {self.removed:,} away" if self.removed else told


def planned(mine: TenantStore, connection: str) -> Planned:
    """What is missing in the host and what is too much there, by what is known now. Raises Gone."""
    mine.connections.get(connection)
    missing, surplus = mine.plans.missing(connection), mine.plans.surplus(connection)
    tags = sorted({*missing.tags, *surplus.tags})
    by_tag = {tag: (missing.tags.get(tag, 0), surplus.tags.get(tag, 0)) for tag in tags}
    return Planned(sum(missing.tags.values()), missing.assets, sum(surplus.tags.values()), by_tag)


def _state(linked: Linked, waiting: int) -> str:
    if linked.state in ("reconnect", "off"):
        return linked.state
    if linked.paused:
        return "paused"
    if linked.state == "down" or linked.retry_at > time.time():
        return "down"
    if not linked.listed:
        return "listing"
    return "reading" if waiting else "done"


def _rate(mine: TenantStore, connection: str) -> float:
    """Assets a second, since the first of those that were read lately."""
    now = time.time()
    count, first = mine.assets.pace(connection, now - RECENT)
    return count / (now - first) if count and now - first >= LEAST else 0.0
