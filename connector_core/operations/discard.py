"""Discard: vectors of encoders that neither look at photos any more nor serve a model are thrown away."""

from __future__ import annotations

import logging

from connector_core.engine import Engine

log = logging.getLogger(__name__)


def discard(engine: Engine, tenant: str) -> None:
    """Throw away what nobody needs. Killed in the middle, it is owed until it is done."""
    with engine.store.tenant(tenant, only_reads=True) as mine:
        if not mine.encoders.has_useless():
            return
    with engine.store.tenant(tenant) as mine:
        useless = mine.encoders.discard()
    for one in useless:
        engine.indexes.erase(tenant, one)
        log.info("vectors of %s (%s) of %s are thrown away", one.name, one.id, tenant)
    with engine.store.tenant(tenant) as mine:
        mine.encoders.discarded([one.id for one in useless])
