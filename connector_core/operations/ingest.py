"""Ingest: an asset's bytes are fetched and looked at once; what they became is kept, and tags are predicted."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from connector_core.connector import Connector
from connector_core.engine import Engine
from connector_core.errors import Gone, Reconnect, Retry
from connector_core.operations.predict import Judged, judge
from connector_core.operations.sight import Sight, open_sight
from connector_core.store.assets import TRIES
from connector_core.store.rows import Kept, State
from connector_core.store.store import TenantStore
from connector_core.types import Asset
from model_service.errors import Skip, TaggingError
from model_service.features.extract import Source, extract
from model_service.types import Features, Picture

log = logging.getLogger(__name__)

TOGETHER = 16
"""assets a job: then it goes to the end of the queue, so that no tenant waits for another's whole library"""
QUALITY = 88
"""of renditions"""


@dataclass(slots=True)
class _Fate:
    """What becomes of one claimed asset."""

    asset: Kept
    features: Features | None = None
    state: State = State.PROCESSING
    reason: str = ""
    due: float = 0.0


@dataclass(slots=True)
class _Work:
    fates: dict[str, _Fate] = field(default_factory=dict)
    stopped: TaggingError | None = None
    """the host wants no more for now"""


def ingest(engine: Engine, tenant: str, connection: str) -> None:
    """Read a handful of assets of a connection that are due, and put the job again while there are more."""
    with engine.store.tenant(tenant) as mine:
        linked = mine.connections.get(connection)
        claimed = [] if linked.paused else mine.assets.claim(connection, TOGETHER)
    if not claimed:
        return
    started = time.monotonic()
    work = _Work({one.id: _Fate(one) for one in claimed})
    with tempfile.TemporaryDirectory(prefix="propernoun-") as folder:
        files = _fetch(engine.connector(tenant, linked), work, Path(folder))
        sight = open_sight(engine, tenant)
        served = _look(engine, tenant, work, files, sight)
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
            mine.connections.set(connection, retry_at=time.time() + work.stopped.after, reason=str(work.stopped))
        elif isinstance(work.stopped, Reconnect):
            mine.connections.set(connection, state="reconnect", reason=str(work.stopped))
    log.info("ingested %d of %s, %.1fs", len(read), connection, time.monotonic() - started)


def _fetch(connector: Connector, work: _Work, folder: Path) -> dict[str, Path]:
    """Download, one after the other: hosts do not like many at once."""
    files = {}
    for asset, fate in work.fates.items():
        one = fate.asset
        if work.stopped is not None:
            fate.state = State.PENDING
            continue
        place = folder / asset
        try:
            known = Asset(one.host_id, one.version, one.name, one.size, one.media_type, path=one.path)
            connector.download(known, place)
            files[asset] = place
        except Gone as error:
            fate.state, fate.reason = State.GONE, str(error)
        except Skip as error:
            fate.state, fate.reason = State.SKIPPED, str(error)
        except Reconnect as error:
            fate.state, work.stopped = State.PENDING, error
        except Retry as error:
            _again(fate, error)
            work.stopped = error if error.after else None
        except TaggingError as error:
            fate.state, fate.reason = State.FAILED, str(error)
    return files


def _again(fate: _Fate, error: Retry) -> None:
    """Try later, with more and more patience; after a while it has failed."""
    if fate.asset.attempts >= TRIES:
        fate.state, fate.reason = State.FAILED, f"{error} That was the {fate.asset.attempts}th try."
    else:
        fate.state, fate.reason = State.PENDING, str(error)
        fate.due = time.time() + max(error.after, 4.0**fate.asset.attempts)


def _judge(engine: Engine, tenant: str, work: _Work, sight: Sight, served: Mapping[str, Features]) -> Judged:
    """Keep the vectors, and ask the live model; where neither can be done now, everything is tried again later."""
    read = {asset: fate.features for asset, fate in work.fates.items() if fate.features is not None}
    try:
        if read:
            sight.keep(engine, tenant, read, {} if sight.old is None else served)
        return judge(engine, tenant, served, sight.serving.id)
    except Retry as error:
        work.stopped = error
        for asset in read:
            work.fates[asset] = _Fate(work.fates[asset].asset, state=State.PENDING)
        return Judged(())


def _look(engine: Engine, tenant: str, work: _Work, files: Mapping[str, Path], sight: Sight) -> Mapping[str, Features]:
    """Look at each picture once; the features that the live model can judge."""
    pictures: dict[str, Picture] = {}

    def keep(asset: str, picture: Picture) -> None:
        place = engine.rendition(tenant, asset)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(".draft")
        Image.fromarray(picture).save(draft, "JPEG", quality=QUALITY)
        draft.replace(place)
        if sight.old is not None:
            pictures[asset] = picture

    sources = [Source(asset, file) for asset, file in files.items()]
    for found in extract(sources, sight.used, show=keep):
        fate = work.fates[found.asset]
        if found.features is None:
            fate.state, fate.reason = State.SKIPPED, found.reason
        else:
            fate.state, fate.features = State.READY, found.features
    if sight.old is not None:
        return sight.again(pictures)
    read = {asset: fate.features for asset, fate in work.fates.items() if fate.features is not None}
    return {} if sight.is_blind else read


def _settle(mine: TenantStore, fate: _Fate, encoder: str) -> bool:
    more: dict[str, object] = {"encoder": encoder} if fate.features is not None else {}
    if fate.state == State.PENDING and not fate.due:
        more["attempts"] = fate.asset.attempts - 1  # it was not even tried
    return mine.assets.done(fate.asset, fate.state, fate.reason, due=fate.due, **more)
