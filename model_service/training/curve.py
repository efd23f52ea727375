"""The learning curve: what fewer examples a tag would have given, on the same held-out folds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from model_service.encoders.encoder import Block
from model_service.recognizers.moments import Floats
from model_service.report.report import CurvePoint
from model_service.training.select import Choice, dual_scores
from model_service.training.split import Folds

SIZES = (1, 2, 5, 10, 20, 50)
MOST = 2000
"""examples learned from at a time; sizes that need more are left out"""
JUDGED = 1000
"""examples judged a fold, at most"""


def learning_curve(
    vectors: Floats,
    truth: NDArray[np.intp],
    splits: Sequence[Folds],
    blocks: Sequence[Block],
    choice: Choice,
    *,
    seed: int = 0,
) -> tuple[CurvePoint, ...]:
    """Held-out accuracy by examples a tag: mean of the splits, for the sizes that most tags have."""
    usual = float(np.median(np.bincount(truth)))
    tags = len(np.unique(truth))
    scaled = _scaled(vectors, blocks, choice)
    rng = np.random.default_rng(seed)
    points = []
    for size in (size for size in SIZES if size < usual and size * tags <= MOST):
        # Small and many: threads would wait for each other longer than they work.
        with threadpool_limits(1, user_api="blas"):
            found = [_accuracy(scaled, truth, split, size, choice.shrinkage, rng) for split in splits]
        known = [share for share in found if np.isfinite(share)]
        if known:
            points.append(CurvePoint(size, float(np.mean(known))))
    return tuple(points)


def _accuracy(
    vectors: Floats, truth: NDArray[np.intp], split: Folds, size: int, shrinkage: float, rng: np.random.Generator
) -> float:
    right: list[bool] = []
    for fold in np.unique(split):
        rows = np.flatnonzero(split != fold)
        learned = np.concatenate([rng.permutation(rows[truth[rows] == tag])[:size] for tag in np.unique(truth[rows])])
        present, labels = np.unique(truth[learned], return_inverse=True)
        judged = rng.permutation(np.flatnonzero((split == fold) & np.isin(truth, present)))[:JUDGED]
        if len(present) < 2 or len(judged) == 0:
            continue
        gram, cross = vectors[learned] @ vectors[learned].T, vectors[judged] @ vectors[learned].T
        scores = dual_scores(gram, cross, labels, (shrinkage,), vectors.shape[1])[0]
        right += (present[scores.argmax(1)] == truth[judged]).tolist()
    return float(np.mean(right)) if right else float("nan")


def _scaled(vectors: Floats, blocks: Sequence[Block], choice: Choice) -> Floats:
    parts = [np.full(b.dim, np.sqrt(w * len(blocks))) for b, w in zip(blocks, choice.weights, strict=True)]
    scaled: Floats = np.asarray(vectors, np.float64) * np.concatenate(parts)
    return scaled
