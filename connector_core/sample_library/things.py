"""Things that no catalogue of ours holds: fruit, a clock, books, a plate, a fern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from connector_core.sample_library.paint import area, curve, ellipse, letters, linear, noise, stroke
from connector_core.sample_library.piece import Piece, Sheet, pillow

_SHAPE = (500, 500)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something else that people photograph."""

    kind: Literal["apples", "clock", "books", "plate", "fern", "nothing"]
    turn: float = 60.0

    def piece(self, rng: Generator) -> Piece:
        """The thing as it lies there."""
        sheet = Sheet(_SHAPE)
        if self.kind != "nothing":
            {"apples": _apples, "clock": _clock, "books": _books, "plate": _plate, "fern": _fern}[self.kind](sheet, rng)
        return sheet.piece()


def _apples(sheet: Sheet, rng: Generator) -> None:
    for x, y in ((170.0, 190.0), (330.0, 220.0), (230.0, 345.0)):
        r = float(rng.uniform(78, 98))
        mask = ellipse(_SHAPE, (x, y), (r, r * 0.95))
        v, u = np.mgrid[:500, :500].astype(np.float32)
        away = (np.square(u - x) + np.square(v - y)) / (r * r)
        blush = np.clip(0.5 + 0.5 * noise(_SHAPE, (30, 120), rng) + (u - x) / r, 0, 1)[..., None]
        skin = linear("#b3c04a") * (1 - blush) + linear("#a8241e") * blush
        sheet.lay(mask, skin, height=np.sqrt(np.clip(1 - away, 0, 1)) * r * 0.8, gloss=0.4)
        sheet.carve(ellipse(_SHAPE, (x, y - 12), (12, 9)), 10, darken=0.5)
        sheet.lay(stroke(_SHAPE, [(x, y - 12), (x + 12, y - 44)], width=6), linear("#4a3420"), height=r)


def _clock(sheet: Sheet, rng: Generator) -> None:
    rim, face = ellipse(_SHAPE, (250, 250), (215, 215)), ellipse(_SHAPE, (250, 250), (190, 190))
    sheet.lay(rim, linear("#2a2b2d"), height=24 + pillow(rim, 10), gloss=0.5)
    sheet.lay(face, linear("#f3f1ea"), height=18.0)
    dial = Image.new("L", (1000, 1000))
    pen = ImageDraw.Draw(dial)
    for hour in range(12):
        a = (hour + 1) / 6 * np.pi
        letters(pen, (500 + 310 * np.sin(a), 500 - 310 * np.cos(a)), str(hour + 1), 70, 255)
    sheet.ink(np.asarray(dial.reduce(2), dtype=np.float32) / np.float32(255), linear("#222222"))
    for reach, width in ((100, 11), (150, 7)):
        a = rng.uniform(0, 2 * np.pi)
        tip = (250 + reach * float(np.sin(a)), 250 - reach * float(np.cos(a)))
        sheet.lay(stroke(_SHAPE, [(250, 250), tip], width=width), linear("#1b1b1b"), height=24.0)


def _books(sheet: Sheet, rng: Generator) -> None:
    inks = ("#7b2f2a", "#2f4d6b", "#b99a4a", "#3d5a45")
    for layer in range(4):
        turn = rng.normal(0, 0.12)
        spin = np.asarray([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        half = np.asarray([(-150, -200), (150, -200), (150, 200), (-150, 200)]) * (1 - layer * 0.1)
        corners = [(float(x), float(y)) for x, y in half @ spin.T + 250]
        mask = area(_SHAPE, corners)
        sheet.lay(
            mask,
            linear(inks[layer]) * (1 + 0.04 * noise(_SHAPE, 3, rng))[..., None],
            height=30 * layer + pillow(mask, 6),
            gloss=0.2,
        )


def _plate(sheet: Sheet, rng: Generator) -> None:
    for r, high, ink in ((210, 14, "#dfe3e4"), (150, 4, "#d3d8da"), (90, 8, "#c99b4c")):
        mask = ellipse(_SHAPE, (250, 250), (r, r))
        lump = noise(_SHAPE, 14, rng) * (5 if r == 90 else 0)
        sheet.lay(mask, linear(ink), height=high + pillow(mask, 14) + lump, gloss=0.5 if r > 90 else 0.05)


def _fern(sheet: Sheet, rng: Generator) -> None:
    for turn in np.arange(0, 2 * np.pi, 0.7):
        way = turn + rng.normal(0, 0.15)
        for step in range(4, 20):
            away = step * 11.0
            x, y = 250 + away * np.cos(way), 250 + away * np.sin(way)
            for side in (-1, 1):
                a, long = way + side * 1.0, (22 - step) * 3.2
                tip = (x + long * np.cos(a), y + long * np.sin(a))
                over = (x + long / 2 * np.cos(a + 0.25), y + long / 2 * np.sin(a + 0.25))
                under = (x + long / 2 * np.cos(a - 0.25), y + long / 2 * np.sin(a - 0.25))
                leaf = [
                    (float(x), float(y)),
                    (float(over[0]), float(over[1])),
                    (float(tip[0]), float(tip[1])),
                    (float(under[0]), float(under[1])),
                ]
                sheet.lay(
                    area(_SHAPE, curve(leaf, steps=4)),
                    linear("#4d7a34") * float(rng.uniform(0.6, 1.1)),
                    height=float(20 - step),
                    gloss=0.1,
                )
