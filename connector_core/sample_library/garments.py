"""Jackets and fleeces, laid out or hung up: seams, zips, pockets, folds and the weave of the cloth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator

from connector_core.sample_library.paint import (
    Floats,
    Point,
    area,
    curve,
    dashes,
    ellipse,
    linear,
    noise,
    stroke,
)
from connector_core.sample_library.piece import Piece, Sheet, folds, pillow

_SHAPE = (640, 640)
_MIDDLE = 320.0


@dataclass(frozen=True, slots=True)
class Garment:
    """A jacket (``shell``: hood, full zip) or a pullover (``fleece``: stand collar, half zip) in a colourway."""

    cut: Literal["shell", "fleece"]
    main: str
    trim: str
    zip: str
    turn: float = 24.0

    def piece(self, rng: Generator) -> Piece:
        """The garment with its sleeves and folds as they fell this time."""
        sheet = Sheet(_SHAPE)
        cloth = _Cloth(self.cut, linear(self.main), rng)
        lean = rng.uniform(-6, 6)
        spread = rng.uniform(9, 30)
        for side in (-1, 1):
            _sleeve(sheet, side, spread + rng.uniform(-5, 5), cloth, linear(self.trim), rng)
        if self.cut == "shell":
            _hood(sheet, cloth, linear(self.trim), rng)
        _body(sheet, cloth, lean, rng)
        (_shell_details if self.cut == "shell" else _fleece_details)(sheet, linear(self.trim), linear(self.zip), rng)
        return sheet.piece()


class _Cloth:
    """One bolt of cloth: its colour with wear and weave, and how it creases."""

    def __init__(self, cut: str, colour: Floats, rng: Generator) -> None:
        self.soft = cut == "fleece"
        self.rng = rng
        wear = 1 + 0.05 * noise(_SHAPE, 90, rng) + (0.10 if self.soft else 0.025) * noise(_SHAPE, 3.0, rng)
        self.colour = np.clip(colour * wear[..., None], 0, 1)
        self.gloss = 0.015 if self.soft else 0.16
        fine = (
            noise(_SHAPE, 3.2, rng) * 0.6 + noise(_SHAPE, 8, rng) * 0.4 if self.soft else noise(_SHAPE, 2.4, rng) * 0.08
        )
        self.weave = fine

    def fall(self, mask: Floats, *, thick: float, angle: float, crease: float) -> Floats:
        """The height of a part of the garment: stuffed, creased along ``angle``, woven."""
        wide, long = (34, 150) if not self.soft else (46, 140)
        amount = crease * (3.4 if not self.soft else 2.2)
        ridges = folds(_SHAPE, self.rng, angle=angle, wide=wide, long=long) * np.float32(amount)
        broad = noise(_SHAPE, 85, self.rng) * np.float32(4.0)
        return np.asarray(pillow(mask, thick) + ridges + broad + self.weave, dtype=np.float32)


def _limb(start: Point, middle: Point, end: Point, widths: tuple[float, float, float]) -> list[Point]:
    bones = np.asarray([start, middle, end])
    along = np.gradient(bones, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.hypot(*along.T)[:, None]
    half = np.asarray(widths)[:, None]
    left, right = bones + across * half, (bones - across * half)[::-1]
    return curve([*map(tuple, left), *map(tuple, right)], steps=10)


def _sleeve(sheet: Sheet, side: int, spread: float, cloth: _Cloth, trim: Floats, rng: Generator) -> None:
    bend = spread - rng.uniform(0, 16)
    top = (_MIDDLE + side * 96, 192.0)
    turn, fold = np.radians(spread), np.radians(bend)
    elbow = (top[0] + side * 190 * float(np.sin(turn)), top[1] + 190 * float(np.cos(turn)))
    wrist = (elbow[0] + side * 172 * float(np.sin(fold)), elbow[1] + 172 * float(np.cos(fold)))
    mask = area(_SHAPE, _limb(top, elbow, wrist, (54, 47, 34)))
    height = cloth.fall(mask, thick=28, angle=side * spread * 0.9 + rng.uniform(50, 80) * side, crease=1.15)
    sheet.lay(mask, cloth.colour, height=height - 4, gloss=cloth.gloss)
    reach = np.asarray(wrist) - np.asarray(elbow)
    reach = reach / np.hypot(*reach)
    across = np.asarray([-reach[1], reach[0]])
    for back, depth in ((8.0, 3.0), (30.0, 1.6)):
        middle = np.asarray(wrist) - reach * back
        seam = stroke(_SHAPE, [tuple(middle - across * 44), tuple(middle + across * 44)], width=3) * mask
        sheet.carve(seam, depth, darken=0.3)
    if not cloth.soft:
        middle = np.asarray(wrist) - reach * 20
        tab = area(
            _SHAPE, [tuple(middle + across * s * 16 + reach * t * 7) for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        )
        sheet.lay(tab * mask, trim * 0.8, height=sheet.height + 3, gloss=0.1)


def _hood(sheet: Sheet, cloth: _Cloth, trim: Floats, rng: Generator) -> None:
    sway, tall = rng.uniform(-10, 10), rng.uniform(10, 34)
    outline = [(x + sway * (190 - y) / 190, y) for x, y in (
        (232, 168), (226, 110), (254, tall + 32), (_MIDDLE, tall), (386, tall + 32), (414, 110), (408, 168),
        (_MIDDLE, 190),
    )]  # fmt: skip
    mask = area(_SHAPE, curve(outline))
    sheet.lay(
        mask,
        cloth.colour,
        height=cloth.fall(mask, thick=40, angle=rng.uniform(-40, 40), crease=1.0) + 6,
        gloss=cloth.gloss,
    )
    opening = area(_SHAPE, curve([(x + sway * (190 - y) / 190, y) for x, y in (
        (264, 168), (258, 112), (280, tall + 58), (_MIDDLE, tall + 42), (360, tall + 58), (382, 112), (376, 168),
        (_MIDDLE, 214),
    )]))  # fmt: skip
    sheet.lay(opening, trim * 0.55, height=-14 + noise(_SHAPE, 30, rng) * 3, gloss=0.03)


def _body(sheet: Sheet, cloth: _Cloth, lean: float, rng: Generator) -> None:
    hem = rng.uniform(-7, 7)
    outline = [(x + lean * (y - 350) / 200, y) for x, y in (
        (262, 140), (206, 152), (180, 190), (188, 262), (190, 400), (184, 540 + hem), (186, 572 + hem),
        (204, 586 + hem),
        (_MIDDLE, 592), (436, 586 - hem), (454, 572 - hem), (456, 540 - hem), (450, 400), (452, 262), (460, 190),
        (434, 152), (378, 140), (_MIDDLE, 166),
    )]  # fmt: skip
    mask = area(_SHAPE, curve(outline))
    height = cloth.fall(mask, thick=28 if not cloth.soft else 34, angle=rng.uniform(-28, 28), crease=1.0)
    sheet.lay(mask, cloth.colour, height=height + 8, gloss=cloth.gloss)


def _seam(sheet: Sheet, line: list[Point], *, depth: float = 2.2, sewn: bool = True) -> None:
    inside = sheet.alpha
    sheet.carve(stroke(_SHAPE, line, width=2.6) * inside, depth, darken=0.35)
    if sewn:
        beside = [(x + 3.5, y + 3.5) for x, y in line]
        sheet.ink(stroke(_SHAPE, *dashes(beside, 4, 3), width=1.1) * inside * 0.35, sheet.albedo * 0.3)


def _zip(sheet: Sheet, line: list[Point], colour: Floats, *, width: float, pull: bool = True) -> None:
    sheet.carve(stroke(_SHAPE, line, width=width * 2.6) * sheet.alpha, 2.5, darken=0.15)
    sheet.lay(stroke(_SHAPE, line, width=width), colour, height=sheet.height + 1.5, gloss=0.35)
    sheet.ink(stroke(_SHAPE, *dashes(line, 1.6, 1.8), width=width * 0.6), np.clip(colour * 2.2 + 0.06, 0, 1))
    if pull:
        (x, y) = line[0]
        sheet.lay(
            stroke(_SHAPE, [(x, y + 2), (x + 1, y + 17)], width=6),
            linear("#b9bcc0"),
            height=sheet.height + 5,
            gloss=0.8,
        )


def _shell_details(sheet: Sheet, trim: Floats, zip_colour: Floats, rng: Generator) -> None:
    yoke = area(
        _SHAPE,
        curve([(196, 150), (250, 140), (_MIDDLE, 172), (390, 140), (444, 150), (462, 214), (_MIDDLE, 238), (178, 214)]),
    )
    cover = area(
        _SHAPE,
        curve(
            [
                (262, 140),
                (206, 152),
                (180, 190),
                (184, 225),
                (_MIDDLE, 236),
                (456, 225),
                (460, 190),
                (434, 152),
                (378, 140),
                (_MIDDLE, 166),
            ]
        ),
    )
    sheet.albedo += (yoke * cover)[..., None] * (trim - sheet.albedo) * 0.92
    _seam(sheet, curve([(184, 222), (250, 231), (_MIDDLE, 238), (390, 231), (456, 222)], closed=False))
    _seam(sheet, curve([(206, 152), (190, 190), (189, 262)], closed=False), sewn=False)
    _seam(sheet, curve([(434, 152), (450, 190), (451, 262)], closed=False), sewn=False)
    _seam(sheet, curve([(184, 562), (_MIDDLE, 572), (456, 562)], closed=False))
    for side in (-1, 1):
        _zip(sheet, [(_MIDDLE + side * 112, 392), (_MIDDLE + side * 86, 480)], zip_colour, width=4.5)
    _zip(sheet, [(250, 262), (246, 330)], zip_colour, width=4)
    _zip(
        sheet,
        curve([(_MIDDLE, 176), (_MIDDLE + rng.uniform(-5, 5), 380), (_MIDDLE, 590)], closed=False),
        zip_colour,
        width=7,
    )
    peak = area(_SHAPE, [(372, 282), (386, 262), (393, 272), (399, 265), (411, 282)])
    sheet.ink(peak, linear("#e8ecee"))


def _fleece_details(sheet: Sheet, trim: Floats, zip_colour: Floats, rng: Generator) -> None:
    collar = area(_SHAPE, curve([(254, 150), (262, 108), (_MIDDLE, 96), (378, 108), (386, 150), (_MIDDLE, 176)]))
    lump = noise(_SHAPE, 3.2, rng) * 0.8
    sheet.lay(collar, trim, height=pillow(collar, 24) + 12 + lump, gloss=0.02)
    inner = ellipse(_SHAPE, (_MIDDLE, 108), (50, 12))
    sheet.lay(inner, trim * 0.35, height=-6.0)
    for side in (-1, 1):
        raglan = [(_MIDDLE + side * 62, 150), (_MIDDLE + side * 104, 200), (_MIDDLE + side * 130, 262)]
        _seam(sheet, curve(raglan, closed=False), depth=3)
    _seam(sheet, curve([(184, 560), (_MIDDLE, 570), (456, 560)], closed=False), depth=3)
    _zip(sheet, [(_MIDDLE, 112), (_MIDDLE + rng.uniform(-4, 4), 290)], zip_colour, width=6)
    pocket = area(_SHAPE, [(364, 250), (432, 250), (432, 318), (426, 330), (370, 330), (364, 318)])
    sheet.lay(pocket, trim, height=sheet.height + 3.5, gloss=0.08)
    _seam(sheet, [(364, 250), (432, 250), (432, 318), (426, 330), (370, 330), (364, 318), (364, 250)], depth=1.2)
    _zip(sheet, [(368, 258), (428, 258)], zip_colour, width=4, pull=False)
    label = area(_SHAPE, [(384, 300), (412, 300), (412, 310), (384, 310)])
    sheet.lay(label, linear("#e9e4d6"), height=sheet.height + 1.5)
