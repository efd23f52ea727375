"""Learn: a tenant's examples become a model with its report; the first one is put to use, later ones are compared."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from connector_core.beat import beating
from connector_core.engine import Engine
from connector_core.operations.promote import promote
from connector_core.operations.succeed import examples, held
from connector_core.store.store import TenantStore
from model_service.bundle import save_bundle
from model_service.encoders.encoder import Fingerprint
from model_service.errors import Refuse
from model_service.training.train import train

log = logging.getLogger(__name__)


def learn(engine: Engine, tenant: str, model: str) -> None:
    """Train the model that was asked for. A killed training begins anew; one that cannot work says why.

    While an encoder takes over from another, models are still of the old one, for only that one has seen every
    example. Where there is no such model either, the training waits until all was looked at.
    """
    with engine.store.tenant(tenant, only_reads=True) as mine:
        is_looking = mine.encoders.left()
        used = _before(mine) if is_looking else mine.encoders.wanted()
    if is_looking and used is None:
        return
    used = used or engine.encoder.fingerprint
    with engine.store.tenant(tenant) as mine:
        claimed = mine.models.claim(model)
        if claimed is None:
            return
        lesson, taught = mine.tenant().lesson, mine.examples.taught()
    started = time.monotonic()
    try:
        with beating(lambda: _beat(engine, tenant, model), engine.settings.lease / 3):
            known = examples(engine, tenant, used, taught)
            trained = train(known, used, risk=claimed.risk)
            save_bundle(trained, engine.home(tenant) / "models" / model)
            trial = held(engine, tenant, trained, known, taught)
    except Refuse as error:
        with engine.store.tenant(tenant) as mine:
            mine.models.fail(model, _named(mine, str(error)))
        return
    with engine.store.tenant(tenant) as mine:
        mine.models.finish(model, lesson=lesson, encoder=used.id, report=trained.report.to_json())
        if mine.models.live() is None:
            promote(mine, model, person="")
        elif trial is not None:
            trial.settle(mine, model)
    log.info("trained model %d of %s on %d, %.1fs", claimed.number, tenant, len(known), time.monotonic() - started)


def _before(mine: TenantStore) -> Fingerprint | None:
    """The encoder of the live model, if that is another one than the one that is still looking."""
    live, wanted = mine.models.live(), mine.encoders.wanted()
    before = mine.encoders.of(live.encoder) if live is not None else None
    return None if before is None or wanted is None or before.id == wanted.id else before


def _beat(engine: Engine, tenant: str, model: str) -> None:
    with engine.store.tenant(tenant) as mine:
        mine.models.keep(model)


def want(mine: TenantStore, encoder: str, *, risk: float | None = None) -> str:
    """Ask for a training with everything that is known now; the id of the model to be."""
    model = mine.models.want(mine.tenant().risk if risk is None else risk, encoder)
    mine.later("learn", model)
    return model


def report_of(mine: TenantStore, model: str) -> dict[str, Any]:
    """The report of a model, with names instead of ids. Raises Gone."""
    found = mine.models.get(model).report
    told: dict[str, Any] = json.loads(_named(mine, json.dumps(found))) if found else {}
    return told


def _named(mine: TenantStore, text: str) -> str:
    """The text with the names of tags and groups where their ids stand."""
    names = {word.id: word.name for word in mine.vocabulary.all()} | mine.vocabulary.groups()
    for known, name in names.items():
        text = text.replace(known, json.dumps(name)[1:-1])
    return text
