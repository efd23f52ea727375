"""Every example judged by a recogniser that has not seen its shoot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_service.confidence import margin_of
from model_service.encoders.encoder import Block
from model_service.recognizers.background import Background
from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import Visual
from model_service.training.select import Choice
from model_service.training.split import Folds

STRANGER_FOLDS = 4
"""a quarter of the tags plays the stranger at a time"""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What was said of the examples that could be judged fairly: their tag was seen in other folds too."""

    rows: NDArray[np.intp]
    """which examples, (n,)"""
    best: NDArray[np.intp]
    """the best tag of each, as a place in the order of tags, (n,)"""
    margin: Floats
    """its lead over the runner-up, (n,)"""
    relative: Floats
    distance: Floats


def crossfit(
    vectors: Floats, tags: Sequence[str], order: Sequence[str], split: Folds, blocks: Sequence[Block], choice: Choice
) -> Judged:
    """Every fold judged by a discriminant fitted on the others; places follow ``order``."""
    labels = np.array(tags, dtype=object)
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
        parts.append(_judge(fitted, whole, fair, order))
    return _together(parts)


def strangers(
    vectors: Floats, tags: Sequence[str], order: Sequence[str], blocks: Sequence[Block], choice: Choice
) -> Judged:
    """What is said of products outside the vocabulary: every tag judged by a recogniser that never saw it."""
    labels = np.array(tags, dtype=object)
    whole, everything = _everything(vectors, tags, blocks, choice)
    # Two tags have to stay each time, or nothing could lead.
    count = min(STRANGER_FOLDS, len(order)) if len(order) > 2 else 0
    parts = []
    for part in range(count):
        out = set(order[part::count])
        held = np.flatnonzero(np.array([tag in out for tag in labels], bool))
        fitted = everything.update(removed=(whole[held], list(labels[held])))
        parts.append(_judge(fitted, whole, held, order))
    return _together(parts)


def _judge(fitted: Visual, vectors: Floats, rows: NDArray[np.intp], order: Sequence[str]) -> Judged:
    places = {tag: place for place, tag in enumerate(order)}
    column = np.array([places[tag] for tag in fitted.tags], np.intp)
    white = fitted.whiten(vectors[rows])
    scores = fitted.near(white)
    relative, distance = Background(fitted).judge(white, scores)
    return Judged(rows, column[scores.argmax(1)], margin_of(scores), relative, distance)


def _together(parts: Sequence[Judged]) -> Judged:
    nothing = Judged(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0), np.zeros(0), np.zeros(0))
    fields = ("rows", "best", "margin", "relative", "distance")
    return Judged(*(np.concatenate([getattr(part, name) for part in (nothing, *parts)]) for name in fields))


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
