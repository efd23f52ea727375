"""What else lies in a photo: a pencil, tape, paper, leaves, a cable, coins, a cloth."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from connector_core.sample_library.paint import Shape, area, curve, ellipse, letters, linear, noise, stroke
from connector_core.sample_library.piece import Piece, Sheet, folds, pillow

PROPS = ("pencil", "tape", "note", "leaf", "cable", "coin", "cloth")


@lru_cache(maxsize=16)
def prop(name: str) -> Piece:
    """A small thing that lies about."""
    shape = (300, 300)
    rng = np.random.default_rng([ord(letter) for letter in name])
    sheet = Sheet(shape)
    _DRAW[name](sheet, shape, rng)
    return sheet.piece()


def _pencil(sheet: Sheet, shape: Shape, rng: np.random.Generator) -> None:
    shaft = area(shape, [(10, 141), (250, 141), (250, 159), (10, 159)])
    sheet.lay(shaft, linear("#d9a520"), height=pillow(shaft, 14), gloss=0.4)
    wood = area(shape, [(250, 141), (288, 149), (288, 151), (250, 159)])
    sheet.lay(wood, linear("#dcbf94"), height=pillow(wood, 12))
    sheet.lay(area(shape, [(278, 147), (290, 150), (278, 153)]), linear("#2b2b2b"))
    sheet.lay(area(shape, [(10, 141), (30, 141), (30, 159), (10, 159)]), linear("#c98d8d"), height=6)


def _tape(sheet: Sheet, shape: Shape, rng: np.random.Generator) -> None:
    ring = ellipse(shape, (150, 150), (112, 112))
    sheet.lay(ring, linear("#c8b07a"), height=26 + pillow(ring, 4), gloss=0.4)
    sheet.lay(ellipse(shape, (150, 150), (82, 82)), linear("#a98b62"), height=26.0)
    sheet.cut(ellipse(shape, (150, 150), (74, 74)))


def _note(sheet: Sheet, shape: Shape, rng: np.random.Generator) -> None:
    page = area(shape, [(40, 20), (262, 26), (256, 284), (36, 278)])
    sheet.lay(page, linear("#f2efe6"), height=noise(shape, 120, rng) * 6)
    canvas = Image.new("L", (600, 600))
    for row, words in enumerate(
        ("call Ines re pallets", "24 x shell M", "12 x shell L", "shelf 4, bay 2", "before Friday!")
    ):
        letters(ImageDraw.Draw(canvas), (110, 120 + row * 66), words, 40, 230, anchor="lm")
    sheet.ink(np.asarray(canvas.reduce(2), dtype=np.float32) / np.float32(255), linear("#28386e"))


def _leaf(sheet: Sheet, shape: Shape, rng: np.random.Generator) -> None:
    blade = area(shape, curve([(30, 150), (100, 88), (200, 96), (280, 150), (200, 206), (100, 212)]))
    hue = linear("#7d8a3a") * (1 + 0.2 * noise(shape, 40, rng, octaves=3))[..., None]
    sheet.lay(blade, np.clip(hue, 0, 1), height=pillow(blade, 20) + noise(shape, 60, rng) * 4, gloss=0.15)
    veins = [[(30.0, 150.0), (280.0, 150.0)]] + [
        [(x, 150.0), (x + 40, 150.0 + s * 44)] for x in (70.0, 110.0, 150.0, 190.0) for s in (-1, 1)
    ]
    sheet.carve(stroke(shape, *veins, width=2) * blade, 2, darken=0.25)


def _cable(sheet: Sheet, shape: Shape, rng: np.random.Generator) -> None:
    line = curve(
        [(0, 90), (90, 40), (220, 80), (240, 190), (130, 230), (100, 140), (190, 120), (300, 250)],
        closed=False,
        steps=14,
    )
    cord = stroke(shape, line, width=13)
    sheet.lay(cord, linear("#2c2d30"), height=pillow(cord, 10), gloss=0.3)


def _coin(sheet: Sheet, shape: Shape, rng: np.random.Generator) -> None:
    for at, metal in (((120.0, 130.0), "#c9b06a"), ((196.0, 186.0), "#b7a184")):
        disc = ellipse(shape, at, (44, 44))
        sheet.lay(disc, linear(metal) * 0.8, height=9 + pillow(disc, 3) + noise(shape, 12, rng) * 0.8, gloss=0.8)
        sheet.carve(ellipse(shape, at, (37, 37)), 2)


def _cloth(sheet: Sheet, shape: Shape, rng: np.random.Generator) -> None:
    rag = area(shape, curve([(20, 40), (150, 14), (284, 50), (270, 160), (290, 280), (140, 262), (22, 284), (40, 150)]))
    y, x = np.mgrid[:300, :300]
    check = np.where((x // 24 + y // 24) % 2 == 0, 1.0, 0.62)[..., None]
    creases = folds(shape, rng, angle=30, wide=40, long=140) * 6
    sheet.lay(rag, (linear("#b9c3c4") * check).astype(np.float32), height=pillow(rag, 16) + creases)


_DRAW = {
    "pencil": _pencil, "tape": _tape, "note": _note, "leaf": _leaf, "cable": _cable, "coin": _coin, "cloth": _cloth,
}  # fmt: skip
