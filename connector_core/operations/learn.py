"""Learn: a tenant's examples become a model with its report; the first one is put to use, later ones are compared."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from connector_core.engine import Engine
from connector_core.store.store import TenantStore
from model_service.bundle import save_bundle
from model_service.errors import TaggingError
from model_service.training.train import train
from model_service.types import Example

log = logging.getLogger(__name__)


def learn(engine: Engine, tenant: str, model: str) -> None:
    """Train the model that was asked for. A killed training begins anew; one that cannot work says why."""
    with engine.store.tenant(tenant) as mine:
        claimed = mine.models.claim(model)
        if claimed is None:
            return
        lesson, taught = mine.tenant().lesson, mine.examples.taught()
    started = time.monotonic()
    stored = engine.vectors(tenant).get(list({one.asset for one in taught}))
    examples = [
        Example(one.asset, one.tag, stored[one.asset].features, one.group, one.shoot)
        for one in taught
        if one.asset in stored
    ]
    try:
        trained = train(examples, engine.encoder.fingerprint, risk=claimed.risk)
    except TaggingError as error:
        with engine.store.tenant(tenant) as mine:
            mine.models.fail(model, _named(mine, str(error)))
        return
    save_bundle(trained, engine.home(tenant) / "models" / model)
    report: dict[str, Any] = trained.report.to_json()
    with engine.store.tenant(tenant) as mine:
        mine.models.finish(model, lesson=lesson, encoder=engine.encoder.fingerprint.id, report=report)
        if mine.models.live() is None:
            promote(mine, model, person="")
    log.info("trained model %d of %s on %d, %.1fs", claimed.number, tenant, len(examples), time.monotonic() - started)


def want(mine: TenantStore, encoder: str, *, risk: float | None = None) -> str:
    """Ask for a training with everything that is known now; the id of the model to be."""
    model = mine.models.want(mine.tenant().risk if risk is None else risk, encoder)
    mine.later("learn", model)
    return model


def promote(mine: TenantStore, model: str, *, person: str) -> None:
    """Put a model to use, also an earlier one again. Raises Gone, Refuse."""
    mine.models.promote(model)
    mine.access.log(person, "promote", model)
    mine.later("predict")


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
