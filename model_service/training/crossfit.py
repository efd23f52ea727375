"""Every example judged by a recogniser that has not seen its shoot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_service.confidence import margin_of, speakers
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


class Crossfit:
    """A discriminant of all examples, from which some are taken out exactly to be judged by the rest.

    ``vectors`` are what is learned from, (n, dim); ``regions`` what each example is judged by, (regions, dim), its own
    vector first. A picture of many regions is judged by the likeliest of them, as a new one would be.
    """

    def __init__(
        self,
        vectors: Floats,
        regions: Sequence[Floats],
        tags: Sequence[str],
        order: Sequence[str],
        blocks: Sequence[Block],
        choice: Choice,
    ) -> None:
        self._labels = np.array(tags, dtype=object)
        self._order = {tag: place for place, tag in enumerate(order)}
        self._vectors: Floats = np.asarray(vectors, np.float64)
        self._regions = regions if any(len(own) > 1 for own in regions) else None
        empty = Visual(blocks, choice.weights, choice.shrinkage)
        if self._regions is None and len(self._vectors) < self._vectors.shape[1]:
            self._vectors, empty = _turned(self._vectors, empty)
        self._whole = empty.fit(self._vectors, tags)

    def judge(self, split: Folds) -> Judged:
        """Every fold judged by what was learned from the others."""
        parts = []
        for fold in np.unique(split):
            held, kept = np.flatnonzero(split == fold), split != fold
            left = set(self._labels[kept])
            fair = held[np.array([tag in left for tag in self._labels[held]], bool)]
            if len(fair) and len(left) > 1:
                fitted = self._without(held)
                own = {tag: self._vectors[kept & (self._labels == tag)] for tag in fitted.forgotten()}
                parts.append(self._judge(fitted.remember(own), fair))
        return _together(parts)

    def strangers(self) -> Judged:
        """What is said of products outside the vocabulary: every tag judged by a recogniser that never saw it."""
        # Two tags have to stay each time, or nothing could lead.
        order = list(self._order)
        count = min(STRANGER_FOLDS, len(order)) if len(order) > 2 else 0
        parts = []
        for part in range(count):
            held = np.flatnonzero(np.isin(self._labels, np.array(order[part::count], dtype=object)))
            parts.append(self._judge(self._without(held), held))
        return _together(parts)

    def _without(self, rows: NDArray[np.intp]) -> Visual:
        return self._whole.update(removed=(self._vectors[rows], list(self._labels[rows])))

    def _judge(self, fitted: Visual, rows: NDArray[np.intp]) -> Judged:
        column = np.array([self._order[tag] for tag in fitted.tags], np.intp)
        seen, counts = self._vectors[rows], [1] * len(rows)
        if self._regions is not None:
            own = [np.asarray(self._regions[row], np.float64) for row in rows]
            seen, counts = np.concatenate(own), [len(one) for one in own]
        white = fitted.whiten(seen)
        scores = fitted.near(white)
        relative, distance = Background(fitted).judge(white, scores)
        margin = margin_of(scores)
        spoken = speakers(distance, counts)
        best = column[scores[spoken].argmax(1)]
        return Judged(rows, best, margin[spoken], relative[spoken], distance[spoken])


def _together(parts: Sequence[Judged]) -> Judged:
    nothing = Judged(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0), np.zeros(0), np.zeros(0))
    fields = ("rows", "best", "margin", "relative", "distance")
    return Judged(*(np.concatenate([getattr(part, name) for part in (nothing, *parts)]) for name in fields))


def _turned(vectors: Floats, empty: Visual) -> tuple[Floats, Visual]:
    """The vectors in the smaller space that they span, and an empty discriminant that scores the same there.

    Fewer examples than dimensions: every fold costs that much less.
    """
    scales = [np.full(b.dim, np.sqrt(w * len(empty.blocks))) for b, w in zip(empty.blocks, empty.weights, strict=True)]
    scaled = vectors * np.concatenate(scales)
    values, basis = np.linalg.eigh(scaled @ scaled.T)
    kept = values > 1e-10
    turned = basis[:, kept] * np.sqrt(values[kept])
    return turned, Visual((Block("all", turned.shape[1]),), (1.0,), empty.shrinkage, span=vectors.shape[1])
