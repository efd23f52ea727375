"""The words of the engine as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Pixels: (height, width, 3), RGB, upright."""

Vectors = NDArray[np.float32]
"""Encoded pictures: (n, dim), one unit vector a row."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the picture: left, top, width, height, all in [0, 1]."""

    x: float
    y: float
    width: float
    height: float


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What is kept of one asset once its pixels have been read.

    ``vectors`` is (regions, dim) float32; row 0 is the whole picture, further rows are the tiles in ``boxes``.
    """

    vectors: Vectors
    boxes: tuple[Box, ...] = (WHOLE,)

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.boxes):
            raise ValueError(f"{self.vectors.shape} vectors for {len(self.boxes)} boxes")


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """An asset that shows a tag.

    ``shoot`` names what it was taken together with (a folder of one day, a product page, a clip); examples of one
    shoot are never split between learning and judging. Empty means unknown: visual clusters stand in for it.
    """

    asset: str
    tag: str
    features: Features
    group: str = "product"
    shoot: str = ""
    source: str = "import"


class Decision(StrEnum):
    """What becomes of a prediction."""

    APPLY = "apply"
    """write it to the host"""
    REVIEW = "review"
    """ask a person"""
    REJECT = "reject"
    """looks like none of the tags"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a tag was predicted: what it most resembles, where, and what came second."""

    nearest: str
    """the example it most resembles (asset id)"""
    similarity: float
    """cosine to that example, in [-1, 1]"""
    box: Box
    """the region that scored best"""
    runner_up: str
    """the second best tag of the group, empty if there is none"""
    runner_up_probability: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """Asset x tag: a calibrated probability, a decision and its evidence."""

    asset: str
    tag: str
    group: str
    probability: float
    decision: Decision
    reason: str
    """one short sentence for a person: why this decision"""
    evidence: Evidence
    familiarity: float = 0.0
    """how much it looks like any tag of the group at all: higher is more familiar; only its order means something"""
    candidates: tuple[tuple[str, float], ...] = field(default=())
    """the best few tags with their probabilities, best first"""
