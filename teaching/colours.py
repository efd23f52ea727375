"""The main axes of palettes, which the block ``colour`` of compact is told along."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from model_service.encoders.palette import palette
from teaching.crops import Pixels

DIM = 192
MOST = 6000
"""pictures that the axes are found on"""


def learn_colours(pixels: Pixels, *, dim: int = DIM) -> bytes:
    """Centre and axes of the palettes of whole pictures, as safetensors."""
    some = np.random.default_rng(0).permutation(len(pixels))[:MOST]
    palettes: NDArray[np.float32] = np.stack([palette(pixels[row]) for row in some])
    centre = palettes.mean(0)
    _, axes = np.linalg.eigh(np.cov((palettes - centre).T))
    projection = np.ascontiguousarray(axes[:, : -dim - 1 : -1]).astype(np.float16)
    data: bytes = save({"colour.centre": centre, "colour.projection": projection})
    return data
