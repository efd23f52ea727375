"""Circuit boards: one plan of chips and traces a part number, small differences between revisions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from connector_core.sample_library.paint import (
    Floats,
    Point,
    area,
    ellipse,
    letters,
    light_of,
    linear,
    noise,
    stroke,
)
from connector_core.sample_library.piece import Piece, Sheet, pillow

_SHAPE = (460, 620)
_EDGE = 14.0
_GOLD, _TIN, _EPOXY, _WHITE = linear("#d9b35a"), linear("#c3c6c9"), linear("#26282a"), linear("#e9ece6")


@dataclass(frozen=True, slots=True)
class Chip:
    """A black part on the board: its middle, its size in pixels and the words on it."""

    x: float
    y: float
    wide: float
    high: float
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """A bare board with its part number in silk screen."""

    number: str
    chips: tuple[Chip, ...]
    cans: tuple[Point, ...]
    """where the round capacitors stand"""
    plug: float
    """how far down the left edge the connector sits"""
    mask: str = "#1c5a36"
    routes: int = 2041
    """boards of one family share their traces"""
    turn: float = 180.0

    def piece(self, rng: Generator) -> Piece:
        """The board with dust and a slightly different batch of lacquer."""
        sheet = _plan(self)
        piece = sheet.piece()
        dust = 1 + 0.04 * noise(_SHAPE, 60, rng) + 0.03 * noise(_SHAPE, 2.0, rng)
        np.clip(piece.albedo * dust[..., None], 0, 1, out=piece.albedo)
        return piece


def _plan(board: Board) -> Sheet:
    source = _populated(board)
    sheet = Sheet(_SHAPE)
    for plane in ("albedo", "alpha", "height", "gloss"):
        setattr(sheet, plane, getattr(source, plane).copy())
    return sheet


@lru_cache(maxsize=12)
def _populated(board: Board) -> Sheet:
    sheet = Sheet(_SHAPE)
    high, wide = _SHAPE
    outline = area(_SHAPE, [(_EDGE, _EDGE), (wide - _EDGE, _EDGE), (wide - _EDGE, high - _EDGE), (_EDGE, high - _EDGE)])
    green = linear(board.mask)
    sheet.lay(outline, green, height=4.0, gloss=0.3)
    _route(sheet, green, np.random.default_rng(board.routes))
    for x in (36.0, wide - 36.0):
        for y in (36.0, high - 36.0):
            sheet.lay(ellipse(_SHAPE, (x, y), (15, 15)), _GOLD, height=4.6, gloss=0.8)
            sheet.cut(ellipse(_SHAPE, (x, y), (8.5, 8.5)))
    _print(sheet, board)
    _small_parts(sheet, board, np.random.default_rng(board.routes + 1))
    for chip in board.chips:
        _chip(sheet, chip)
    for at in board.cans:
        _can(sheet, at)
    _plug(sheet, board.plug)
    return sheet


def _route(sheet: Sheet, green: Floats, rng: Generator) -> None:
    """Traces under the lacquer: bundles that run straight and turn by 45 degrees, ending in vias."""
    high, wide = _SHAPE
    lines: list[list[Point]] = []
    ends: list[Point] = []
    for _ in range(26):
        x, y = rng.uniform(50, wide - 50), rng.uniform(50, high - 50)
        across = bool(rng.random() < 0.55)
        run, jog, more = rng.uniform(40, 190), rng.uniform(14, 70) * rng.choice([-1, 1]), rng.uniform(20, 120)
        for lane in range(int(rng.integers(2, 7))):
            o = lane * 7.0
            points = [
                (x, y + o),
                (x + run, y + o),
                (x + run + abs(jog), y + o + jog),
                (x + run + abs(jog) + more, y + o + jog),
            ]
            line = points if across else [(b, a) for a, b in points]
            kept = [(float(np.clip(a, 24, wide - 24)), float(np.clip(b, 24, high - 24))) for a, b in line]
            lines.append(kept)
            ends += [kept[0], kept[-1]]
    mask = stroke(_SHAPE, *lines, width=2.6)
    sheet.ink(mask, np.clip(green * 1.75 + 0.012, 0, 1))
    sheet.carve(mask, -0.5)
    rings = Image.new("L", (wide * 2, high * 2))
    pen = ImageDraw.Draw(rings)
    for x, y in ends[::2]:
        pen.ellipse([2 * x - 8, 2 * y - 8, 2 * x + 8, 2 * y + 8], fill=255)
        pen.ellipse([2 * x - 3, 2 * y - 3, 2 * x + 3, 2 * y + 3], fill=40)
    vias = np.asarray(rings.reduce(2), dtype=np.float32) / np.float32(255)
    sheet.ink(vias * 0.9, _GOLD)
    sheet.gloss += vias * 0.3


def _print(sheet: Sheet, board: Board) -> None:
    high, wide = _SHAPE
    silk = Image.new("L", (wide * 2, high * 2))
    pen = ImageDraw.Draw(silk)
    base, _, revision = board.number.partition(" Rev ")
    letters(pen, (wide + 60, high * 2 - 92), base, 62, 255, bold=0.04)
    if revision:
        letters(pen, (wide + 290, high * 2 - 92), f"REV {revision}", 50, 255, bold=0.03)
    letters(pen, (wide - 190, high * 2 - 92), "SOLVANG", 30, 230)
    pen.rectangle([160, 120, wide * 2 - 160, high * 2 - 150], outline=120, width=2)
    words = iter("R12 C4 U1 C9 L2 R7 D3 R31 C22 TP1 TP4 J2 U3 Q1 R9 C17".split())
    rng = np.random.default_rng(board.routes + 2)
    for word in words:
        letters(pen, (rng.uniform(160, wide * 2 - 160), rng.uniform(130, high * 2 - 190)), word, 19, 225)
    mask = np.asarray(silk.reduce(2), dtype=np.float32) / np.float32(255)
    sheet.ink(mask * 0.95, _WHITE)
    sheet.carve(mask, -0.4)


def _small_parts(sheet: Sheet, board: Board, rng: Generator) -> None:
    """Resistors and ceramic capacitors: a body between two tinned ends."""
    high, wide = _SHAPE
    for _ in range(46):
        x, y, upright = rng.uniform(60, wide - 60), rng.uniform(54, high - 90), rng.random() < 0.5
        a, b = (4.0, 7.5) if upright else (7.5, 4.0)
        body = area(_SHAPE, [(x - a, y - b), (x + a, y - b), (x + a, y + b), (x - a, y + b)])
        sheet.lay(body, _TIN, height=8.0, gloss=0.7)
        a, b = (a, b * 0.55) if upright else (a * 0.55, b)
        middle = area(_SHAPE, [(x - a, y - b), (x + a, y - b), (x + a, y + b), (x - a, y + b)])
        sheet.lay(middle, linear("#8d6a47") if rng.random() < 0.55 else _EPOXY, height=9.0, gloss=0.15)


def _chip(sheet: Sheet, chip: Chip) -> None:
    left, top = chip.x - chip.wide / 2, chip.y - chip.high / 2
    legs = []
    for step in np.arange(7, chip.wide - 4, 9):
        legs += [[(left + step, top - 7), (left + step, top + chip.high + 7)]]
    if chip.high > 60:
        for step in np.arange(7, chip.high - 4, 9):
            legs += [[(left - 7, top + step), (left + chip.wide + 7, top + step)]]
    sheet.lay(stroke(_SHAPE, *legs, width=4), _TIN, height=7.0, gloss=0.8)
    body = area(
        _SHAPE, [(left, top), (left + chip.wide, top), (left + chip.wide, top + chip.high), (left, top + chip.high)]
    )
    sheet.lay(body, _EPOXY, height=12 + pillow(body, 3), gloss=0.1)
    sheet.carve(ellipse(_SHAPE, (left + 9, top + 9), (3.5, 3.5)), 2)
    mark = Image.new("L", (_SHAPE[1] * 2, _SHAPE[0] * 2))
    first, _, second = chip.mark.partition("/")
    size = min(chip.wide * 2 / max(4, len(first)) * 1.35, 34)
    letters(ImageDraw.Draw(mark), (chip.x * 2, chip.y * 2 - size * 0.55), first, size, 210)
    letters(ImageDraw.Draw(mark), (chip.x * 2, chip.y * 2 + size * 0.55), second, size * 0.8, 190)
    sheet.ink(light_of(mark.reduce(2)) * 0.8, linear("#b9bdb8"))


def _can(sheet: Sheet, at: Point) -> None:
    ring = ellipse(_SHAPE, at, (21, 21))
    sheet.lay(
        area(_SHAPE, [(at[0] + a * 22, at[1] + b * 22) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]),
        _EPOXY,
        height=7,
    )
    sheet.lay(ring, _TIN, height=24 + pillow(ring, 6), gloss=0.9)
    half = ring * (np.arange(_SHAPE[1])[None, :] < at[0] - 9)
    sheet.ink(np.asarray(half, dtype=np.float32), linear("#22262c"))


def _plug(sheet: Sheet, down: float) -> None:
    body = area(_SHAPE, [(4, down - 52), (58, down - 52), (58, down + 52), (4, down + 52)])
    sheet.lay(body, linear("#dfdccd"), height=22 + pillow(body, 4), gloss=0.12)
    inside = area(_SHAPE, [(12, down - 44), (46, down - 44), (46, down + 44), (12, down + 44)])
    sheet.carve(inside, 14, darken=0.25)
    pins = [[(16.0, down + y), (40.0, down + y)] for y in np.arange(-36, 40, 12)]
    sheet.lay(stroke(_SHAPE, *pins, width=4), _GOLD, height=18, gloss=0.9)
