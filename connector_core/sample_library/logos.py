"""Sponsors: an emblem and a name in brand colours, printed on mugs, caps, banners and shirts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from connector_core.sample_library.carriers import banner, cap, mug, shirt
from connector_core.sample_library.paint import letters, linear
from connector_core.sample_library.piece import Piece

Emblem = Literal["wheel", "wing", "peak", "orbit", "hare"]
Pen = ImageDraw.ImageDraw
_SIDE = 300.0


@dataclass(frozen=True, slots=True)
class Sponsor:
    """A brand as it turns up on things."""

    name: tuple[str, str]
    emblem: Emblem
    brand: str
    second: str
    turn: float = 14.0

    def piece(self, rng: Generator) -> Piece:
        """The logo on one of the things that sponsors give away."""
        carrier = (mug, cap, banner, shirt)[int(rng.integers(4))]
        ground, ink = self._colours(rng)
        piece = carrier(_mark(self, ink, carrier is banner), linear(ground), rng)
        return dataclasses.replace(piece, albedo=np.clip(piece.albedo, 0, 1))

    def _colours(self, rng: Generator) -> tuple[str, str]:
        """Mostly the brand's own ground; sometimes white or black with the logo in colour."""
        chance = rng.random()
        if chance < 0.62:
            return self.brand, "#f5f4ef"
        return ("#eceae4", self.brand) if chance < 0.85 else ("#24262a", self.second)


@lru_cache(maxsize=32)
def _mark(sponsor: Sponsor, ink: str, wide: bool) -> Image.Image:
    """The logo as RGBA, emblem above the name or (wide) beside it."""
    size = (900, 320) if wide else (560, 560)
    picture = Image.new("RGBA", size, (*bytes.fromhex(ink[1:]), 0))
    pen = ImageDraw.Draw(picture)
    origin = (20.0, 10.0) if wide else (130.0, 10.0)
    _EMBLEMS[sponsor.emblem](pen, origin, ink)
    first, second = sponsor.name
    if wide:
        letters(pen, (350, 118), first, 128, ink, bold=0.06, anchor="lm")
        letters(pen, (352, 226), second, 84, ink, bold=0.02, anchor="lm")
    else:
        letters(pen, (280, 386), first, 116, ink, bold=0.06)
        letters(pen, (280, 486), second, 82, ink, bold=0.03)
    return picture


def _wheel(pen: Pen, at: tuple[float, float], ink: str) -> None:
    x, y = at[0] + _SIDE / 2, at[1] + _SIDE / 2
    for r, width in ((142, 26), (100, 8)):
        pen.ellipse([x - r, y - r, x + r, y + r], outline=ink, width=width)
    for spoke in range(12):
        angle = spoke / 12 * 2 * np.pi
        pen.line([x, y, x + 120 * np.cos(angle), y + 120 * np.sin(angle)], fill=ink, width=7)
    pen.ellipse([x - 30, y - 30, x + 30, y + 30], fill=ink)


def _wing(pen: Pen, at: tuple[float, float], ink: str) -> None:
    x, y = at
    pen.polygon(
        [
            (x + 8, y + 30),
            (x + 92, y + 30),
            (x + 150, y + 190),
            (x + 208, y + 30),
            (x + 292, y + 30),
            (x + 180, y + 280),
            (x + 120, y + 280),
        ],
        fill=ink,
    )
    pen.polygon([(x + 116, y + 30), (x + 184, y + 30), (x + 150, y + 118)], fill=ink)


def _peak(pen: Pen, at: tuple[float, float], ink: str) -> None:
    x, y = at
    pen.ellipse([x + 8, y + 8, x + 292, y + 292], outline=ink, width=16)
    pen.polygon(
        [(x + 40, y + 222), (x + 122, y + 86), (x + 160, y + 150), (x + 192, y + 108), (x + 260, y + 222)], fill=ink
    )
    pen.ellipse([x + 196, y + 56, x + 236, y + 96], fill=ink)


def _orbit(pen: Pen, at: tuple[float, float], ink: str) -> None:
    x, y = at
    pen.ellipse([x + 96, y + 96, x + 204, y + 204], fill=ink)
    pen.arc([x + 14, y + 60, x + 286, y + 240], 20, 335, fill=ink, width=20)
    pen.arc([x + 60, y + 14, x + 240, y + 286], 110, 60, fill=ink, width=20)
    pen.ellipse([x + 246, y + 84, x + 292, y + 130], fill=ink)


def _hare(pen: Pen, at: tuple[float, float], ink: str) -> None:
    x, y = at
    pen.ellipse([x + 60, y + 120, x + 240, y + 290], fill=ink)
    pen.ellipse([x + 76, y + 4, x + 126, y + 170], fill=ink)
    pen.ellipse([x + 166, y + 4, x + 216, y + 170], fill=ink)


_EMBLEMS: dict[Emblem, Callable[[Pen, tuple[float, float], str], None]] = {
    "wheel": _wheel, "wing": _wing, "peak": _peak, "orbit": _orbit, "hare": _hare,
}  # fmt: skip
