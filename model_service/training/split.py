"""Honest folds: whole shoots, or where none are known whole visual clusters, are held out together.

Examples of one tag often come from one shoot. Random folds then promise what new photos do not keep: on GroceryStore
they promise 97 % where photos of another day give 77 %. Three clusters a tag are a little harder than new photos,
four a little easier: together they are the bracket of the report.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from model_service.recognizers.moments import Floats

Folds = NDArray[np.intp]
"""Which fold each example is judged in: (n,)."""

BRACKET = (3, 4)
"""clusters per tag: the pessimistic and the optimistic split"""


def folds(vectors: Floats, tags: Sequence[str], shoots: Sequence[str], count: int, *, seed: int = 0) -> Folds:
    """Assign every example to one of ``count`` folds so that no shoot or cluster of a tag is divided."""
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(tags), np.intp)
    labels = np.array(tags, dtype=object)
    for tag in dict.fromkeys(tags):
        rows = np.flatnonzero(labels == tag)
        bundles = bundle([shoots[int(row)] for row in rows], vectors[rows], count, rng)
        # A bundle's fold is drawn, so that large clusters spread over the folds.
        order = rng.permutation(count)
        fold[rows] = order[bundles % count]
    return fold


def bundle(shoots: Sequence[str], vectors: Floats, count: int, rng: np.random.Generator) -> Folds:
    """Which bundle each example of one tag belongs to: its shoot where shoots are known, else its visual cluster."""
    known = list(dict.fromkeys(shoot for shoot in shoots if shoot))
    if len(known) > 1:
        # Largest shoots first onto the emptiest bundle keeps the folds even.
        sizes = sorted(((shoots.count(shoot), shoot) for shoot in known), reverse=True)
        load = np.zeros(count)
        home: dict[str, int] = {}
        for size, shoot in sizes:
            home[shoot] = int(load.argmin())
            load[home[shoot]] += size
        return np.array([home.get(shoot, int(rng.integers(count))) for shoot in shoots], np.intp)
    if len(vectors) <= count:
        return np.arange(len(vectors), dtype=np.intp)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # an empty cluster only means fewer of them
        _, cluster = kmeans2(np.asarray(vectors, np.float64), count, minit="++", iter=15, seed=rng)
    return cluster.astype(np.intp)
