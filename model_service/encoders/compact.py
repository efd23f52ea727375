"""The encoder that comes with Propernoun: a small network that larger ones have taught, and the colours themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load

from model_service.encoders.encoder import Block, Fingerprint
from model_service.encoders.palette import palette
from model_service.encoders.pool import unit
from model_service.encoders.session import cores, open_session
from model_service.types import Picture, Vectors

NETWORK = Path(__file__).with_suffix(".onnx")
COLOURS = Path(__file__).with_suffix(".safetensors")
SIDE = 128
"""of the square that pictures are brought to"""
BATCH = 8
CODE = 2
"""to be raised with every change of code that changes vectors"""


class Compact:
    """The encoder ``compact``: what a network makes of the picture, at three depths, and which colours it has.

    How the network was taught is in ``teaching``, what it can and cannot do in ``docs/compact-card.md``.
    ``threads`` is the number of cores one ``encode`` may use; 0 means all that this process may run on.
    """

    def __init__(self, *, threads: int = 0) -> None:
        network, colours = NETWORK.read_bytes(), COLOURS.read_bytes()
        self._session = open_session(network, NETWORK, threads or cores())
        tensors = load(colours)
        self._centre: Vectors = tensors["colour.centre"].astype(np.float32)
        self._projection: Vectors = tensors["colour.projection"].astype(np.float32)
        blocks = [Block(output.name, output.shape[1]) for output in self._session.get_outputs()]
        self._fingerprint = Fingerprint(
            name="compact",
            revision=f"{hashlib.sha256(network + colours).hexdigest()[:16]}-{CODE}",
            blocks=(*blocks, Block("colour", self._projection.shape[1])),
            preprocessing=f"stretched to {SIDE}x{SIDE}, bilinear, RGB, l2 in each block",
        )

    @property
    def fingerprint(self) -> Fingerprint:
        """What the vectors mean."""
        return self._fingerprint

    def encode(self, pictures: Sequence[Picture]) -> Vectors:
        """Unit vectors, (n, dim) float32, of the pictures; safe on many threads."""
        vectors = np.empty((len(pictures), self._fingerprint.dim), np.float32)
        for start in range(0, len(pictures), BATCH):
            small = np.stack([shrink(picture) for picture in pictures[start : start + BATCH]])
            fed = np.ascontiguousarray(small.transpose(0, 3, 1, 2), np.float32)
            seen = self._session.run(None, {"pixels": fed})
            # One after the other: the last digits of a product of matrices depend on how many rows there are.
            colours = np.stack([(palette(one) - self._centre) @ self._projection for one in small])
            rows = np.concatenate([unit(block) for block in (*seen, colours)], axis=1)
            vectors[start : start + BATCH] = rows / np.float32(len(self._fingerprint.blocks) ** 0.5)
        return vectors


def shrink(picture: Picture) -> Picture:
    """The picture as a square of SIDE pixels, whatever its shape."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0))
