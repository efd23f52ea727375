"""The encoder that comes with Propernoun: colours, edges and their arrangement, without a network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from model_service.encoders.descriptors import AREA, Map, colour_edges, edges, local_colour, prepare
from model_service.encoders.encoder import Block, Fingerprint
from model_service.encoders.fisher import Mixture
from model_service.encoders.palette import palette
from model_service.encoders.pool import unit
from model_service.types import Picture, Vectors

WEIGHTS = Path(__file__).with_suffix(".safetensors")

CODE = 1
"""to be raised with every change of code that changes vectors"""

DESCRIBED: Mapping[str, Callable[[Map], tuple[Map, Map]]] = {
    "local colour": local_colour,
    "texture": edges,
    "colour texture": colour_edges,
}
"""the blocks that are Fisher vectors, and of which descriptors"""
BLOCKS = ("colour", *DESCRIBED)


class Compact:
    """The encoder ``compact``: four blocks, from a palette and three Fisher vectors, each projected to fewer numbers.

    What the mixtures and projections were learned from, and how, is ``benchmarks/learn_compact.py``.
    """

    def __init__(self) -> None:
        data = WEIGHTS.read_bytes()
        tensors = load(data)
        self._mixtures = {name: Mixture.read(tensors, name) for name in DESCRIBED}
        self._centres: dict[str, Vectors] = {
            name: tensors[f"{name}.centre"].astype(np.float32)[None] for name in BLOCKS
        }
        self._projections: dict[str, Vectors] = {
            name: tensors[f"{name}.projection"].astype(np.float32) for name in BLOCKS
        }
        self._fingerprint = Fingerprint(
            name="compact",
            revision=f"{hashlib.sha256(data).hexdigest()[:16]}-{CODE}",
            blocks=tuple(Block(name, self._projections[name].shape[1]) for name in BLOCKS),
            preprocessing=f"area of {AREA}x{AREA} in its own shape, bilinear, RGB / 255, "
            "opponent colours and their edges, l2 in each block",
        )

    @property
    def fingerprint(self) -> Fingerprint:
        """What the vectors mean."""
        return self._fingerprint

    def encode(self, pictures: Sequence[Picture]) -> Vectors:
        """Vectors of the pictures, one picture after the other; safe on many threads."""
        vectors = np.empty((len(pictures), self._fingerprint.dim), np.float32)
        for row, picture in zip(vectors, pictures, strict=True):
            row[:] = self._encode(picture)
        return vectors

    def _encode(self, picture: Picture) -> NDArray[np.float32]:
        whole = describe(prepare(picture), self._mixtures)
        rows = []
        for name in BLOCKS:
            special: Vectors = whole[name] - self._centres[name]
            row: Vectors = np.matmul(special, self._projections[name])
            rows.append(unit(row))
        vector: NDArray[np.float32] = np.concatenate(rows, axis=1)[0] / np.float32(len(BLOCKS) ** 0.5)
        return vector


def describe(pixels: Map, mixtures: Mapping[str, Mixture]) -> dict[str, NDArray[np.float32]]:
    """What is projected: the palette, and a Fisher vector for each mixture."""
    vectors = {"colour": palette(pixels)}
    for name, mixture in mixtures.items():
        vectors[name] = mixture.fisher(*DESCRIBED[name](pixels))
    return vectors
