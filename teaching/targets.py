"""What the student is to say of a view: what the teachers see, turned to its main axes, the weaker ones raised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

POWER = 0.1
"""of the spread of an axis, which it is divided by: 0.5 would whiten

Measured on the teachers' own features, at 20 examples: whitened, kinds of garment fall from 64 to 51 % right and
groceries from 75 to 73; at 0.25 they are at 60 and 75. The less, the better the kinds, and weak axes still count.
"""
FLOOR = 0.1
"""of the mean spread, added to every axis: the weakest are noise"""
SAMPLE = 12_000
"""views that the axes are found on"""


def targets(seen: NDArray[np.float16], dim: int, place: Path, *, sample: int = SAMPLE) -> NDArray[np.float32]:
    """Unit rows (n, dim). The axes are kept in ``place``, so that views that come later do not turn them."""
    if not place.exists():
        some = seen[np.random.default_rng(0).permutation(len(seen))[:sample]].astype(np.float32)
        centre = some.mean(0)
        spread, axes = np.linalg.eigh(np.cov((some - centre).T))
        spread, axes = np.maximum(spread[: -dim - 1 : -1], 0), axes[:, : -dim - 1 : -1]
        turn = axes / (spread + FLOOR * spread.mean()) ** POWER
        with place.open("wb") as file:
            np.savez(file, centre=centre, turn=turn.astype(np.float32), spread=spread.astype(np.float32))
    with np.load(place) as kept:
        centre, turn = kept["centre"], kept["turn"]
    found = np.concatenate([(part.astype(np.float32) - centre) @ turn for part in np.array_split(seen, 64)])
    unit: NDArray[np.float32] = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return unit
