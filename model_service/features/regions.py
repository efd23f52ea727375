"""Regions: a cluttered scene cut into overlapping tiles, so that a small product fills one of them."""

from __future__ import annotations

import math

from model_service.errors import Misconfigured
from model_service.types import WHOLE, Box, Picture

MOST = 6
"""tiles a side"""
OVERLAP = 1.5
"""how much larger a tile is than its share of the side: what is 0.4 tiles wide lies whole in one of them"""


def boxes(grid: int = 0, *, overlap: float = OVERLAP) -> tuple[Box, ...]:
    """The whole picture, then ``grid`` x ``grid`` tiles row by row. Grid 0 is the whole picture alone.

    Raises Misconfigured for a grid that is neither 0 nor from 2 to ``MOST``.
    """
    if grid != 0 and not 2 <= grid <= MOST:
        raise Misconfigured(f"A grid of {grid} is not possible: 0 looks at whole pictures, 2 to {MOST} also at tiles.")
    if not grid:
        return (WHOLE,)
    if not 1 <= overlap < grid:
        raise ValueError(f"overlap {overlap} is not from 1 to less than {grid}")
    side = overlap / grid
    starts = [index * (1 - side) / (grid - 1) for index in range(grid)]
    return WHOLE, *(Box(x, y, side, side) for y in starts for x in starts)


def tiles(picture: Picture, grid: int = 0, *, overlap: float = OVERLAP) -> list[tuple[Box, Picture]]:
    """Each of ``boxes`` with its pixels: views into the picture, not copies; a tile has at least one pixel."""
    return [(box, _cut(picture, box)) for box in boxes(grid, overlap=overlap)]


def _cut(picture: Picture, box: Box) -> Picture:
    top, bottom = _span(box.y, box.height, picture.shape[0])
    left, right = _span(box.x, box.width, picture.shape[1])
    return picture[top:bottom, left:right]


def _span(start: float, length: float, pixels: int) -> tuple[int, int]:
    # Rounded a little first: 0.75 of 640 pixels must not become 481 for the sake of the fifteenth digit.
    return math.floor(round(start * pixels, 6)), math.ceil(round((start + length) * pixels, 6))
