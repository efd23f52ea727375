"""How much to listen to each block of features, and how far to shrink: chosen on held-out examples.

No fixed mix serves every catalogue (colour carries groceries, texture kinds of garment). Everything the discriminant
needs of the vectors are their inner products, and those of a mix are the weighted sums of those of its blocks; so a
mix is judged in the time of one n x n factorisation, whatever the dimension.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from threadpoolctl import threadpool_limits

from model_service.encoders.encoder import Block
from model_service.recognizers.moments import Floats
from model_service.training.calibrate import log_loss, softmax, temperature_of
from model_service.training.split import Folds

MOST = 600
"""examples looked at; whole tags are left out beyond that"""
SHRINKAGES = (0.06, 0.12, 0.25, 0.5, 0.75, 0.9)
STEPS = (8.0, 3.0, 1.7)
"""factors by which a block's share is tried up and down, coarse first"""
REST = 0.03
"""what is left for the others where one block is tried alone"""
EVEN = 0.025
"""what a nat of divergence from listening to all blocks alike costs, in shares of the uncertainty among the tags

Held-out examples are few and alike, and what they say of the mix is noisy: on GroceryStore a penalty like this lifts
62.7 to 63.6 % (``compact``) and 78.9 to 79.9 % (joined networks). Kinds of garment, where one block tells far more than
the others, keep it.
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """The mix that did best, and what it was judged by."""

    weights: tuple[float, ...]
    shrinkage: float
    loss: float


def select(
    vectors: Floats, truth: NDArray[np.intp], splits: Sequence[Folds], blocks: Sequence[Block], *, seed: int = 0
) -> Choice:
    """The weights of the blocks (summing to 1) and the shrinkage with the least held-out log loss and unevenness."""
    # Hundreds of small factorisations: threads would wait for each other longer than they work.
    with threadpool_limits(1, user_api="blas"):
        return _search(vectors, truth, splits, blocks, seed)


def _search(
    vectors: Floats, truth: NDArray[np.intp], splits: Sequence[Folds], blocks: Sequence[Block], seed: int
) -> Choice:
    rows = _sample(truth, seed)
    truth = np.unique(truth[rows], return_inverse=True)[1]
    splits = [split[rows] for split in splits]
    grams = _grams(vectors[rows], blocks)
    count, chance = len(blocks), float(np.log(truth.max() + 1))

    def judge(weights: Floats, shrinkages: Sequence[float]) -> Choice:
        gram = count * np.tensordot(weights, grams, 1)
        losses = np.mean([_losses(gram, truth, split, shrinkages, vectors.shape[1]) for split in splits], 0)
        best = int(np.argmin(losses))
        uneven = float((weights * np.log(count * weights)).sum())
        loss = float(losses[best]) / chance + EVEN * uneven
        return Choice(tuple(float(w) for w in weights), shrinkages[best], loss)

    best = judge(np.full(count, 1.0 / count), SHRINKAGES)
    if count == 1:
        return best
    for block in range(count):
        # One block nearly alone: far from an even mix, and small steps would not get there.
        lone = judge(np.where(np.arange(count) == block, 1.0 - REST, REST / (count - 1)), SHRINKAGES)
        best = lone if lone.loss < best.loss else best
    for step in STEPS:
        for block in range(count):
            for factor in (step, 1.0 / step):
                weights = np.array(best.weights)
                weights[block] *= factor
                found = judge(weights / weights.sum(), (best.shrinkage,))
                best = found if found.loss < best.loss else best
    return judge(np.array(best.weights), SHRINKAGES)


def _sample(truth: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """Rows of whole tags, drawn until there are MOST examples."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.unique(truth))
    sizes = np.cumsum([int((truth == tag).sum()) for tag in order])
    kept = order[: max(2, int(np.searchsorted(sizes, MOST, side="right")))]
    return np.flatnonzero(np.isin(truth, kept))


def _grams(vectors: Floats, blocks: Sequence[Block]) -> Floats:
    """Inner products of each block by itself: (blocks, n, n)."""
    ends = np.cumsum([block.dim for block in blocks])
    parts = [vectors[:, end - block.dim : end] for block, end in zip(blocks, ends, strict=True)]
    return np.stack([np.asarray(part @ part.T, np.float64) for part in parts])


def _losses(gram: Floats, truth: NDArray[np.intp], split: Folds, shrinkages: Sequence[float], dim: int) -> list[float]:
    tags = int(truth.max()) + 1
    scores = np.full((len(shrinkages), len(truth), tags), -np.inf)
    for fold in np.unique(split):
        judged, learned = np.flatnonzero(split == fold), np.flatnonzero(split != fold)
        present, labels = np.unique(truth[learned], return_inverse=True)
        if len(present) < 2:
            continue
        found = dual_scores(gram[np.ix_(learned, learned)], gram[np.ix_(judged, learned)], labels, shrinkages, dim)
        for place in range(len(shrinkages)):
            scores[place][np.ix_(judged, present)] = found[place]
    fair = np.isfinite(scores[0][np.arange(len(truth)), truth])
    if not fair.any():
        return [np.inf] * len(shrinkages)
    answers = truth[fair]
    kept = [np.maximum(part[fair], -1e12) for part in scores]
    return [log_loss(softmax(part, temperature_of(part, answers)), answers) for part in kept]


def dual_scores(
    gram: Floats, cross: Floats, labels: NDArray[np.intp], shrinkages: Sequence[float], dim: int
) -> list[Floats]:
    """Scores of the shrinkage discriminant from inner products alone, one (m, tags) array a shrinkage.

    ``gram`` is (n, n) of the examples, ``cross`` (m, n) of the judged pictures with them. The inverse of the shrunk
    scatter comes from the matrix inversion lemma over the centred examples.
    """
    n, tags = len(labels), int(labels.max()) + 1
    freedom = max(n - tags, 1)
    member = np.zeros((n, tags))
    member[np.arange(n), labels] = 1.0
    average = member / member.sum(0)
    centred = np.eye(n) - member @ average.T
    spread = centred @ gram @ centred.T
    ridge = max(np.trace(spread) / freedom / dim, 1e-9)
    means = gram @ average
    left, right = centred @ means, centred @ cross.T
    plain, length = cross @ average, np.einsum("ij,ij->j", average, means)
    found = []
    for shrinkage in shrinkages:
        floor, part = shrinkage * ridge, (1.0 - shrinkage) / freedom
        if part <= 0:
            found.append((plain - 0.5 * length) / floor)
            continue
        damped = spread.copy()
        damped[np.diag_indices(n)] += floor / part
        solved = cho_solve(cho_factor(damped, check_finite=False), left, check_finite=False)
        slopes = (plain - right.T @ solved) / floor
        offsets = (length - np.einsum("ij,ij->j", left, solved)) / floor
        found.append(slopes - 0.5 * offsets)
    return found
