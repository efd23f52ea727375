"""Scope: a person says which folder of a connection is looked at, and how far back."""

from __future__ import annotations

from dataclasses import dataclass

from connector_core.store.store import TenantStore
from connector_core.store.within import Within


@dataclass(frozen=True, slots=True)
class Moved:
    """How many assets a new scope brings in and leaves out."""

    brought_in: int
    left_out: int


def set_scope(mine: TenantStore, connection: str, *, folder: str = "", since: str = "", person: str) -> Moved:
    """Look at this folder only, and at nothing that last changed before this day; empty: at everything.

    What is now outside is skipped; tags that it has stay. What is inside again is read. Raises Gone, Refuse.
    """
    linked = mine.connections.get(connection)
    new, old = Within.of({"folder": folder, "since": since}), Within.of(linked.settings)
    mine.connections.set(connection, settings={**linked.settings, "folder": new.folder, "since": new.since})
    mine.access.log(person, "scope", connection, {"folder": new.folder, "since": new.since})
    moved = Moved(mine.assets.bring_in(connection, new), mine.assets.leave_out(connection, new))
    if moved.brought_in:
        mine.later("ingest", connection)
    if new.folder != old.folder:
        # A host may have listed the old folder alone: everything is listed anew and compared.
        mine.connections.restart(connection)
        mine.connections.wake(connection)
        mine.later("scan", connection)
    return moved


def pause(mine: TenantStore, connection: str, *, person: str) -> None:
    """Read and write nothing more of a connection, from the next handful of assets on. Raises Gone."""
    mine.connections.set(connection, paused=True)
    mine.access.log(person, "pause", connection)


def resume(mine: TenantStore, connection: str, *, person: str) -> None:
    """Go on where it was paused. Raises Gone."""
    mine.connections.set(connection, paused=False, retry_at=0.0)
    mine.access.log(person, "resume", connection)
    for verb in ("scan", "ingest", "push"):
        mine.later(verb, connection)
