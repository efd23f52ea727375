"""Every example judged by a recogniser that has not seen its shoot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_service.encoders.encoder import Block
from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import Visual
from model_service.training.familiarity import Background
from model_service.training.select import Choice
from model_service.training.split import Folds

STRANGER_FOLDS = 4
"""a quarter of the tags plays the stranger at a time"""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Held-out scores of the examples that could be judged fairly: their tag was seen in other folds too."""

    rows: NDArray[np.intp]
    """which examples, (n,)"""
    scores: Floats
    """(n, tags); -inf where a tag was not among those learned from"""
    familiarity: Floats
    distance: Floats


def crossfit(
    vectors: Floats, tags: Sequence[str], order: Sequence[str], split: Folds, blocks: Sequence[Block], choice: Choice
) -> Judged:
    """Scores of every fold by a discriminant fitted on the others; columns follow ``order``."""
    labels = np.array(tags, dtype=object)
    column = {tag: place for place, tag in enumerate(order)}
    whole, everything = _everything(vectors, tags, blocks, choice)
    parts = []
    for fold in np.unique(split):
        held, kept = np.flatnonzero(split == fold), split != fold
        left = set(labels[kept])
        fair = held[np.array([tag in left for tag in labels[held]], bool)]
        if len(fair) == 0 or len(left) < 2:
            continue
        fitted = everything.update(removed=(whole[held], list(labels[held])))
        fitted = fitted.remember({tag: whole[kept & (labels == tag)] for tag in fitted.forgotten()})
        found = _judge(fitted, whole, fair)
        spread = np.full((len(fair), len(order)), -np.inf)
        spread[:, [column[tag] for tag in fitted.tags]] = found.scores
        parts.append(Judged(fair, spread, found.familiarity, found.distance))
    return _together(parts, len(order))


def strangers(
    vectors: Floats, tags: Sequence[str], order: Sequence[str], blocks: Sequence[Block], choice: Choice
) -> Judged:
    """What products outside the vocabulary would score: every tag judged by a recogniser that never saw it.

    ``scores`` are those of the two best tags only, (n, 2).
    """
    labels = np.array(tags, dtype=object)
    whole, everything = _everything(vectors, tags, blocks, choice)
    # Two tags have to stay each time, or nothing could lead.
    count = min(STRANGER_FOLDS, len(order)) if len(order) > 2 else 0
    parts = []
    for part in range(count):
        out = set(order[part::count])
        held = np.flatnonzero(np.array([tag in out for tag in labels], bool))
        fitted = everything.update(removed=(whole[held], list(labels[held])))
        found = _judge(fitted, whole, held)
        parts.append(Judged(held, np.sort(found.scores, 1)[:, -2:], found.familiarity, found.distance))
    return _together(parts, 2)


def _judge(fitted: Visual, vectors: Floats, rows: NDArray[np.intp]) -> Judged:
    white = fitted.whiten(vectors[rows])
    scores = fitted.near(white)
    familiarity, distance = Background(fitted).judge(white, scores)
    return Judged(rows, scores, familiarity, distance)


def _together(parts: Sequence[Judged], columns: int) -> Judged:
    if not parts:
        return Judged(np.zeros(0, np.intp), np.zeros((0, columns)), np.zeros(0), np.zeros(0))
    return Judged(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.familiarity for part in parts]),
        np.concatenate([part.distance for part in parts]),
    )


def _everything(vectors: Floats, tags: Sequence[str], blocks: Sequence[Block], choice: Choice) -> tuple[Floats, Visual]:
    """The vectors, and a discriminant of all of them.

    Fewer examples than dimensions span a small space: turned into it, every fold costs that much less and scores the
    same.
    """
    whole = np.asarray(vectors, np.float64)
    if len(whole) >= whole.shape[1]:
        return whole, Visual(blocks, choice.weights, choice.shrinkage).fit(whole, tags)
    scales = [np.full(b.dim, np.sqrt(w * len(blocks))) for b, w in zip(blocks, choice.weights, strict=True)]
    scaled = whole * np.concatenate(scales)
    values, basis = np.linalg.eigh(scaled @ scaled.T)
    kept = values > 1e-10
    turned = basis[:, kept] * np.sqrt(values[kept])
    narrow = Visual((Block("all", turned.shape[1]),), (1.0,), choice.shrinkage, span=whole.shape[1])
    return turned, narrow.fit(turned, tags)
