"""Knitted hats and backpacks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from connector_core.sample_library.paint import Floats, area, curve, dashes, linear, noise, stroke
from connector_core.sample_library.piece import Piece, Sheet, folds, pillow

_SHAPE = (520, 520)
_MIDDLE = 260.0


@dataclass(frozen=True, slots=True)
class Beanie:
    """A ribbed hat with a turned-up cuff and a woven label."""

    wool: str
    label: str
    turn: float = 35.0

    def piece(self, rng: Generator) -> Piece:
        """The hat, a little squashed each time."""
        sheet = Sheet(_SHAPE)
        wool = linear(self.wool)
        tall, slouch = rng.uniform(70, 120), rng.uniform(-45, 45)
        crown = area(_SHAPE, curve([
            (92, 360), (96, 240), (150, tall + 50), (_MIDDLE + slouch, tall), (372, tall + 48), (424, 240),
            (428, 360), (_MIDDLE, 384),
        ]))  # fmt: skip
        top = pillow(crown, 62) + noise(_SHAPE, 110, rng) * 7 + folds(_SHAPE, rng, angle=80, wide=50, long=150) * 3
        lean = slouch / 300
        sheet.lay(crown, _yarn(wool, rng), height=top + _ribs(14.0, lean, 3.6), gloss=0.01)
        cuff = area(_SHAPE, curve([
            (84, 342), (_MIDDLE, 366), (436, 342), (444, 380), (440, 432), (424, 446), (_MIDDLE, 462), (96, 446),
            (80, 432), (76, 380),
        ]))  # fmt: skip
        height = pillow(cuff, 44) + 14 + noise(_SHAPE, 90, rng) * 4 + _ribs(17.0, 0.0, 4.2)
        sheet.lay(cuff, _yarn(wool, rng), height=height, gloss=0.01)
        left = _MIDDLE + rng.uniform(-70, 30)
        patch = area(_SHAPE, [(left, 392), (left + 74, 392), (left + 74, 430), (left, 430)])
        sheet.lay(patch, linear(self.label), height=pillow(cuff, 44) + 22, gloss=0.1)
        peak = area(_SHAPE, [(left + 14, 422), (left + 30, 400), (left + 38, 411), (left + 46, 403), (left + 60, 422)])
        sheet.ink(peak, np.clip(linear(self.label) * 0.15, 0, 1))
        return sheet.piece()


def _yarn(wool: Floats, rng: Generator) -> Floats:
    shades = 1 + 0.08 * noise(_SHAPE, 60, rng) + 0.14 * noise(_SHAPE, 2.6, rng)
    return np.clip(wool * shades[..., None], 0, 1)


def _ribs(period: float, lean: float, depth: float) -> Floats:
    """Knitted ribs that crowd towards the edges, with the small steps of single stitches."""
    y, x = np.mgrid[: _SHAPE[0], : _SHAPE[1]].astype(np.float32)
    aside = (x - _MIDDLE + lean * (y - 360) * 1.2) / 185
    around = np.arcsin(np.clip(aside, -0.985, 0.985)) * 185
    phase = around / period * 2 * np.pi
    stitch = np.sin((y + np.abs(np.sin(phase)) * 5) / 7.5 * 2 * np.pi) * 0.9
    return np.asarray(depth * np.cos(phase) + stitch, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Pack:
    """A roll-top backpack with a front pocket, straps and buckles."""

    canvas: str
    trim: str
    turn: float = 22.0

    def piece(self, rng: Generator) -> Piece:
        """The pack, more or less filled."""
        sheet = Sheet(_SHAPE)
        canvas, trim = linear(self.canvas), linear(self.trim)
        weave = noise(_SHAPE, 2.2, rng) * 0.25
        cloth = np.clip(canvas * (1 + 0.05 * noise(_SHAPE, 80, rng) + 0.05 * noise(_SHAPE, 2.2, rng))[..., None], 0, 1)
        full = rng.uniform(-8, 12)
        for side in (-1, 1):
            strap = curve(
                [(_MIDDLE + side * 70, 110), (_MIDDLE + side * (178 + full), 210), (_MIDDLE + side * 128, 420)],
                closed=False,
            )
            band = stroke(_SHAPE, strap, width=26)
            sheet.lay(band, trim, height=pillow(band, 12) - 10 + weave)
        handle = stroke(_SHAPE, curve([(222, 70), (232, 34), (288, 34), (298, 70)], closed=False), width=13)
        sheet.lay(handle, trim, height=pillow(handle, 10))
        body = area(_SHAPE, curve([
            (152, 92), (_MIDDLE, 66), (368, 92), (388 + full, 200), (394 + full, 400), (378, 472), (_MIDDLE, 486),
            (142, 472), (126 - full, 400), (132 - full, 200),
        ]))  # fmt: skip
        drape = folds(_SHAPE, rng, angle=rng.uniform(-70, 70), wide=44, long=160) * 3.2
        sheet.lay(body, cloth, height=pillow(body, 46) + drape + weave + noise(_SHAPE, 90, rng) * 4, gloss=0.06)
        lid = area(_SHAPE, curve([(140, 100), (_MIDDLE, 60), (380, 100), (392, 186), (_MIDDLE, 214), (128, 186)]))
        sheet.lay(lid * body, cloth * 0.94, height=pillow(lid, 34) + 34 + drape * 0.6 + weave, gloss=0.06)
        _pocket(sheet, cloth, trim, rng, weave)
        for x in (204, 316):
            _buckle(sheet, float(x), trim)
        return sheet.piece()


def _pocket(sheet: Sheet, cloth: Floats, trim: Floats, rng: Generator, weave: Floats) -> None:
    outline = curve(
        [(172, 300), (_MIDDLE, 292), (348, 300), (360, 380), (350, 446), (_MIDDLE, 456), (170, 446), (160, 380)]
    )
    mask = area(_SHAPE, outline)
    sag = folds(_SHAPE, rng, angle=rng.uniform(-40, 40), wide=36, long=110) * 2.4
    sheet.lay(mask, cloth * 1.03, height=pillow(mask, 34) + 34 + sag + weave, gloss=0.06)
    sheet.carve(stroke(_SHAPE, [*outline, outline[0]], width=3), 2.5, darken=0.4)
    line = curve([(180, 322), (_MIDDLE, 314), (340, 322)], closed=False)
    sheet.lay(stroke(_SHAPE, line, width=9), trim, height=sheet.height + 2, gloss=0.1)
    sheet.ink(stroke(_SHAPE, *dashes(line, 1.6, 1.8), width=3), np.clip(trim * 2.5 + 0.08, 0, 1))
    sheet.lay(stroke(_SHAPE, [(336, 322), (342, 352)], width=6), trim, height=sheet.height + 6, gloss=0.2)
    patch = area(_SHAPE, [(232, 372), (288, 372), (288, 402), (232, 402)])
    sheet.lay(patch, linear("#7a4a26"), height=sheet.height + 3, gloss=0.15)
    sheet.carve(
        stroke(_SHAPE, [(242, 394), (254, 380), (262, 388), (268, 382), (280, 394)], width=2.5), 2.0, darken=0.5
    )


def _buckle(sheet: Sheet, x: float, trim: Floats) -> None:
    web = stroke(_SHAPE, [(x, 96), (x, 262)], width=17)
    sheet.lay(web, trim, height=sheet.height + 4, gloss=0.05)
    sheet.carve(stroke(_SHAPE, *dashes([(x, 96), (x, 262)], 1.5, 3), width=15) * 0.6, 0.6)
    clip = area(_SHAPE, [(x - 14, 224), (x + 14, 224), (x + 14, 250), (x + 9, 262), (x - 9, 262), (x - 14, 250)])
    sheet.lay(clip, linear("#1d1e20"), height=sheet.height + 7, gloss=0.5)
    sheet.carve(stroke(_SHAPE, [(x - 12, 240), (x + 12, 240)], width=3), 3)
