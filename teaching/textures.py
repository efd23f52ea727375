"""Textures: which channels of a stage of the student are strong together, wherever in the picture that is.

After Lin, RoyChowdhury and Maji, "Bilinear CNN models" (2015): the products of channels, averaged over all places. What
the student has learned half-way it sees better than what it says in the end, and of things that nobody taught it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from teaching.crops import Pixels
from teaching.student import Student

Floats = NDArray[np.float32]

CHANNELS = 40
"""axes that the channels are turned to, the strongest first"""
DIM = 192
LEVEL = 0.02
"""of the mean spread of an axis, added to each before it is half-whitened"""
PLACES = 60_000
"""places that the axes are found on"""
MOST = 3000
"""pictures that the products are brought to their axes on"""


@dataclass(frozen=True, slots=True)
class Texture:
    """What turns the map of a stage into a block."""

    stage: int
    turn: Floats
    """(channels of the stage, CHANNELS + 1): the last column is nothing, so that its bias of 1 gives the means"""
    bias: Floats
    pairs: NDArray[np.int64]
    """places in the flattened products: each pair once, and the means"""
    projection: Floats
    """(pairs, DIM)"""
    shift: Floats


def learn_texture(student: Student, stage: int, pixels: Pixels, *, channels: int = CHANNELS, dim: int = DIM) -> Texture:
    """Find the axes of a stage on whole pictures, without labels."""
    chance = np.random.default_rng(stage)
    maps = _maps(student, stage, pixels[chance.permutation(len(pixels))[:MOST]])
    places = maps.reshape(-1, maps.shape[2])
    places = places[chance.permutation(len(places))[:PLACES]].astype(np.float32)
    mean = places.mean(0)
    spread, axes = np.linalg.eigh(np.cov((places - mean).T))
    spread, axes = spread[: -channels - 1 : -1], axes[:, : -channels - 1 : -1]
    turn = axes / (spread + LEVEL * spread.mean()) ** 0.25
    turn = np.concatenate([turn, np.zeros((len(turn), 1))], axis=1).astype(np.float32)
    bias = np.concatenate([-mean @ turn[:, :-1], [1.0]]).astype(np.float32)
    rows, columns = np.triu_indices(channels + 1)
    pairs = (rows * (channels + 1) + columns)[:-1]
    products = np.stack([rooted(one.astype(np.float32), turn, bias, pairs) for one in maps])
    centre = products.mean(0)
    _, directions = np.linalg.eigh(np.cov((products - centre).T))
    projection = directions[:, : -dim - 1 : -1].astype(np.float32)
    return Texture(stage, turn, bias, pairs, projection, -centre @ projection)


def rooted(places: Floats, turn: Floats, bias: Floats, pairs: NDArray[np.int64]) -> Floats:
    """The products of the channels over the places (n, channels) of one picture: their signed roots, of length 1."""
    turned = places @ turn + bias
    products = (turned.T @ turned).ravel()[pairs]
    roots = np.sign(products) * np.sqrt(np.abs(products))
    unit: Floats = roots / max(float(np.linalg.norm(roots)), 1e-9)
    return unit


def _maps(student: Student, stage: int, pixels: Pixels) -> NDArray[np.float16]:
    """(n, places, channels)"""
    found = []
    with torch.inference_mode():
        for some in np.array_split(pixels, max(1, len(pixels) // 64)):
            seen = student.maps(torch.from_numpy(some).permute(0, 3, 1, 2).float())[stage]
            found.append(seen.flatten(2).transpose(1, 2).numpy().astype(np.float16))
    return np.concatenate(found)
