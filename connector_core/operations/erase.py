"""Erase: a photo, a tag or a whole tenant goes from everywhere, exactly; a receipt says what that was."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from connector_core.engine import Engine
from connector_core.errors import Gone
from connector_core.operations.predict import owe, settle
from connector_core.operations.review import withdraw_all
from connector_core.store.rows import Receipt
from connector_core.store.store import TenantStore
from model_service.encoders.encoder import Block, Fingerprint
from model_service.forget import Forgot, forget, scrubbed
from model_service.index.index import Entry

log = logging.getLogger(__name__)

PATIENCE = 24 * 3600.0
"""seconds that hosts have to take tags back; then it is erased all the same, and the receipt says how many are left"""
AGAIN = (60.0, 600.0, 7500.0)
"""seconds after which it is looked whether a job that was under way has left something; the last outlives every job"""


def erase_asset(mine: TenantStore, asset: str, *, person: str, withdraw: bool = False) -> Receipt:
    """Have an asset erased: rows, vectors, rendition, and what models learned from it. Raises Gone.

    ``withdraw``: its host takes our tags back first; else they stay, and the receipt counts them. It does not come
    back while its connection lasts, even if its host still has it.
    """
    mine.assets.one(asset)
    shown = [(asset, tag) for tag in mine.pushes.written([asset]).get(asset, {})]
    return _ask(mine, "asset", asset, shown if withdraw else [], person)


def erase_tag(mine: TenantStore, tag: str, *, person: str, withdraw: bool = False) -> Receipt:
    """Have a tag erased with its words, its examples and all that was said of it. Raises Gone."""
    mine.vocabulary.one(tag)
    return _ask(mine, "tag", tag, mine.erasing.pairs(tag) if withdraw else [], person)


def erase_tenant(mine: TenantStore, *, person: str, withdraw: bool = False) -> Receipt:
    """Have everything of this tenant erased, its keys included. The receipt stays, and is read by its operator."""
    for linked in mine.connections.all():
        if withdraw:
            withdraw_all(mine, linked.id, person=person)
        else:
            mine.connections.set(linked.id, paused=True)
    made = mine.receipts.open("tenant", mine.id, {}, {"withdraw": withdraw})
    mine.later("erase", made)
    return mine.receipts.get(made)


def erase(engine: Engine, tenant: str, receipt: str) -> None:
    """Erase what a receipt is for. Killed in the middle, it is owed until it is done."""
    with engine.store.receipts(tenant) as mine:
        one = mine.get(receipt)
    if not one.finished and _waits(engine, one):
        return
    try:
        _tenant(engine, one) if one.kind == "tenant" else _part(engine, one)
    except Gone:
        log.info("%s %s went with its tenant", one.kind, one.object)
    now = time.time()
    with engine.store.receipts(tenant) as mine:
        begun = one.finished or now
        done = mine.finish(receipt, min((begun + wait for wait in AGAIN if begun + wait > now), default=0.0))
    engine.store.tidy()
    log.info("erased %s %s of %s: %s", done.kind, done.object, tenant, dict(done.counts))


def _ask(mine: TenantStore, kind: str, object: str, withdrawn: Sequence[tuple[str, str]], person: str) -> Receipt:
    made = mine.receipts.open(kind, object, {}, {"withdraw": bool(withdrawn)})
    if withdrawn:
        batch = mine.pushes.batch("withdrawal", "What is to be erased", person)
        mine.judgements.withhold(withdrawn, batch)
        owe(mine, list(dict.fromkeys(asset for asset, _ in withdrawn)), batch)
    mine.access.log(person, f"erase {kind}", object, {"receipt": made})
    mine.later("erase", made)
    return mine.receipts.get(made)


def _waits(engine: Engine, one: Receipt) -> bool:
    """Whether hosts are still to take tags back."""
    if not one.detail.get("withdraw") or time.time() > one.asked + PATIENCE:
        return False
    try:
        with engine.store.tenant(one.tenant, only_reads=True) as mine:
            return mine.erasing.shown(**({} if one.kind == "tenant" else {one.kind: one.object})) > 0
    except Gone:
        return False


def _part(engine: Engine, one: Receipt) -> None:
    """An asset or a tag."""
    with engine.store.tenant(one.tenant) as mine:
        if one.kind == "asset":
            counts = mine.erasing.asset(one.object)
        else:
            counts, touched = mine.erasing.tag(one.object)
            settle(mine, touched)
        mine.receipts.note(one.id, counts)
        encoders = mine.erasing.encoders()
        if counts.get("examples"):
            mine.later("predict")
    counts = _models(engine, one)
    if one.kind == "asset":
        place = engine.rendition(one.tenant, one.object)
        counts["renditions"] = int(place.exists())
        for file in (place, place.with_suffix(".draft")):
            file.unlink(missing_ok=True)
        counts["vectors"] = sum(_drop(engine, one, told) for told in encoders)
    with engine.store.receipts(one.tenant) as kept:
        kept.note(one.id, counts)


def _drop(engine: Engine, one: Receipt, told: Mapping[str, Any]) -> int:
    index = engine.vectors(one.tenant, _fingerprint(told))
    found = index.get([one.object])
    # What is dropped is only marked as free in the files of an index; so it is overwritten before.
    blank = [replace(entry.features, vectors=np.zeros_like(entry.features.vectors)) for entry in found.values()]
    index.put([Entry(one.object, features) for features in blank])
    index.drop([one.object])
    if found:
        index.close()  # which writes it down
    return len(found)


def _models(engine: Engine, one: Receipt) -> dict[str, int]:
    """Take it out of every stored model, and out of what their reports say."""
    named, counts = {one.kind: one.object}, {"models_rewritten": 0, "models_dropped": 0}
    with engine.store.tenant(one.tenant, only_reads=True) as mine:
        models = [trained.id for trained in mine.models.all()]
    for model in models:
        became = forget(engine.home(one.tenant) / "models" / model, **named)
        with engine.store.tenant(one.tenant) as mine:
            report = mine.models.get(model).report
            if report is not None and (told := scrubbed(report, **named)) != report:
                mine.models.tell(model, told)
            if became is Forgot.DROPPED:
                mine.models.fail(model, "It cannot do without what was erased; train again.")
        counts["models_rewritten"] += became is Forgot.REWRITTEN
        counts["models_dropped"] += became is Forgot.DROPPED
    return counts


def _tenant(engine: Engine, one: Receipt) -> None:
    """Rows first, so that whatever is under way finds that its tenant is gone; then files and vectors."""
    encoders: Sequence[Mapping[str, Any]] = one.detail.get("encoders", ())
    try:
        with engine.store.tenant(one.tenant) as mine:
            encoders = mine.erasing.encoders()
            mine.receipts.note(one.id, {}, encoders=encoders)
        while True:
            with engine.store.tenant(one.tenant) as mine:
                counts = mine.erasing.some()
                mine.receipts.note(one.id, counts)
            if not counts:
                break
        engine.store.remove(one.tenant)
    except Gone:
        pass  # that far it has come before
    for told in encoders:
        engine.indexes.erase(one.tenant, _fingerprint(told))
    engine.memory.pop(one.tenant, None)
    shutil.rmtree(engine.home(one.tenant), ignore_errors=True)


def _fingerprint(told: Mapping[str, Any]) -> Fingerprint:
    blocks = tuple(Block(**block) for block in told["blocks"])
    return Fingerprint(told["name"], told["revision"], blocks, told["preprocessing"])
