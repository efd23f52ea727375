"""The Encoder protocol: pictures in, unit vectors out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol, runtime_checkable

from model_service.types import Picture, Vectors


@dataclass(frozen=True, slots=True)
class Block:
    """A run of dimensions with one meaning (colour, texture, one network); its weight is learned per group."""

    name: str
    dim: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Everything that decides what a vector means. Models are bound to it."""

    name: str
    """the spec that ``load_encoder`` understands, e.g. ``compact`` or ``compact+onnx:bottle.onnx``"""
    revision: str
    """changes when weights change: a content hash or a pinned hub revision"""
    blocks: tuple[Block, ...]
    preprocessing: str
    """size, colour order, scale, pooling, in words stable enough to compare"""

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        return sum(block.dim for block in self.blocks)

    @property
    def id(self) -> str:
        """A short name that differs whenever vectors would, and only then: twelve hex digits.

        What the encoder is called is left out, so that a network may be moved to another folder.
        """
        told = {key: value for key, value in asdict(self).items() if key != "name"}
        text = json.dumps(told, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@runtime_checkable
class Encoder(Protocol):
    """Turns pictures into vectors; the same picture gives the same vector, alone or in a batch."""

    @property
    def fingerprint(self) -> Fingerprint:
        """What the vectors mean; known without encoding anything."""
        ...

    def encode(self, pictures: Sequence[Picture]) -> Vectors:
        """Vectors of the pictures: (n, dim) float32 unit rows.

        Within a row every block has the same length (1 / sqrt(number of blocks)), so that no block shouts;
        recognisers learn how much to listen to each. No picture gives (0, dim).
        """
        ...
