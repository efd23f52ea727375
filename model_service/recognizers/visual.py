"""The visual recogniser: a shrinkage linear discriminant in closed form.

Class means and one pooled within-class scatter (Fisher 1936), the scatter shrunk towards a multiple of the identity
(Friedman 1989, Ledoit and Wolf 2004), uniform priors. In the whitened space where the scatter is the identity a score
is a squared distance to a mean. With one to four examples a mean says little, and the score is blended towards the
nearest example in that same space.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dtrtri

from model_service.encoders.encoder import Block
from model_service.recognizers.moments import Floats, Moments

FEW = 4
"""tags with at most this many examples listen to the nearest one too"""
BLEND = 0.5
"""how much: measured on GroceryStore at 2 to 4 examples, +0.1 to +1.1 points over 0, flat from 0.3 to 0.6"""


class Visual:
    """A fitted discriminant; every change gives a new one.

    ``weights`` says how much of the squared length of a vector each block gets (they sum to 1), ``shrinkage`` in
    (0, 1] how far the scatter is drawn towards the identity. Both stay as they were chosen at training.
    """

    def __init__(
        self,
        blocks: Sequence[Block],
        weights: Sequence[float],
        shrinkage: float,
        *,
        moments: Moments | None = None,
        few: dict[str, Floats] | None = None,
        span: int = 0,
    ) -> None:
        self.blocks = tuple(blocks)
        self.weights = tuple(weights)
        self.shrinkage = shrinkage
        self.dim = sum(block.dim for block in self.blocks)
        self.span = span or self.dim
        """the dimension that the shrinkage was chosen in, where the vectors are a rotation into fewer"""
        self.moments = moments if moments is not None else Moments.empty(self.dim)
        self.few = few if few is not None else {}
        """the vectors of tags with at most FEW examples: (count, dim) each"""

    @property
    def tags(self) -> tuple[str, ...]:
        """The columns of the scores."""
        return self.moments.tags

    def fit(self, vectors: Floats, tags: Sequence[str]) -> Visual:
        """Learn from scratch: (n, dim) vectors and the tag of each."""
        fresh = Visual(self.blocks, self.weights, self.shrinkage, span=self.span)
        return fresh.update(added=(vectors, tags))

    def update(
        self,
        added: tuple[Floats, Sequence[str]] | None = None,
        removed: tuple[Floats, Sequence[str]] | None = None,
    ) -> Visual:
        """The discriminant that learning afresh, with these examples more and those fewer, would give.

        A tag that shrinks to FEW examples or fewer needs to know them again: ``remember`` hands them in.
        """
        moments = self.moments
        few = dict(self.few)
        for part, sign in ((added, 1), (removed, -1)):
            if part is None or len(part[1]) == 0:
                continue
            vectors, tags = np.asarray(part[0], np.float64), list(part[1])
            moments = moments.change(vectors, tags, sign=sign)
            _follow(few, vectors, tags, sign)
        counts = dict(zip(moments.tags, moments.counts, strict=True))
        few = {tag: rows for tag, rows in few.items() if tag in counts and len(rows) == counts[tag] <= FEW}
        return Visual(self.blocks, self.weights, self.shrinkage, moments=moments, few=few, span=self.span)

    def remember(self, examples: dict[str, Floats]) -> Visual:
        """The same discriminant, told the examples of tags that have become rare."""
        few = {tag: np.asarray(rows, np.float64) for tag, rows in examples.items()}
        return Visual(
            self.blocks, self.weights, self.shrinkage, moments=self.moments, few=self.few | few, span=self.span
        )

    def forgotten(self) -> tuple[str, ...]:
        """Tags with at most FEW examples whose vectors are not known here; see ``remember``."""
        pairs = zip(self.moments.tags, self.moments.counts, strict=True)
        return tuple(tag for tag, count in pairs if 1 < count <= FEW and tag not in self.few)

    def score(self, vectors: Floats) -> Floats:
        """Log-likelihoods up to a constant a row: (n, tags)."""
        return self.near(self.whiten(vectors))

    def whiten(self, vectors: Floats) -> Floats:
        """Vectors in the space where the within-class scatter is the identity and the mean of all examples 0: (n, dim).

        Precision follows the vectors: double for learning, single for serving, where it is twice as fast.
        """
        if np.asarray(vectors).dtype == np.float32:
            turn, shift = self._turn
            served: Floats = vectors @ turn - shift
            return served
        scaled = (np.asarray(vectors, np.float64) - self._mean) * self._scale
        white: Floats = solve_triangular(self._root, scaled.T, lower=True, check_finite=False).T
        return white

    def near(self, white: Floats) -> Floats:
        """Scores of whitened vectors: (n, tags)."""
        centres, lengths = self._served if white.dtype == np.float32 else (self.centres, self._lengths)
        scores = white @ centres.T
        scores -= lengths
        return self._blend(white, scores)

    @cached_property
    def centres(self) -> Floats:
        """Whitened means: (tags, dim)."""
        return self.whiten(self.moments.means)

    @cached_property
    def _scale(self) -> Floats:
        parts = [np.full(block.dim, np.sqrt(w)) for block, w in zip(self.blocks, self.weights, strict=True)]
        scale: Floats = np.concatenate(parts) * np.sqrt(len(self.blocks))
        return scale

    @cached_property
    def _root(self) -> Floats:
        """Lower Cholesky root of the shrunk covariance."""
        freedom = max(self.moments.counts.sum() - len(self.tags), 1.0)
        within = self.moments.scatter * (self._scale[:, None] * self._scale[None, :] / freedom)
        ridge = np.trace(within) / self.span
        if ridge <= 1e-12:
            # One example a tag: nothing is known of the scatter, plain distances remain.
            return np.eye(self.dim)
        within *= 1.0 - self.shrinkage
        within[np.diag_indices(self.dim)] += self.shrinkage * ridge
        root: Floats = np.linalg.cholesky(within)
        return root

    @cached_property
    def _mean(self) -> Floats:
        """Mean of all examples, (dim,): scores lose a constant a row by it, and rounding errors their size."""
        mean: Floats = self.moments.sums.sum(0) / max(self.moments.counts.sum(), 1.0)
        return mean

    @cached_property
    def _lengths(self) -> Floats:
        lengths: Floats = 0.5 * np.square(self.centres).sum(1)
        return lengths

    @cached_property
    def _turn(self) -> tuple[Floats, Floats]:
        """What takes a vector to the whitened space: (dim, dim) and what is subtracted after, (dim,)."""
        inverse, _ = dtrtri(self._root, lower=1)
        turn = (inverse * self._scale).T
        return turn.astype(np.float32), (self._mean @ turn).astype(np.float32)

    @cached_property
    def _served(self) -> tuple[Floats, Floats]:
        return self.centres.astype(np.float32), self._lengths.astype(np.float32)

    @cached_property
    def _rare(self) -> dict[int, Floats]:
        column = {tag: place for place, tag in enumerate(self.tags)}
        return {column[tag]: self.whiten(rows) for tag, rows in self.few.items() if len(rows) > 1}

    def _blend(self, white: Floats, scores: Floats) -> Floats:
        for column, rows in self._rare.items():
            rows = rows.astype(white.dtype)
            nearest = (white @ rows.T - 0.5 * np.square(rows).sum(1)).max(1)
            scores[:, column] = (1.0 - BLEND) * scores[:, column] + BLEND * nearest
        return scores

    def state(self) -> dict[str, Floats]:
        """Everything learned, as plain arrays; the order of ``tags`` belongs to it."""
        arrays = {"counts": self.moments.counts, "sums": self.moments.sums, "scatter": self.moments.scatter}
        rare = [tag for tag in self.tags if tag in self.few]
        rows = [self.few[tag] for tag in rare] or [np.zeros((0, self.dim))]
        place = {tag: index for index, tag in enumerate(self.tags)}
        owners = np.array([place[tag] for tag in rare for _ in self.few[tag]], np.float64)
        return {**arrays, "few": np.concatenate(rows), "few_tags": owners}

    def restore(self, state: dict[str, Floats], tags: Sequence[str]) -> Visual:
        """The discriminant that gave this state."""
        moments = Moments(tuple(tags), state["counts"], state["sums"], state["scatter"])
        owners = state["few_tags"].astype(int)
        few = {tags[owner]: state["few"][owners == owner] for owner in np.unique(owners)}
        return Visual(self.blocks, self.weights, self.shrinkage, moments=moments, few=few, span=self.span)


def _follow(few: dict[str, Floats], vectors: Floats, tags: Sequence[str], sign: int) -> None:
    """Keep the examples of rare tags in step with what is added and removed."""
    labels = np.array(tags, dtype=object)
    for tag in dict.fromkeys(tags):
        rows = vectors[labels == tag]
        known = few.get(tag, np.zeros((0, vectors.shape[1])))
        if sign > 0:
            few[tag] = np.concatenate([known, rows])[: FEW + 1]
            continue
        for row in rows:
            same = np.flatnonzero(np.isclose(known, row, atol=1e-7).all(1))
            if len(same):
                known = np.delete(known, same[0], axis=0)
        few[tag] = known
