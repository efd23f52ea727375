"""One tag more among 2,000: how long learning it takes, whether it is exact, and scoring a whole library after it."""

from __future__ import annotations

import statistics
import time
from functools import cache
from typing import Any

import numpy as np

from benchmarks.row import Row, at_most
from model_service.bank import Bank
from model_service.confidence import Confidence
from model_service.decide import Dial
from model_service.encoders.load import load_encoder
from model_service.model import GroupModel, Model
from model_service.recognizers.background import Background
from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import Visual
from model_service.types import Example, Features

GROUP = "product"
TAGS, SHOTS = 2_000, 20
STORED = 100_000
ROUNDS, QUICK = 9, 3
UPDATE_MS, APART, RESCORE_S = 50.0, 1e-5, 5.0


def update(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Milliseconds for one tag more, and how far its scores are from learning afresh, relative to their spread."""
    before, vectors, tags = _library()
    fresh = _cloud(1, seed=1)
    added = _examples(fresh)
    taken = []
    for _ in range(QUICK if quick else ROUNDS):
        start = time.perf_counter()
        after = before.update(added=added)
        taken.append((time.perf_counter() - start) * 1000)
    visual = before.parts[GROUP].visual
    again = visual.fit(np.concatenate([vectors, fresh]), [*tags, *(example.tag for example in added)])
    # In double precision, which hides nothing.
    asked = _cloud(TAGS // (10 * SHOTS), seed=2).astype(np.float64)
    ours, theirs = after.parts[GROUP].visual.score(asked), again.score(asked)
    apart = float(np.abs(ours - theirs).max() / theirs.std())
    figures = {"tags": TAGS, "dim": visual.dim, "update_ms": statistics.median(taken), "apart": apart}
    return figures, [
        at_most(f"one tag more among {TAGS:,}", figures["update_ms"], UPDATE_MS, "ms"),
        at_most("scores apart from learning afresh", apart, APART, ""),
    ]


def rescore(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Seconds until 100,000 stored assets have their predictions again after an update, evidence included."""
    before, _, _ = _library()
    stored = [Features(row[None]) for row in _unit(_noise(STORED, 3))]
    assets = [f"{at}.jpg" for at in range(STORED)]
    taken = []
    for place in range(1 if quick else 3):
        after = before.update(added=_examples(_cloud(1, seed=4 + place)))
        start = time.perf_counter()
        after.predict(assets, stored)
        taken.append(time.perf_counter() - start)
    figures = {"tags": TAGS + 1, "dim": before.fingerprint.dim, "stored": STORED, "rescore_s": statistics.median(taken)}
    return figures, [at_most(f"{STORED:,} assets against {TAGS + 1:,} tags", figures["rescore_s"], RESCORE_S, "s")]


@cache
def _library() -> tuple[Model, Floats, list[str]]:
    """A model of TAGS tags; how sure it is, and from where on it applies, is made up."""
    fingerprint = load_encoder("compact").fingerprint
    vectors = _cloud(TAGS, seed=0)
    tags = [f"tag {at // SHOTS}" for at in range(len(vectors))]
    blocks = fingerprint.blocks
    visual = Visual(blocks, (1.0 / len(blocks),) * len(blocks), 0.12).fit(vectors, tags)
    bank = Bank.of([f"{at}.jpg" for at in range(len(vectors))], tags, vectors)
    dial = Dial(0.02, 0.95, -9.0, 99.0)
    part = GroupModel(GROUP, visual, Confidence(), dial, bank, frozenset(), frozenset(), Background(visual))
    return Model(fingerprint, 0.02, {GROUP: part}), vectors, tags


def _examples(vectors: Floats) -> list[Example]:
    return [Example(f"more {at}.jpg", "one more", Features(row[None])) for at, row in enumerate(vectors)]


def _noise(count: int, seed: int) -> Floats:
    dim = load_encoder("compact").fingerprint.dim
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)


def _cloud(tags: int, *, seed: int) -> Floats:
    """SHOTS unit vectors around a centre a tag, as long as those of the encoder ``compact``."""
    dim = load_encoder("compact").fingerprint.dim
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.standard_normal((tags, dim)), SHOTS, axis=0)
    return _unit(centres + rng.standard_normal(centres.shape)).astype(np.float32)


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
