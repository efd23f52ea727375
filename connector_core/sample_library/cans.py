"""Drinks cans with printed wraps."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from connector_core.sample_library.paint import ellipse, letters, linear
from connector_core.sample_library.piece import Piece, Sheet
from connector_core.sample_library.printing import paper, tint
from connector_core.sample_library.solid import cylinder


@dataclass(frozen=True, slots=True)
class Can:
    """A slim drinks can."""

    brand: str
    words: str
    variety: str
    paint: str
    stripe: str
    fruit: str
    turn: float = 3.0

    def piece(self, rng: Generator) -> Piece:
        """The can, its label turned more or less towards the camera."""
        shape = (640, 340)
        sheet = Sheet(shape)
        radius, tilt = 118.0, float(rng.uniform(0.10, 0.28))
        middle, tin = (170.0, 322.0), linear("#b9bcbf")
        foot = ellipse(shape, (middle[0], middle[1] + 251 + 14), (radius * 0.86, radius * tilt * 0.86 + 3))
        sheet.lay(foot, tin * 0.35, gloss=0.4)
        spin = 0.5 + float(rng.uniform(-0.06, 0.06))
        body, normal = cylinder(
            sheet, _wrap(self), centre=middle, radius=radius, high=502, tilt=tilt, spin=spin, gloss=0.55
        )
        rim = (middle[0], middle[1] - 251)
        neck = ellipse(shape, rim, (radius, radius * tilt))
        sheet.lay(neck, tin * 0.85, gloss=0.6)
        sheet.lay(ellipse(shape, rim, (radius * 0.93, radius * tilt * 0.93)), tin, gloss=0.8)
        lid = ellipse(shape, (rim[0], rim[1] + 2), (radius * 0.87, radius * tilt * 0.87))
        sheet.lay(lid, tin * 0.5, gloss=0.6)
        sheet.lay(ellipse(shape, (rim[0] + 16, rim[1] + 4), (26, 26 * tilt)), tin * 0.9, gloss=0.8)
        top = np.clip(neck + lid, 0, 1)
        normal[1] -= top * 0.6
        normal[0] *= 1 - top
        piece = sheet.piece()
        stripes = (
            1
            + 0.35 * np.exp(-np.square((normal[0] + 0.55) / 0.10))
            - 0.18 * np.exp(-np.square((normal[0] - 0.2) / 0.2))
        )
        albedo = np.clip(piece.albedo * np.where(body > 0.5, stripes, 1.0)[..., None], 0, 1).astype(np.float32)
        opened = np.ones(shape, dtype=np.float32)
        return dataclasses.replace(piece, albedo=albedo, normal=normal, open=opened, standing=True)


@lru_cache(maxsize=12)
def _wrap(can: Can) -> Image.Image:
    picture = paper(can.paint, (1000, 680))
    pen = ImageDraw.Draw(picture)
    pen.rectangle([0, 0, 1000, 26], fill="#b9bcbf")
    pen.rectangle([0, 654, 1000, 680], fill="#b9bcbf")
    for turn in range(-2, 10):
        x = turn * 125
        pen.polygon([(x, 654), (x + 40, 654), (x + 230, 500), (x + 190, 500)], fill=can.stripe)
    for middle in (500, 1000, 0):
        letters(pen, (middle, 150), can.brand, 78, "#fbfaf3", bold=0.06)
        letters(pen, (middle, 228), can.words, 37, "#fbfaf3", bold=0.03)
        _slice(pen, (middle, 360), 84, can)
        if can.variety:
            pen.rounded_rectangle([middle - 92, 462, middle + 92, 512], 12, fill=can.stripe)
            letters(pen, (middle, 486), can.variety, 36, can.paint, bold=0.05)
        letters(pen, (middle, 618), "330 ml", 26, "#fbfaf3")
    for row in range(9):
        letters(pen, (252, 250 + row * 22), "carbonated water, ginger", 11, "#fbfaf3")
    return picture


def _slice(pen: ImageDraw.ImageDraw, at: tuple[float, float], radius: float, can: Can) -> None:
    x, y = at
    for share, shade in ((1.0, 0.75), (0.92, 1.5), (0.84, 1.0)):
        r = radius * share
        pen.ellipse([x - r, y - r, x + r, y + r], fill=tint(can.fruit, shade))
    for ray in range(9):
        angle = ray / 9 * 2 * np.pi
        pen.line(
            [x, y, x + radius * 0.84 * np.cos(angle), y + radius * 0.84 * np.sin(angle)],
            fill=tint(can.fruit, 1.5),
            width=5,
        )
