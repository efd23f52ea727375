"""Predict: the live model, with every lesson since, says what it sees; only what is different is written anywhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector_core.engine import Engine
from connector_core.operations.learned import learned
from connector_core.store.rows import Predicted, State
from connector_core.store.store import TenantStore
from model_service.types import Decision, Features, Prediction

log = logging.getLogger(__name__)

TOGETHER = 4096
"""stored assets that are judged at a time"""
PIECE = 500
"""predictions that are stored at a time"""
CLOSE = 1e-3
"""probabilities that differ by less are the same"""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model says of some assets, not yet in the store."""

    predictions: Sequence[Prediction]
    model: str = ""
    lesson: int = 0

    def store(self, mine: TenantStore, batches: Mapping[str, str], *, anew: bool = False) -> int:
        """Keep what is said of these assets (id to batch); how many have another tag or decision by it.

        Their hosts are owed the difference. ``anew``: they have just been read, so their states follow in any case.
        """
        rows = [row for row in self.rows(mine) if row["asset"] in batches]
        known = {(one.asset, one.group): one for some in mine.judgements.of(list(batches)).values() for one in some}
        said = [(row, known.get((row["asset"], row["group"]))) for row in rows]
        mine.judgements.predict([row for row, was in said if not _same(was, row) or not _like(was, row)])
        changed = list(dict.fromkeys(row["asset"] for row, was in said if not _same(was, row)))
        settle(mine, list(batches) if anew else changed)
        for batch in set(batches.values()):
            owe(mine, [asset for asset in changed if batches[asset] == batch], batch)
        return len(changed)

    def rows(self, mine: TenantStore) -> list[dict[str, Any]]:
        """What is said, as rows of the store; nothing of a tag that is no longer there."""
        names = {word.id: word.name for word in mine.vocabulary.all({one.tag for one in self.predictions})}
        return [_row(one, names, self.model) for one in self.predictions if one.tag in names]

    def is_old(self, mine: TenantStore) -> bool:
        """Whether there is another model by now, or a lesson that it did not know."""
        live = mine.models.live()
        return live is not None and (live.id != self.model or mine.tenant().lesson > self.lesson)


def judge(engine: Engine, tenant: str, features: Mapping[str, Features], encoder: str) -> Judged:
    """What the live model says of features by asset; nothing where there is none, or one of another encoder."""
    model = learned(engine, tenant) if features else None
    if model is None or model.model.fingerprint.id != encoder:
        return Judged(())
    return Judged(model.model.predict(list(features), list(features.values())), model.id, model.lesson)


def predict(engine: Engine, tenant: str) -> None:
    """Judge every stored asset anew, after a lesson or with a new model; no pixel is read for it."""
    with engine.store.tenant(tenant, only_reads=True) as mine:
        was = mine.tenant()
    model = learned(engine, tenant)
    if model is None:
        return
    started, changed, count = time.monotonic(), 0, 0
    with engine.store.tenant(tenant) as mine:
        batch = mine.pushes.batch_of("model", f"Model {model.number}")
    for entries in engine.vectors(tenant, model.model.fingerprint).scroll(TOGETHER):
        found = {entry.asset: entry.features for entry in entries}
        said = model.model.predict(list(found), list(found.values()))
        for some in _pieces(said):
            with engine.store.tenant(tenant) as mine:
                here = {one.id for one in mine.assets.get([one.asset for one in some]) if one.state in _SETTLED}
                changed += Judged(some, model.id, model.lesson).store(mine, dict.fromkeys(here, batch))
        count += len(found)
    with engine.store.tenant(tenant) as mine:
        mine.judged(model.id, model.lesson, was)
    log.info("predicted %d assets of %s: %d changed, %.1fs", count, tenant, changed, time.monotonic() - started)


def _pieces(said: Sequence[Prediction]) -> Iterator[Sequence[Prediction]]:
    """What one transaction stores: others wait for it, so it is short. What is said of an asset stays together."""
    start = 0
    while start < len(said):
        end = min(start + PIECE, len(said))
        while end < len(said) and said[end].asset == said[end - 1].asset:
            end += 1
        yield said[start:end]
        start = end


_SETTLED = frozenset({State.READY, State.REVIEW, State.APPLIED, State.UNKNOWN})


def settle(mine: TenantStore, assets: Sequence[str]) -> None:
    """Give assets the state that follows from what the model and people say of them."""
    predicted, said = mine.judgements.of(assets), mine.judgements.said(assets)
    groups = mine.judgements.groups({tag for one in said.values() for tag, yes in one.items() if yes})
    by_state: dict[State, list[str]] = {}
    for asset in assets:
        by_state.setdefault(_state(predicted.get(asset, []), said.get(asset, {}), groups), []).append(asset)
    for state, some in by_state.items():
        mine.assets.set_state(some, state)


def _state(predicted: Sequence[Predicted], said: Mapping[str, bool], groups: Mapping[str, str]) -> State:
    if not predicted:
        return State.APPLIED if any(said.values()) else State.READY
    settled = {groups[tag] for tag, yes in said.items() if yes}
    open_ones = [one for one in predicted if one.group not in settled]
    decisions = {Decision.REVIEW if said.get(one.tag) is False else one.decision for one in open_ones}
    if Decision.REVIEW in decisions:
        return State.REVIEW
    return State.APPLIED if settled or Decision.APPLY in decisions else State.UNKNOWN


def owe(mine: TenantStore, assets: Sequence[str], batch: str) -> None:
    """Put into the outbox those assets whose host shows something else than it should because of us."""
    wanted, written = mine.judgements.wanted(assets), mine.pushes.written(assets)
    due = [a for a in assets if set(wanted[a]) != {t for t, one in written.get(a, {}).items() if one.sure}]
    if due:
        mine.pushes.owe(due, batch)
        for connection in mine.pushes.waiting():
            mine.later("push", connection)


def _row(one: Prediction, names: Mapping[str, str], model: str) -> dict[str, Any]:
    box, why = one.evidence.box, one.evidence
    evidence = {
        "nearest": why.nearest,
        "similarity": round(why.similarity, 4),
        "box": [round(side, 4) for side in (box.x, box.y, box.width, box.height)],
        "runner_up": why.runner_up,
        "runner_up_probability": round(why.runner_up_probability, 4),
        "familiarity": round(one.familiarity, 3),
        "candidates": [[tag, round(chance, 4)] for tag, chance in one.candidates],
    }
    # The model knows tags by their ids, people by their names.
    reason = one.reason.replace(one.tag, names[one.tag])
    said = {"asset": one.asset, "group": one.group, "tag": one.tag, "probability": one.probability}
    return {**said, "decision": one.decision, "reason": reason, "evidence": evidence, "model": model}


def _same(was: Predicted | None, row: Mapping[str, Any]) -> bool:
    return (
        was is not None
        and (was.tag, was.decision) == (row["tag"], row["decision"])
        and abs(was.probability - row["probability"]) < CLOSE
    )


def _like(was: Predicted | None, row: Mapping[str, Any]) -> bool:
    """Whether it most resembles the same example: another one may have been taken away."""
    return was is not None and was.evidence.get("nearest") == row["evidence"]["nearest"]
