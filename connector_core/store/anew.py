"""Looking anew: which tenants are owed something since the encoder has changed, as conditions for the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from connector_core.store.rows import State
from connector_core.store.tables import assets, encoders, examples, models, tenants

A, E, M, T, X = assets.c, encoders.c, models.c, tenants.c, examples.c
TO_READ = (State.PENDING, State.PROCESSING)
"""states of photos whose bytes are to be read: that brings vectors of the encoder in use, too"""


def wants_reembed(now: float) -> ColumnElement[bool]:
    """Whether a tenant has photos to be looked at anew, lacks a model of that encoder, or has vectors to throw away."""
    anew = [_has_other(one, A.until <= now) for one in other_than(T.encoder)]
    left = [_has_other(one) for one in other_than(T.encoder)]
    useless = exists().where(E.tenant == T.id, or_(E.dropped, ~is_needed()))
    return and_(T.encoder != "", or_(*anew, useless, and_(wants_successor(), ~or_(*left))))


def other_than(encoder: Any) -> list[ColumnElement[bool]]:
    """Photos with vectors of another encoder: two conditions, for each is a stretch of an index."""
    return [A.encoder > encoder, and_(A.encoder < encoder, A.encoder > "")]


def wants_successor() -> ColumnElement[bool]:
    """Whether a tenant's live model is of another encoder, none of the one in use is there, and no example is to come.

    Photos that the encoder has yet to look at are not asked about.
    """
    later = models.alias()
    of_it = exists().where(later.c.tenant == M.tenant, later.c.encoder == T.encoder, later.c.number > M.number)
    lacks = ~of_it.correlate(models, tenants)
    live = exists().where(M.tenant == T.id, M.state == "live", M.encoder != T.encoder, lacks)
    example = (X.tenant == T.id, X.yes.is_(True), A.tenant == X.tenant, A.id == X.asset)
    to_come = exists().where(*example, A.state.in_(TO_READ))
    return and_(T.encoder != "", live, ~to_come)


def is_needed() -> ColumnElement[bool]:
    """Whether an encoder is the one in use, or that of the live model."""
    return or_(E.id == T.encoder, exists().where(M.tenant == E.tenant, M.state == "live", M.encoder == E.id))


def _has_other(other: ColumnElement[bool], *more: ColumnElement[bool]) -> ColumnElement[bool]:
    # In order and with a limit: Postgres answers a bare EXISTS by reading the whole table, if it expects many.
    asked = select(A.id).where(A.tenant == T.id, other, A.state.not_in(TO_READ), *more).order_by(A.encoder).limit(1)
    return asked.correlate(tenants).scalar_subquery().is_not(None)
