"""Reembed: kept pictures are looked at anew when the encoder has changed, while the model of the old one serves."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from connector_core.engine import Engine
from connector_core.operations.discard import discard
from connector_core.operations.learn import want
from connector_core.store.rows import Kept
from connector_core.store.store import TenantStore
from model_service.features.extract import Source, extract
from model_service.index.index import Entry

log = logging.getLogger(__name__)

TOGETHER = 32
"""photos a job: then it goes to the end of the queue, behind the photos that people have just added"""


def reembed(engine: Engine, tenant: str) -> None:
    """Look anew at a handful of photos that the encoder in use has not seen; put the job again while there are more.

    No host is asked for anything: the pictures are those that ingesting has kept. When all have been seen, a model of
    the new encoder is asked for; when that one is in use, the vectors of the old one go. Killed at any point, it goes
    on where it was.
    """
    discard(engine, tenant)
    encoder = engine.encoder
    with engine.store.tenant(tenant) as mine:
        if mine.tenant().encoder != encoder.fingerprint.id:
            return  # a process that was started with the newer encoder does it
        mine.encoders.keep(encoder.fingerprint)
        claimed = mine.encoders.claim(TOGETHER)
        if not claimed:
            _go_on(mine)
            return
    started = time.monotonic()
    seen = _look(engine, tenant, claimed)
    with engine.store.tenant(tenant) as mine:
        changed = mine.encoders.looked([one for one in claimed if one.id in seen], encoder.fingerprint.id)
        mine.assets.again(changed)
        mine.encoders.unread([one.id for one in claimed if one.id not in seen])
        mine.later("reembed")
    log.info("looked anew at %d of %s, %.1fs", len(seen), tenant, time.monotonic() - started)


def _look(engine: Engine, tenant: str, claimed: Sequence[Kept]) -> set[str]:
    """Have vectors of these in the index; which of them are."""
    encoder = engine.encoder
    index = engine.vectors(tenant, encoder.fingerprint)
    # It may be the encoder of a while ago, which has seen most of them.
    seen = set(index.get([one.id for one in claimed]))
    sources = [Source(one.id, engine.rendition(tenant, one.id)) for one in claimed if one.id not in seen]
    read = {found.asset: found.features for found in extract(sources, encoder)}
    entries = [Entry(asset, features) for asset, features in read.items() if features is not None]
    index.put(entries)
    return seen | {one.asset for one in entries}


def _go_on(mine: TenantStore) -> None:
    """Everything has been seen, or others are at it: what follows from that."""
    if mine.encoders.left():
        return
    for model in mine.models.owed():
        mine.later("learn", model)
    live, wanted = mine.models.live(), mine.encoders.wanted()
    if mine.encoders.wants_training() and wanted is not None:
        want(mine, wanted.id)
    elif live is not None and wanted is not None and live.encoder == wanted.id and mine.encoders.waits():
        mine.unjudged()
        mine.later("predict")
