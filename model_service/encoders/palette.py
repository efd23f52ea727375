"""Which colours a picture has: soft histograms of the whole, of its middle and of what surrounds the middle."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from model_service.types import Picture

Map = NDArray[np.float32]

BINS = (9, 8, 8)
"""lightness, red against green, yellow against blue"""
LENGTH = 3 * BINS[0] * BINS[1] * BINS[2]
SQUARE = 4
"""pixels a side that count as one: finer ones changed nothing that could be measured"""

_PARTS = 3
"""rows and columns of the grid whose central field is the middle"""
_OPPONENT = np.array([[1 / 3, 1 / 3, 1 / 3], [0.5, -0.5, 0], [0.25, 0.25, -0.5]], np.float32).T
"""lightness in [0, 1], red against green and yellow against blue, both in [-0.5, 0.5]"""


def palette(pixels: Picture) -> NDArray[np.float32]:
    """Roots of shares (LENGTH,), of length 1: whole, middle and surroundings count alike.

    Both sides of ``pixels`` must be multiples of SQUARE.
    """
    small = _means(pixels)
    height, width = small.shape[:2]
    counts = _counts((small @ _OPPONENT).reshape(-1, 3), _is_middle(height, width).ravel())
    shares = np.stack([counts.sum(axis=0), counts[1], counts[0]])
    rooted: NDArray[np.float32] = np.sqrt(shares / (3 * shares.sum(axis=1, keepdims=True))).astype(np.float32)
    return rooted.ravel()


def _means(pixels: Picture) -> Map:
    """Means over squares, from 0 to 1."""
    # Sums of slices are several times as fast as the mean over a reshaped view.
    wide = pixels.astype(np.uint16)
    rows = sum((wide[at::SQUARE] for at in range(1, SQUARE)), start=wide[::SQUARE])
    both = sum((rows[:, at::SQUARE] for at in range(1, SQUARE)), start=rows[:, ::SQUARE])
    mean: Map = both.astype(np.float32) / np.float32(255 * SQUARE * SQUARE)
    return mean


def _is_middle(height: int, width: int) -> NDArray[np.bool_]:
    row = np.arange(height) * _PARTS // height == _PARTS // 2
    column = np.arange(width) * _PARTS // width == _PARTS // 2
    middle: NDArray[np.bool_] = row[:, None] & column[None, :]
    return middle


def _counts(colours: Map, middle: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(2, bins): outside and in the middle; each colour is shared among the eight bins around it."""
    # Most colours are dull: the root gives greys and pastels more of the bins.
    rooted = np.sign(colours[:, 1:]) * np.sqrt(2 * np.abs(colours[:, 1:]))
    unit = np.concatenate([colours[:, :1], (rooted + 1) / 2], axis=1)
    most = np.array(BINS, np.float32) - 1
    at = np.clip(unit * most, 0, most - np.float32(1e-3))
    low = at.astype(np.int64)
    beyond = at - low
    shares = [(1 - beyond[:, axis], beyond[:, axis]) for axis in range(3)]
    below = np.ravel_multi_index((middle.astype(np.int64), *low.T), (2, *BINS))
    bins, weights = [], []
    for light, red, yellow in itertools.product((0, 1), repeat=3):
        bins.append(below + (light * BINS[1] + red) * BINS[2] + yellow)
        weights.append(shares[0][light] * shares[1][red] * shares[2][yellow])
    counts = np.bincount(np.concatenate(bins), np.concatenate(weights), minlength=2 * (LENGTH // 3))
    return counts.astype(np.float64).reshape(2, -1)
