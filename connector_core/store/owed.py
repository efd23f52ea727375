"""What is owed by now, over all tenants: the one list that makes up for every job that was ever lost."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import chain, zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from connector_core.queue.job import Job
from connector_core.store.anew import wants_reembed
from connector_core.store.looks import KEPT, LOST
from connector_core.store.tables import assets, connections, looks, models, outbox, receipts, tenants

A, C, K, M, O, R, T = assets.c, connections.c, looks.c, models.c, outbox.c, receipts.c, tenants.c  # noqa: E741
OPEN = ("live", "down")
"""states of connections that are followed"""


def followed(now: float) -> ColumnElement[bool]:
    """Whether a connection may be asked for something."""
    return and_(C.retry_at <= now, C.paused.is_(False), C.state.in_(OPEN))


def wants_scan(now: float) -> ColumnElement[bool]:
    """Whether a connection is owed a scan that nobody is at."""
    return and_(C.wanted > C.scanned, C.scan_at <= now, C.scan_until <= now, followed(now))


def wants_ingest(now: float) -> ColumnElement[bool]:
    """Whether a connection has assets that are to be read."""
    home = and_(A.tenant == C.tenant, A.connection == C.id)
    waits = _any(select(A.id).where(home, A.state == "pending", A.due <= now).order_by(A.due, A.id))
    left = _any(select(A.id).where(home, A.state == "processing", A.until <= now).order_by(A.due, A.id))
    return and_(followed(now), or_(waits, left))


def wants_push(now: float) -> ColumnElement[bool]:
    """Whether a connection is to be written to."""
    home = and_(O.tenant == C.tenant, O.connection == C.id)
    due = _any(select(O.asset).where(home, O.due <= now, O.until <= now).order_by(O.due, O.asset))
    return and_(followed(now), C.writes.is_(True), due)


def wants_training(now: float) -> ColumnElement[bool]:
    """Whether a model waits to be trained, or its worker has fallen silent."""
    return or_(M.state == "wanted", and_(M.state == "training", M.until <= now))


def _any(asked: Select[Any]) -> ColumnElement[bool]:
    """Whether there is one. The order is that of an index, so that Postgres does not look through the whole table."""
    return asked.limit(1).scalar_subquery().is_not(None)


def owed(connection: Connection) -> list[Job]:
    """A job for everything that is owed, a query for each kind: one of each tenant in turn, the oldest first."""
    now, found = time.time(), dict[str, list[Job]]()
    for name, asked in _asked(now):
        for row in connection.execute(asked.order_by(*asked.selected_columns)):
            tenant, *args = map(str, row)
            found.setdefault(tenant, []).append(Job(name, tenant, tuple(args)))
    return _in_turn(found[tenant] for tenant in sorted(found))


def _asked(now: float) -> list[tuple[str, Select[Any]]]:
    in_use = and_(M.tenant == T.id, M.state == "live")
    behind = or_(T.judged != M.id, T.judged_lesson < T.lesson)
    erasing = or_(R.finished == 0.0, and_(R.again > 0.0, R.again <= now))
    return [
        ("look", select(K.tenant, K.id).where(K.state == "waiting", K.created < now - LOST)),
        ("scan", select(C.tenant, C.id).where(wants_scan(now))),
        ("ingest", select(C.tenant, C.id).where(wants_ingest(now))),
        ("push", select(C.tenant, C.id).where(wants_push(now))),
        ("learn", select(M.tenant, M.id).where(wants_training(now))),
        ("predict", select(T.id).join_from(tenants, models, in_use).where(behind)),
        ("reembed", select(T.id).where(wants_reembed(now))),
        ("forget", select(K.tenant).where(K.created < now - KEPT).distinct()),
        ("erase", select(R.tenant, R.id).where(erasing)),
    ]


def _in_turn(rows: Iterable[list[Job]]) -> list[Job]:
    """No tenant's jobs wait for all of another's."""
    return [job for job in chain.from_iterable(zip_longest(*rows)) if job is not None]
