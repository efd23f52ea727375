"""Kinds of garment: weights of the blocks learned on held-out clusters, against the fixed mix that is best here.

Whole visual clusters of every kind are judged by what was learned from the others, so that near copies do not flatter.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import photos
from benchmarks.row import Row, at_least, plain, skipped
from model_service.encoders.encoder import Block, Encoder
from model_service.recognizers.moments import Floats
from model_service.training.select import SHRINKAGES, Choice, dual_scores, select
from model_service.training.split import BRACKET, folds

KINDS = 10
MOST, QUICK = 120, 60
SHOTS = 20
FOLDS = 4
SHARES, FEWER = 4, 2
"""fixed mixes give each block a multiple of 1 / SHARES, or of 1 / FEWER where there are many blocks"""


def run(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Share of right kinds: with learned weights, all blocks alike, and the best fixed mix, which hindsight chose."""
    if not photos.CLOTHING.is_dir():
        return {}, [skipped("clothing", photos.ABSENT)]
    figures, rows = {}, []
    for name, encoder in photos.encoders(quick).items():
        figures[name], told = _one(name, encoder, quick)
        rows += told
    return figures, rows


def _one(name: str, encoder: Encoder, quick: bool) -> tuple[dict[str, Any], list[Row]]:
    with tempfile.TemporaryDirectory() as folder:
        examples = photos.as_examples(
            photos.clothing(Path(folder), kinds=KINDS, most=QUICK if quick else MOST), encoder
        )
    vectors = np.stack([one.features.vectors[0] for one in examples])
    tags = [one.tag for one in examples]
    truth = np.unique(np.array(tags), return_inverse=True)[1]
    blocks = encoder.fingerprint.blocks
    mixes = _mixes(len(blocks), SHARES if len(blocks) < 5 else FEWER)
    right: list[Floats] = []
    split = folds(vectors, tags, [""] * len(tags), FOLDS)
    weights = []
    for fold in range(FOLDS):
        rows = _drawn(tags, np.flatnonzero(split != fold), fold)
        chosen = _learn(vectors[rows], [tags[row] for row in rows], blocks)
        weights.append(chosen.weights)
        judged = np.flatnonzero(split == fold)
        tried = [(chosen.weights, (chosen.shrinkage,)), *((mix, SHRINKAGES) for mix in mixes)]
        found = [_best(vectors, blocks, mix, truth, rows, judged, shrinkages) for mix, shrinkages in tried]
        right.append(np.concatenate([best == truth[judged] for best in found]))
    means = np.concatenate(right, axis=1).mean(1)
    ours, by_mix = float(means[0]), means[1:].reshape(len(mixes), len(SHRINKAGES)).max(1)
    best = int(by_mix.argmax())
    theirs = float(by_mix[best])
    alike = float(by_mix[mixes.index((1.0 / len(blocks),) * len(blocks))])
    mean_weights = {block.name: float(w) for block, w in zip(blocks, np.mean(weights, 0), strict=True)}
    figures = {"photos": len(tags), "learned": ours, "alike": alike, "best": theirs, "weights": mean_weights}
    mix = ", ".join(f"{block.name} {share:.0%}" for block, share in zip(blocks, mixes[best], strict=True) if share)
    return figures, [
        at_least(f"{name}: learned weights, against the best of {len(mixes)} mixes ({mix})", ours, theirs),
        plain(f"{name}: all blocks alike", alike),
    ]


def _mixes(count: int, parts: int) -> list[tuple[float, ...]]:
    shares = itertools.product(range(parts + 1), repeat=count)
    found = [tuple(share / parts for share in mix) for mix in shares if sum(mix) == parts]
    alike = (1.0 / count,) * count
    return found if alike in found else [*found, alike]


def _drawn(tags: Sequence[str], rows: Any, seed: int) -> list[int]:
    """SHOTS rows of every kind."""
    rng = np.random.default_rng(seed)
    labels = np.array(tags, dtype=object)[rows]
    return [int(row) for tag in dict.fromkeys(tags) for row in rng.permutation(rows[labels == tag])[:SHOTS]]


def _learn(vectors: Floats, tags: list[str], blocks: Sequence[Block]) -> Choice:
    """What training would choose for these examples."""
    truth = np.unique(np.array(tags), return_inverse=True)[1]
    splits = [folds(vectors, tags, [""] * len(tags), count) for count in BRACKET]
    return select(vectors, truth, splits, blocks)


def _best(
    vectors: Floats, blocks: Sequence[Block], mix: Sequence[float], truth: Any, rows: list[int], judged: Any,
    shrinkages: Sequence[float],
) -> Floats:  # fmt: skip
    """The best kind of the judged photos, a row for each shrinkage."""
    scale = np.concatenate([np.full(b.dim, np.sqrt(w * len(blocks))) for b, w in zip(blocks, mix, strict=True)])
    scaled = np.asarray(vectors, np.float64) * scale
    gram, cross = scaled[rows] @ scaled[rows].T, scaled[judged] @ scaled[rows].T
    return np.stack([one.argmax(1) for one in dual_scores(gram, cross, truth[rows], shrinkages, scaled.shape[1])])
