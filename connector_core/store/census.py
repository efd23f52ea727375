"""The census: how much there is of everything, over all tenants, and of whom it is says nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from connector_core.store.tables import assets, outbox


@dataclass(frozen=True, slots=True)
class Census:
    """Counts, and how long the oldest thing has been owed, in seconds."""

    assets: Mapping[str, int]
    """by state"""
    outbox: int
    unread: float
    """age of the oldest asset that waits to be read"""
    unwritten: float
    """age of the oldest push"""


def census(engine: Engine) -> Census:
    """What there is by now."""
    with engine.connect().execution_options(only_reads=True) as connection, connection.begin():
        states = connection.execute(select(assets.c.state, func.count()).group_by(assets.c.state))
        by_state = {state: count for state, count in states}
        unread = connection.scalar(select(func.min(assets.c.updated)).where(assets.c.state == "pending"))
        owed, since = connection.execute(select(func.count(), func.min(outbox.c.since)).select_from(outbox)).one()
    now = time.time()
    return Census(by_state, owed, max(0.0, now - unread) if unread else 0.0, max(0.0, now - since) if since else 0.0)
