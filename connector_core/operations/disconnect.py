"""Disconnect: a connection goes with all that came from it, and gives back what a person allowed us."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connector_core.engine import Engine
from connector_core.errors import Gone
from connector_core.operations.unlearn import blot_out, fingerprint_of, unlearn
from connector_core.store.rows import Receipt
from model_service.errors import TaggingError
from model_service.forget import taught

log = logging.getLogger(__name__)

LEAVING = "It is being disconnected."
TOGETHER = 500
"""assets that are looked for at a time"""


def disconnect(engine: Engine, one: Receipt) -> None:
    """Erase a connection. Killed at any point it goes on: rows first, then whatever has no row any more.

    So what a job that was under way leaves behind is found as well, the next time this is called.
    """
    encoders = _rows(engine, one)
    counts = unlearn(engine, one.tenant, lambda folder: _gone_from(engine, one.tenant, folder))
    counts["vectors"] = sum(_orphans(engine, one.tenant, told) for told in encoders)
    counts["renditions"] = _pictures(engine, one.tenant)
    with engine.store.receipts(one.tenant) as kept:
        kept.note(one.id, counts)


def _rows(engine: Engine, one: Receipt) -> list[Any]:
    """Give the authorisation back, and delete the rows; the encoders that there may be vectors of."""
    with engine.store.tenant(one.tenant, only_reads=True) as mine:
        encoders = mine.erasing.encoders()
    try:
        with engine.store.tenant(one.tenant) as mine:
            mine.connections.set(one.object, state="off", reason=LEAVING)
            linked = mine.connections.get(one.object)
    except Gone:
        return encoders  # that far it has come before
    try:
        engine.roads.give_back(one.tenant, linked)
    except TaggingError as error:
        # The host is away, or has taken it back itself: the sealed token goes in any case.
        log.info("the authorisation of %s could not be given back: %s", one.object, error)
    while True:
        with engine.store.tenant(one.tenant) as mine:
            counts = mine.erasing.below(one.object)
            mine.receipts.note(one.id, counts)
            if counts.get("examples"):
                mine.later("predict")
            if not counts:
                mine.connections.remove(one.object)
                return encoders


def _gone_from(engine: Engine, tenant: str, folder: Path) -> dict[str, Any]:
    """The assets that a stored model has learned from, and that are no longer there."""
    learned = taught(folder)
    if learned is None:
        return {"assets": ()}  # what is damaged cannot be shown to be without them, and goes
    gone = [asset for some in _some(sorted(learned)) for asset in _without_row(engine, tenant, some)]
    return {"assets": gone} if gone else {}


def _orphans(engine: Engine, tenant: str, told: Any) -> int:
    index = engine.vectors(tenant, fingerprint_of(told))
    gone: list[str] = []
    for entries in index.scroll(TOGETHER):
        gone += _without_row(engine, tenant, [entry.asset for entry in entries])
    return sum(blot_out(engine, tenant, told, some) for some in _some(gone))


def _pictures(engine: Engine, tenant: str) -> int:
    count = 0
    for some in _some(sorted((engine.home(tenant) / "renditions").glob("*/*"))):
        gone = set(_without_row(engine, tenant, [place.stem for place in some]))
        for place in some:
            if place.stem in gone:
                place.unlink(missing_ok=True)
                count += place.suffix == ".jpg"
    return count


def _without_row(engine: Engine, tenant: str, ids: list[str]) -> list[str]:
    with engine.store.tenant(tenant, only_reads=True) as mine:
        here = {one.id for one in mine.assets.get(ids)}
    return [one for one in ids if one not in here]


def _some(many: list[Any]) -> Iterator[list[Any]]:
    return (many[start : start + TOGETHER] for start in range(0, len(many), TOGETHER))
