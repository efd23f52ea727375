"""Ingest: an asset's bytes are fetched and looked at once; what they became is kept, and tags are predicted."""

from __future__ import annotations

import functools
import logging
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from connector_core.connector import Connector
from connector_core.engine import Engine
from connector_core.errors import Reconnect, Retry
from connector_core.operations.fetch import Fate, Work, excuse, fetch
from connector_core.operations.predict import Judged, judge
from connector_core.operations.sight import Sight, open_sight
from connector_core.store.rows import State
from connector_core.store.store import TenantStore
from model_service.features.extract import Source, extract
from model_service.types import Features, Picture

log = logging.getLogger(__name__)

TOGETHER = 32
"""assets a job: then it goes to the end of the queue, so that no tenant waits for another's whole library"""
FETCHERS = 4
"""assets that are fetched from a host, or read, at the same time"""
BATCH = 8
"""pictures that the encoder looks at together, while the next ones are fetched"""
QUALITY = 88
"""of renditions"""


def ingest(engine: Engine, tenant: str, connection: str) -> None:
    """Read a handful of assets of a connection that are due, and put the job again while there are more."""
    with engine.store.tenant(tenant) as mine:
        linked = mine.connections.get(connection)
        claimed = [] if linked.paused else mine.assets.claim(connection, TOGETHER)
    if not claimed:
        return
    started = time.monotonic()
    work = Work({one.id: Fate(one) for one in claimed})
    with tempfile.TemporaryDirectory(prefix="propernoun-") as folder:
        sight = open_sight(engine, tenant)
        served = _look(engine, tenant, engine.connector(tenant, linked), work, Path(folder), sight)
    excuse(work)
    judged = _judge(engine, tenant, work, sight, served)
    read = [fate for fate in work.fates.values() if fate.features is not None]
    with engine.store.tenant(tenant) as mine:
        kept = {fate.asset.id: fate for fate in work.fates.values() if _settle(mine, fate, sight.used.fingerprint.id)}
        seen = {asset: fate.asset.batch for asset, fate in kept.items() if fate.features is not None}
        mine.examples.changed(list(seen))
        if sight.is_blind:
            mine.judgements.drop(list(seen))
        judged.store(mine, seen, anew=True)
        if sight.is_blind:
            mine.assets.wait(list(seen), sight.reason)
        elif seen and judged.is_old(mine):
            mine.unjudged()
            mine.later("predict")
        mine.later("ingest", connection)
        if isinstance(work.stopped, Retry):
            mine.connections.troubled(connection, retry_at=time.time() + work.stopped.after, reason=str(work.stopped))
        elif isinstance(work.stopped, Reconnect):
            mine.connections.troubled(connection, state="reconnect", reason=str(work.stopped))
    log.info("ingested %d of %s, %.1fs", len(read), connection, time.monotonic() - started)


def _judge(engine: Engine, tenant: str, work: Work, sight: Sight, served: Mapping[str, Features]) -> Judged:
    """Keep the vectors, and ask the live model; where neither can be done now, everything is tried again later."""
    read = {asset: fate.features for asset, fate in work.fates.items() if fate.features is not None}
    try:
        if read:
            sight.keep(engine, tenant, read, {} if sight.old is None else served)
        return judge(engine, tenant, served, sight.serving.id)
    except Retry as error:
        work.stopped = error
        for asset in read:
            work.fates[asset] = Fate(work.fates[asset].asset, state=State.PENDING, is_tried=False)
        return Judged(())


def _look(
    engine: Engine, tenant: str, connector: Connector, work: Work, folder: Path, sight: Sight
) -> Mapping[str, Features]:
    """Look at each picture once, while others are fetched; the features that the live model can judge."""
    pictures: dict[str, Picture] = {}

    def keep(asset: str, picture: Picture) -> None:
        place = engine.rendition(tenant, asset)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(".draft")
        Image.fromarray(picture).save(draft, "JPEG", quality=QUALITY)
        draft.replace(place)
        if sight.old is not None:
            pictures[asset] = picture

    sources = [
        Source(asset, functools.partial(fetch, connector, work, fate, folder / asset))
        for asset, fate in work.fates.items()
    ]
    for found in extract(sources, sight.used, batch=BATCH, workers=FETCHERS, show=keep):
        fate = work.fates[found.asset]
        if found.features is None:
            if fate.state == State.PROCESSING:  # it was fetched, and could not be read
                fate.state, fate.reason = State.SKIPPED, found.reason
        else:
            fate.state, fate.features = State.READY, found.features
    if sight.old is not None:
        return sight.again(pictures)
    read = {asset: fate.features for asset, fate in work.fates.items() if fate.features is not None}
    return {} if sight.is_blind else read


def _settle(mine: TenantStore, fate: Fate, encoder: str) -> bool:
    more: dict[str, object] = {"encoder": encoder} if fate.features is not None else {}
    if not fate.is_tried:
        more["attempts"] = fate.asset.attempts - 1
    return mine.assets.done(fate.asset, fate.state, fate.reason, due=fate.due, **more)
