"""Listen: a host is asked, asset after asset, what people changed there; hosts do not tell of it by themselves."""

from __future__ import annotations

import logging
import time

from connector_core.connector import ReportsEdits
from connector_core.engine import Engine
from connector_core.operations.push import hear

log = logging.getLogger(__name__)

TOGETHER = 250
"""assets a job: then it goes to the end of the queue"""


def listen(engine: Engine, tenant: str, connection: str) -> None:
    """Go on with the round through a connection's assets, if nobody is writing there, and put the job again.

    What is about to be written is left out: whoever writes it asks first, so nothing half-written looks like a
    person's.
    """
    with engine.store.tenant(tenant) as mine:
        if not mine.connections.claim_push(connection, to_write=False):
            return
        linked = mine.connections.get(connection)
        some = mine.assets.read_after(connection, linked.heard, TOGETHER, owed=not linked.writes)
    started, heard = time.monotonic(), 0
    try:
        connector = engine.connector(tenant, linked)
        if some and isinstance(connector, ReportsEdits):
            heard = hear(engine, tenant, connector, [one.id for one in some])
    finally:
        with engine.store.tenant(tenant) as mine:
            mine.connections.keep_push(connection, lease=0.0)
    with engine.store.tenant(tenant) as mine:
        mine.connections.listened(connection, some[-1].id if len(some) == TOGETHER else "")
        if len(some) == TOGETHER:
            mine.later("listen", connection)
    log.info("asked for edits of %d of %s: %d, %.1fs", len(some), connection, heard, time.monotonic() - started)
