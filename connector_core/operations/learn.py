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
from model_service.errors import TaggingError
from model_service.training.train import train

log = logging.getLogger(__name__)


def learn(engine: Engine, tenant: str, model: str) -> None:
    """Train the model that was asked for. A killed training begins anew; one that cannot work says why.

    While an encoder takes over from another, models are still of the old one: only there is every example. Where
    that leaves too few, the training waits.
    """
    with engine.store.tenant(tenant) as mine:
        used = _taught_to(mine)
        claimed = mine.models.claim(model) if used is not None else None
        if used is None or claimed is None:
            return
        lesson, taught = mine.tenant().lesson, mine.examples.taught()
    started = time.monotonic()
    known = examples(engine, tenant, used, taught)
    try:
        trained = train(known, used, risk=claimed.risk)
    except TaggingError as error:
        with engine.store.tenant(tenant) as mine:
            mine.models.fail(model, _named(mine, str(error)))
        return
    save_bundle(trained, engine.home(tenant) / "models" / model)
    trial = held(engine, tenant, trained, known, taught)
    with engine.store.tenant(tenant) as mine:
        mine.models.finish(model, lesson=lesson, encoder=used.id, report=trained.report.to_json())
        if mine.models.live() is None:
            promote(mine, model, person="")
        elif trial is not None:
            trial.settle(mine, model)
    log.info("trained model %d of %s on %d, %.1fs", claimed.number, tenant, len(known), time.monotonic() - started)


def _taught_to(mine: TenantStore) -> Fingerprint | None:
    """The encoder that a model is now trained for; None as long as its photos are still being looked at."""
    wanted, live = mine.encoders.wanted(), mine.models.live()
    if wanted is None or not mine.encoders.left():
        return wanted
    serving = mine.encoders.serving()
    return serving if live is not None and serving is not None and serving.id != wanted.id else None


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
