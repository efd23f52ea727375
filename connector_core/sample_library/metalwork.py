"""Gears and brackets of brushed metal: what tells them apart is how many holes and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from connector_core.sample_library.paint import (
    Floats,
    Point,
    Shape,
    area,
    ellipse,
    letters,
    linear,
    noise,
    smooth,
    stroke,
)
from connector_core.sample_library.piece import Piece, Sheet, pillow


@dataclass(frozen=True, slots=True)
class Gear:
    """A spur gear with a ring of holes and its number engraved."""

    number: str
    teeth: int
    holes: int
    metal: str = "#b4b6b8"
    turn: float = 180.0

    def piece(self, rng: Generator) -> Piece:
        """The gear with its turning marks, a little oil and wear."""
        shape, c = (520, 520), 260.0
        sheet = Sheet(shape)
        outline = []
        for tooth in range(self.teeth):
            for share, radius in ((0.0, 205), (0.18, 205), (0.32, 240), (0.62, 240), (0.76, 205)):
                angle = (tooth + share) / self.teeth * 2 * np.pi
                outline.append((c + radius * float(np.cos(angle)), c + radius * float(np.sin(angle))))
        body = area(shape, outline)
        y, x = np.mgrid[:520, :520].astype(np.float32) - np.float32(c)
        away = np.hypot(x, y)
        rings = _scratches(away, rng)
        steel = _worn(shape, linear(self.metal), rng) * (1 + 0.10 * rings)[..., None]
        sheet.lay(body, steel, height=10 + pillow(body, 5), gloss=0.8)
        web = ellipse(shape, (c, c), (172, 172)) - ellipse(shape, (c, c), (78, 78))
        sheet.carve(smooth(np.clip(web, 0, 1), 1.2), 9, darken=0.12)
        for hole in range(self.holes):
            angle = (hole + 0.5) / self.holes * 2 * np.pi
            _bore(sheet, (c + 126 * float(np.cos(angle)), c + 126 * float(np.sin(angle))), 23)
        _bore(sheet, (c, c), 40)
        sheet.cut(area(shape, [(c - 9, c - 54), (c + 9, c - 54), (c + 9, c), (c - 9, c)]))
        _engrave(sheet, (c, c + 188), self.number, 19)
        return sheet.piece(brushed=np.arctan2(x, -y).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Bracket:
    """A flat mounting bracket: a plate with slots and screw holes."""

    number: str
    holes: tuple[Point, ...]
    slots: tuple[tuple[Point, Point], ...]
    metal: str = "#a9abad"
    turn: float = 180.0

    def piece(self, rng: Generator) -> Piece:
        """The bracket with its brushing and scratches."""
        shape = (420, 600)
        sheet = Sheet(shape)
        outline = [
            (24, 60),
            (60, 24),
            (540, 24),
            (576, 60),
            (576, 190),
            (540, 226),
            (250, 226),
            (226, 250),
            (226, 360),
            (190, 396),
            (60, 396),
            (24, 360),
        ]
        body = area(shape, [(float(x), float(y)) for x, y in outline])
        lines = _scratches(np.mgrid[: shape[0], : shape[1]][0].astype(np.float32), rng)
        steel = _worn(shape, linear(self.metal), rng) * (1 + 0.10 * lines)[..., None]
        sheet.lay(body, steel, height=8 + pillow(body, 5), gloss=0.75)
        bend = stroke(shape, [(30, 238), (222, 238)], width=9)
        sheet.carve(smooth(bend, 4), 5, darken=0.1)
        for at in self.holes:
            _bore(sheet, at, 17)
        for start, end in self.slots:
            sheet.carve(smooth(stroke(shape, [start, end], width=34), 1.5), 3)
            for at in (start, end):
                sheet.cut(ellipse(shape, at, (12, 12)))
            sheet.cut(stroke(shape, [start, end], width=24))
        _engrave(sheet, (120, 300), self.number, 22)
        return sheet.piece(brushed=np.zeros(shape, dtype=np.float32))


def _scratches(across: Floats, rng: Generator) -> Floats:
    """Fine lines: the same value all along a scratch."""
    profile = rng.standard_normal(1024).astype(np.float32)
    profile += np.repeat(rng.standard_normal(256).astype(np.float32), 4) * 0.6
    return np.interp(across, np.arange(1024) * 0.9, profile).astype(np.float32)


def _worn(shape: Shape, metal: Floats, rng: Generator) -> Floats:
    stains = 1 - 0.12 * np.clip(noise(shape, 70, rng, octaves=3), 0, 2) + 0.04 * noise(shape, 2.2, rng)
    return np.asarray(metal * 0.72 * stains[..., None], dtype=np.float32)


def _bore(sheet: Sheet, at: Point, radius: float) -> None:
    sheet.carve(smooth(ellipse(sheet.shape, at, (radius + 6, radius + 6)), 1.5), 4)
    sheet.cut(ellipse(sheet.shape, at, (radius, radius)))


def _engrave(sheet: Sheet, at: Point, words: str, size: float) -> None:
    high, wide = sheet.shape
    plate = Image.new("L", (wide * 2, high * 2))
    letters(ImageDraw.Draw(plate), (at[0] * 2, at[1] * 2), words, size * 2, 255, bold=0.03)
    mask = np.asarray(plate.reduce(2), dtype=np.float32) / np.float32(255)
    sheet.carve(mask, 2.0, darken=0.72)
