"""Scan: what changed in a host since the cursor goes into the store, page by page."""

from __future__ import annotations

import logging
import time

from connector_core.connector import walk
from connector_core.engine import Engine
from connector_core.errors import StaleCursor
from connector_core.operations.predict import owe, settle
from connector_core.store.rows import Linked
from connector_core.store.store import TenantStore
from connector_core.store.within import Within
from model_service.errors import TaggingError

log = logging.getLogger(__name__)


def scan(engine: Engine, tenant: str, connection: str) -> None:
    """Follow a connection up to now. A killed scan goes on at the last page that is in the store.

    Where the host has forgotten the cursor, everything is listed again and compared: nothing that was learned or
    tagged is lost by that. Does nothing if no scan is owed, or if somebody is at it.
    """
    with engine.store.tenant(tenant) as mine:
        claimed = mine.connections.claim_scan(connection)
    if claimed is None:
        return
    started, new = time.monotonic(), 0
    try:
        try:
            new = _follow(engine, tenant, claimed)
        except StaleCursor:
            with engine.store.tenant(tenant) as mine:
                mine.connections.restart(connection)
                claimed = mine.connections.get(connection)
            new = _follow(engine, tenant, claimed)
    except TaggingError:
        with engine.store.tenant(tenant) as mine:
            mine.connections.let_go(connection)
        raise
    with engine.store.tenant(tenant) as mine:
        if mine.connections.scanned(connection, claimed.wanted, claimed.round):
            mine.later("scan", connection)
    log.info("scanned %s: %d to read, %.1fs", connection, new, time.monotonic() - started)


def _follow(engine: Engine, tenant: str, linked: Linked) -> int:
    connector = engine.connector(tenant, linked)
    # A listing that was cut off began in this round as well, so it is a whole one when it comes to its end.
    whole, new, batch = linked.listed == 0, 0, ""
    for page in walk(connector, linked.cursor):
        with engine.store.tenant(tenant) as mine:
            within = Within.of(mine.connections.get(linked.id).settings)  # it may change while this goes on
            if page.assets and not batch:
                batch = _batch(mine, linked)
            back = mine.returns.of(linked.id, page.assets)
            found = mine.assets.seen(linked.id, page.assets, linked.round, batch, within)
            if back:
                mine.returns.welcome(back)
                settle(mine, back)
                owe(mine, back, batch)
            mine.connections.moved(linked.id, page.cursor, linked.round)
            if found:
                mine.later("ingest", linked.id)
            new += found
        for note in page.notes:
            log.warning("left out of %s: %s", linked.id, note)
    if whole:
        with engine.store.tenant(tenant) as mine:
            mine.assets.gone_since(linked.id, linked.round)
    return new


def _batch(mine: TenantStore, linked: Linked) -> str:
    """The batch that new assets belong to: the whole library at first, later a day's uploads."""
    if linked.round == 0 and linked.listed == 0:
        return mine.pushes.batch_of("library", f"{linked.title}: the library")
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return mine.pushes.batch_of("uploads", f"{linked.title}: uploads of {day}")
