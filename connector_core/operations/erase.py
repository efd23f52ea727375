"""Erase: a photo, a tag or a whole tenant goes from everywhere, exactly; a receipt says what that was."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Mapping, Sequence
from typing import Any

from connector_core.engine import Engine
from connector_core.errors import Gone
from connector_core.operations.disconnect import LEAVING, disconnect
from connector_core.operations.predict import owe, settle
from connector_core.operations.review import withdraw_all
from connector_core.operations.unlearn import blot_out, fingerprint_of, unlearn
from connector_core.store.rows import Receipt
from connector_core.store.store import TenantStore

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


def erase_connection(mine: TenantStore, connection: str, *, person: str, withdraw: bool = False) -> Receipt:
    """Have a connection and everything that came from it erased, and our authorisation given back. Raises Gone.

    Nothing more is read from its host, unless that is to take our tags back first.
    """
    mine.connections.get(connection)
    made = mine.receipts.open("connection", connection, {}, {"withdraw": withdraw})
    if withdraw:
        withdraw_all(mine, connection, person=person)
    else:
        mine.connections.set(connection, state="off", reason=LEAVING)
    mine.access.log(person, "erase connection", connection, {"receipt": made})
    mine.later("erase", made)
    return mine.receipts.get(made)


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
        {"tenant": _tenant, "connection": disconnect}.get(one.kind, _part)(engine, one)
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
            if one.kind == "connection":
                return bool(mine.pushes.by_us(one.object))
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
    named: Mapping[str, Any] = {"assets": [one.object]} if one.kind == "asset" else {"tag": one.object}
    counts = unlearn(engine, one.tenant, lambda folder: named)
    if one.kind == "asset":
        place = engine.rendition(one.tenant, one.object)
        counts["renditions"] = int(place.exists())
        for file in (place, place.with_suffix(".draft")):
            file.unlink(missing_ok=True)
        counts["vectors"] = sum(blot_out(engine, one.tenant, told, [one.object]) for told in encoders)
    with engine.store.receipts(one.tenant) as kept:
        kept.note(one.id, counts)


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
        engine.indexes.erase(one.tenant, fingerprint_of(told))
    engine.memory.pop(one.tenant, None)
    shutil.rmtree(engine.home(one.tenant), ignore_errors=True)
