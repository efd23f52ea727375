"""One tag more among 2,000: how long learning it takes, whether it is exact, and scoring a whole library after it."""

from __future__ import annotations

import statistics
import time
from functools import cache
from typing import Any

import numpy as np

from benchmarks.row import Row, at_most
from model_service.encoders.load import load_encoder
from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import Visual

TAGS, SHOTS = 2_000, 20
STORED, BATCH = 100_000, 10_000
ROUNDS, QUICK = 9, 3
UPDATE_MS, APART, RESCORE_S = 50.0, 1e-5, 5.0


def update(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Milliseconds for one tag more, and how far its scores are from learning afresh, relative to their spread."""
    before, vectors, tags = _library()
    fresh = _cloud(1, seed=1)
    added = (fresh, ["one more"] * SHOTS)
    taken = []
    for _ in range(QUICK if quick else ROUNDS):
        start = time.perf_counter()
        after = before.update(added=added)
        taken.append((time.perf_counter() - start) * 1000)
    again = before.fit(np.concatenate([vectors, fresh]), [*tags, *added[1]])
    # Fewer than there are tags: those are scored in double precision, which hides nothing.
    asked = _cloud(TAGS // (10 * SHOTS), seed=2)
    ours, theirs = after.score(asked), again.score(asked)
    apart = float(np.abs(ours - theirs).max() / theirs.std())
    figures = {"tags": TAGS, "dim": before.dim, "update_ms": statistics.median(taken), "apart": apart}
    return figures, [
        at_most(f"one tag more among {TAGS:,}", figures["update_ms"], UPDATE_MS, "ms"),
        at_most("scores apart from learning afresh", apart, APART, ""),
    ]


def rescore(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Seconds until 100,000 stored vectors have their best tag again after an update, the preparation included."""
    before, _, _ = _library()
    stored = _unit(np.random.default_rng(3).standard_normal((STORED, before.dim)).astype(np.float32))
    taken = []
    for place in range(1 if quick else 3):
        after = before.update(added=(_cloud(1, seed=4 + place), ["one more"] * SHOTS))
        start = time.perf_counter()
        for first in range(0, STORED, BATCH):
            after.score(stored[first : first + BATCH]).argmax(1)
        taken.append(time.perf_counter() - start)
    figures = {"tags": TAGS + 1, "dim": before.dim, "stored": STORED, "rescore_s": statistics.median(taken)}
    return figures, [at_most(f"{STORED:,} vectors against {TAGS + 1:,} tags", figures["rescore_s"], RESCORE_S, "s")]


@cache
def _library() -> tuple[Visual, Floats, list[str]]:
    blocks = load_encoder("compact").fingerprint.blocks
    vectors = _cloud(TAGS, seed=0)
    tags = [f"tag {at // SHOTS}" for at in range(len(vectors))]
    visual = Visual(blocks, (1.0 / len(blocks),) * len(blocks), 0.12)
    return visual.fit(vectors, tags), vectors, tags


def _cloud(tags: int, *, seed: int) -> Floats:
    """SHOTS unit vectors around a centre a tag, as long as those of the encoder ``compact``."""
    dim = load_encoder("compact").fingerprint.dim
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.standard_normal((tags, dim)), SHOTS, axis=0)
    return _unit(centres + rng.standard_normal(centres.shape)).astype(np.float32)


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
