"""Products as Gaussians that come in shoots: photos of one shoot share an offset, as those of one day do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model_service.encoders.encoder import Block, Fingerprint
from model_service.recognizers.moments import Floats
from model_service.types import Example, Features

BLOCKS = (Block("shape", 12), Block("colour", 8))
PRINT = Fingerprint("synthetic", "1", BLOCKS, "none")


def features(vector: Floats) -> Features:
    """A picture seen whole."""
    return Features(np.asarray(vector, np.float32)[None])


def unit(vectors: Floats, blocks: tuple[Block, ...] = BLOCKS) -> Floats:
    """Every block of every row at the same length, as encoders give them."""
    parts = np.split(vectors, np.cumsum([block.dim for block in blocks])[:-1], axis=1)
    rows: Floats = np.concatenate([part / np.linalg.norm(part, axis=1, keepdims=True) for part in parts], 1)
    rows /= len(parts) ** 0.5
    return rows


@dataclass
class Shop:
    """A source of examples; ``drift`` is how far a shoot lies from its product, ``noise`` a photo from its shoot."""

    tags: int = 6
    drift: float = 0.3
    noise: float = 0.15
    seed: int = 0
    quiet: int = len(BLOCKS)
    """blocks from this one on are noise alone"""

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.centres = self.rng.normal(size=(self.tags, sum(block.dim for block in BLOCKS)))
        self.shoots = 0

    def shoot(self, tag: int, count: int) -> Floats:
        """The vectors of one shoot of a product: (count, dim)."""
        dim = self.centres.shape[1]
        offset = self.drift * self.rng.normal(size=dim)
        found = self.centres[tag] + offset + self.noise * self.rng.normal(size=(count, dim))
        for place, start in enumerate(np.cumsum([0, *(block.dim for block in BLOCKS)])[:-1]):
            if place >= self.quiet:
                found[:, start : start + BLOCKS[place].dim] = self.rng.normal(size=(count, BLOCKS[place].dim))
        return unit(found)

    def examples(self, shoots: int = 4, each: int = 5, *, named: bool = True) -> list[Example]:
        """Examples of every tag from this many shoots; unnamed shoots have to be found by how they look."""
        found = []
        for tag in range(self.tags):
            for _ in range(shoots):
                self.shoots += 1
                name = f"day{self.shoots}"
                for place, vector in enumerate(self.shoot(tag, each)):
                    shoot = name if named else ""
                    found.append(Example(f"{name}/{place}.jpg", f"tag{tag}", features(vector), shoot=shoot))
        return found


def matrix(examples: list[Example]) -> Floats:
    """The vectors of examples: (n, dim)."""
    return np.stack([example.features.vectors[0] for example in examples]).astype(np.float64)
