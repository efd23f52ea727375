"""Cartons with printed sides."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from connector_core.sample_library.paint import letters, noise
from connector_core.sample_library.piece import Piece, Sheet
from connector_core.sample_library.printing import paper, tint
from connector_core.sample_library.solid import box

_SHAPE = (640, 560)
Faces = tuple[Image.Image, Image.Image, Image.Image]


@dataclass(frozen=True, slots=True)
class Carton:
    """A breakfast carton: brand, variety, a bowl on the front and small print on the side."""

    brand: str
    words: tuple[str, str]
    variety: str
    paper: str
    band: str
    crunch: str
    berries: str = ""
    turn: float = 4.0

    def piece(self, rng: Generator) -> Piece:
        """The carton seen from one side and a little from above."""
        sheet = Sheet(_SHAPE)
        yaw = float(rng.uniform(6, 42) * rng.choice([-1, 1]))
        pitch = float(rng.uniform(3, 26))
        normal = box(sheet, _faces(self), (330, 470, 118), yaw=yaw, pitch=pitch, gloss=0.22)
        dents = noise(_SHAPE, 120, rng) * 0.05
        normal[0] += dents
        piece = sheet.piece()
        return dataclasses.replace(piece, normal=normal, open=np.ones(_SHAPE, dtype=np.float32), standing=True)


@lru_cache(maxsize=12)
def _faces(carton: Carton) -> Faces:
    return _front(carton), _side(carton), _top(carton)


def _front(carton: Carton) -> Image.Image:
    picture = paper(carton.paper, (400, 570))
    pen = ImageDraw.Draw(picture)
    pen.polygon([(0, 0), (400, 0), (400, 118), (200, 150), (0, 118)], fill=carton.band)
    letters(pen, (200, 66), carton.brand, 62, "#fdf8ec", bold=0.05)
    first, second = carton.words
    letters(pen, (200, 196), first, 60, carton.band, bold=0.06)
    letters(pen, (200, 250), second, 50, carton.band, bold=0.05)
    if carton.variety:
        pen.rounded_rectangle([70, 284, 330, 330], 23, fill=carton.crunch)
        letters(pen, (200, 306), carton.variety, 30, "#fdf8ec", bold=0.04)
    _bowl(picture, carton)
    letters(pen, (58, 548), "425 g", 22, carton.band, bold=0.04)
    pen.ellipse([318, 488, 388, 558], fill=carton.band)
    letters(pen, (353, 514), "whole", 17, "#fdf8ec")
    letters(pen, (353, 532), "grain", 17, "#fdf8ec")
    return picture


def _bowl(picture: Image.Image, carton: Carton) -> None:
    """A bowl of clusters: many small shaded lumps, brighter on top."""
    rng = np.random.default_rng(len(carton.variety) + 5)
    pen = ImageDraw.Draw(picture)
    pen.ellipse([62, 520, 338, 560], fill=tint(carton.paper, 0.78))
    pen.pieslice([62, 330, 338, 548], 0, 180, fill="#f4f1ea")
    pen.pieslice([72, 352, 260, 542], 20, 150, fill="#e3ded3")
    pen.ellipse([62, 404, 338, 474], fill="#d8d2c4")
    pen.ellipse([72, 409, 328, 469], fill=tint(carton.crunch, 0.6))
    for _ in range(150):
        angle, away = rng.uniform(0, 2 * np.pi), np.sqrt(rng.random())
        x, y, r = (
            200 + 118 * away * np.cos(angle),
            432 + 25 * away * np.sin(angle) - 16 * (1 - away),
            rng.uniform(6, 13),
        )
        berry = carton.berries and rng.random() < 0.22
        base = carton.berries if berry else carton.crunch
        pen.ellipse([x - r, y - r * 0.8, x + r, y + r * 0.8], fill=tint(base, rng.uniform(0.55, 0.8)))
        pen.ellipse([x - r * 0.85, y - r * 0.8, x + r * 0.6, y + r * 0.4], fill=tint(base, rng.uniform(0.95, 1.35)))


def _side(carton: Carton) -> Image.Image:
    picture = paper(tint(carton.paper, 0.95), (150, 570))
    pen = ImageDraw.Draw(picture)
    pen.rectangle([0, 0, 150, 118], fill=carton.band)
    letters(pen, (75, 60), carton.brand, 30, "#fdf8ec", bold=0.04)
    pen.rectangle([14, 140, 136, 380], fill="#fbfaf5", outline="#333333", width=2)
    letters(pen, (75, 156), "Nutrition", 19, "#222222", bold=0.04)
    rows = (
        "Energy|1840 kJ",
        "Fat|14 g",
        "  saturates|2 g",
        "Carbs|61 g",
        "  sugars|17 g",
        "Fibre|8 g",
        "Protein|9 g",
        "Salt|0.2 g",
    )
    for row, line in enumerate(rows):
        name, amount = line.split("|")
        y = 184 + row * 24
        letters(pen, (20, y), name, 13, "#222222", anchor="lm")
        letters(pen, (131, y), amount, 13, "#222222", anchor="rm")
        pen.line([16, y + 12, 134, y + 12], fill="#999999")
    rng = np.random.default_rng(12)
    pen.rectangle([24, 460, 126, 545], fill="#ffffff")
    x = 31.0
    while x < 118:
        bar = rng.integers(1, 4)
        pen.rectangle([x, 466, x + bar - 1, 530], fill="#111111")
        x += bar + rng.integers(1, 4)
    return picture


def _top(carton: Carton) -> Image.Image:
    picture = paper(tint(carton.band, 1.05), (400, 145))
    pen = ImageDraw.Draw(picture)
    pen.line([0, 74, 400, 74], fill=tint(carton.band, 0.6), width=3)
    letters(pen, (200, 38), carton.brand, 34, "#fdf8ec", bold=0.04)
    return picture
