"""Surfaces: wood, concrete, linen, grass, paper, a shop shelf, seen from straight above."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

from connector_core.sample_library.paint import Floats, light_of, linear, noise, picture_of, smooth
from connector_core.sample_library.piece import normals

SIDE = 1000
_SHAPE = (SIDE, SIDE)


@lru_cache(maxsize=24)
def surface(name: str) -> Image.Image:
    """A square of the material, seen from straight above and evenly lit."""
    rng = np.random.default_rng([ord(letter) for letter in name])
    return picture_of(np.clip(_MATERIALS[name](rng), 0, 1))


def _paper(colour: str) -> Callable[[Generator], Floats]:
    def draw(rng: Generator) -> Floats:
        tone = 1 + 0.012 * noise(_SHAPE, 2, rng) + 0.03 * noise(_SHAPE, 400, rng)
        return np.asarray(linear(colour) * tone[..., None], dtype=np.float32)

    return draw


def _planks(light: str, dark: str, wide: int) -> Callable[[Generator], Floats]:
    def draw(rng: Generator) -> Floats:
        grain = np.zeros(_SHAPE, dtype=np.float32)
        tone = np.ones(_SHAPE, dtype=np.float32)
        for left in range(0, SIDE, wide):
            board = (SIDE, min(wide, SIDE - left))
            bend = noise(board, (90, 420), rng) * 30
            across = np.arange(board[1], dtype=np.float32)[None, :] + bend
            rings = 0.5 + 0.5 * np.sin(across / rng.uniform(4, 9) + rng.uniform(0, 6)) * np.clip(
                0.6 + 0.5 * noise(board, (60, 500), rng), 0, 1
            )
            pores = np.clip(noise(board, (1.6, 60), rng) - 0.9, 0, 2) * 0.5
            grain[:, left : left + wide] = 0.55 * rings + 0.25 * noise(board, (3, 220), rng) + pores
            tone[:, left : left + wide] *= rng.uniform(0.82, 1.12)
            tone[:, left : left + 2] *= 0.35
        mix = np.clip(grain * 0.7, 0, 1)[..., None]
        return np.asarray((linear(light) * (1 - mix) + linear(dark) * mix) * tone[..., None], dtype=np.float32)

    return draw


def _rough(colour: str, *, spread: float, grit: float, cell: float = 160) -> Callable[[Generator], Floats]:
    """Concrete, plaster, asphalt, steel: clouds of tone, grit and a few pits."""

    def draw(rng: Generator) -> Floats:
        tone = 1 + spread * noise(_SHAPE, cell, rng, octaves=5) + grit * noise(_SHAPE, 2.2, rng)
        pits = np.clip(noise(_SHAPE, 7, rng) - 2.3, 0, 1) * 0.8
        return np.asarray(linear(colour) * np.clip(tone - pits, 0.1, 2)[..., None], dtype=np.float32)

    return draw


def _steel(rng: Generator) -> Floats:
    """A brushed bench top with stains and rings of old cups."""
    brushed = (
        0.045 * noise(_SHAPE, (120, 1.4), rng) + 0.05 * noise(_SHAPE, 320, rng) + 0.03 * noise(_SHAPE, (400, 9), rng)
    )
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    tone = 1 + brushed
    for _ in range(5):
        away = np.hypot(x - rng.uniform(0, SIDE), y - rng.uniform(0, SIDE)) - rng.uniform(50, 80)
        tone -= 0.10 * np.exp(-np.square(away / 3)) * np.clip(0.6 + noise(_SHAPE, 60, rng), 0, 1)
    return np.asarray(linear("#a6abb0") * np.clip(tone, 0.2, 1.6)[..., None], dtype=np.float32)


def _linen(colour: str) -> Callable[[Generator], Floats]:
    def draw(rng: Generator) -> Floats:
        y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
        weave = np.sin(x * 1.7 + noise(_SHAPE, 40, rng)) * np.sin(y * 1.7 + noise(_SHAPE, 40, rng))
        slub = noise(_SHAPE, (60, 2), rng) + noise(_SHAPE, (2, 60), rng)
        facing = normals(noise(_SHAPE, (190, 260), rng, octaves=3) * 13)
        tone = (1 + 0.10 * weave + 0.07 * slub) * (0.45 + 0.6 * (facing[2] * 0.75 - facing[0] * 0.5 - facing[1] * 0.3))
        return np.asarray(linear(colour) * np.clip(tone, 0.15, 2)[..., None], dtype=np.float32)

    return draw


def _mat(rng: Generator) -> Floats:
    """A cutting mat with its grid, scarred by knives."""
    picture = Image.new("RGB", (SIDE, SIDE), "#2d5b57")
    pen = ImageDraw.Draw(picture)
    for step in range(0, SIDE, 25):
        ink = "#6f9a90" if step % 125 == 0 else "#3f6f69"
        pen.line([step, 0, step, SIDE], fill=ink, width=2 if step % 125 == 0 else 1)
        pen.line([0, step, SIDE, step], fill=ink, width=2 if step % 125 == 0 else 1)
    for _ in range(46):
        x, y, turn, run = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(0, 6.3), rng.uniform(30, 240)
        pen.line([x, y, x + run * np.cos(turn), y + run * np.sin(turn)], fill="#497871", width=1)
    tone = 1 + 0.08 * noise(_SHAPE, 200, rng, octaves=3) + 0.04 * noise(_SHAPE, 2, rng)
    return np.asarray(light_of(picture) * tone[..., None], dtype=np.float32)


def _grass(rng: Generator) -> Floats:
    """A lawn: thousands of blades, dark ones first."""
    picture = Image.new("RGB", (SIDE, SIDE), "#24381a")
    pen = ImageDraw.Draw(picture)
    blades = 15000
    spots, leans = rng.uniform(-10, SIDE + 10, (blades, 2)), rng.normal(0, 0.7, blades)
    for blade, ((x, y), lean) in enumerate(zip(spots, leans, strict=True)):
        share = blade / blades
        run = 14 + 22 * rng.random()
        shade = 0.35 + 0.65 * share * rng.uniform(0.7, 1.1)
        dry = rng.random() < 0.06
        ink = (
            (int(176 * shade), int(166 * shade), int(96 * shade))
            if dry
            else (int((88 + 40 * rng.random()) * shade), int(146 * shade), int(58 * shade))
        )
        pen.line([x, y, x + run * np.sin(lean), y - run * np.cos(lean)], fill=ink, width=2 if share < 0.7 else 3)
    return light_of(picture.filter(ImageFilter.GaussianBlur(0.8)))


def _carpet(rng: Generator) -> Floats:
    pile = noise(_SHAPE, 3.4, rng) * 0.16 + noise(_SHAPE, 9, rng) * 0.10 + noise(_SHAPE, 240, rng) * 0.06
    return np.asarray(linear("#8b8a90") * np.clip(1 + pile, 0.2, 2)[..., None], dtype=np.float32)


def _marble(rng: Generator) -> Floats:
    warp = noise(_SHAPE, 260, rng, octaves=4)
    veins = np.exp(-np.abs(warp + 0.25 * noise(_SHAPE, 60, rng, octaves=3)) * 14)
    tone = 1 - 0.32 * veins - 0.05 * noise(_SHAPE, 120, rng)
    return np.asarray(linear("#e4e2de") * np.clip(tone, 0.2, 1.1)[..., None], dtype=np.float32)


def _kraft(rng: Generator) -> Floats:
    """The inside of a cardboard box: flutes and fibres."""
    x = np.arange(SIDE, dtype=np.float32)[None, :]
    flutes = 0.035 * np.sin(x / 11 * 2 * np.pi + 0.4 * noise(_SHAPE, 200, rng))
    tone = 1 + flutes + 0.05 * noise(_SHAPE, 180, rng, octaves=3) + 0.05 * noise(_SHAPE, (14, 2), rng)
    for _ in range(3):
        fold = np.abs(x - rng.uniform(0, SIDE) + 6 * noise(_SHAPE, 300, rng))
        tone *= 1 - 0.22 * np.exp(-np.square(fold / 2.5)) + 0.10 * np.exp(-np.square((fold - 5) / 3))
    board = linear("#a98a66") * tone[..., None]
    for top in (180, 690):
        board[top : top + 92] = board[top : top + 92] * 0.72 + linear("#c9a878") * 0.34
    return np.asarray(board, dtype=np.float32)


def _shelf(rng: Generator) -> Floats:
    """Shop shelves full of other people's goods, out of focus."""
    picture = Image.new("RGB", (SIDE, SIDE), "#59544c")
    pen = ImageDraw.Draw(picture)
    for bottom in (240, 505, 770, 1030):
        x = -20.0
        while x < SIDE:
            wide, high = rng.uniform(34, 104), rng.uniform(110, 200)
            hue = rng.uniform(0.25, 0.85, 3) * rng.uniform(0.5, 1.0)
            ink, light = (tuple(int(255 * min(1.0, part * gain)) for part in hue) for gain in (1.0, 1.35))
            for facing in range(int(rng.integers(1, 4))):
                left = x + facing * (wide + 3)
                pen.rectangle([left, bottom - high, left + wide, bottom], fill=ink)
                pen.rectangle(
                    [left + wide * 0.15, bottom - high * 0.8, left + wide * 0.85, bottom - high * 0.5], fill=light
                )
                pen.rectangle(
                    [left + wide * 0.3, bottom - high * 0.4, left + wide * 0.7, bottom - high * 0.3], fill="#ddd8cc"
                )
            x += facing * (wide + 3) + wide + rng.uniform(4, 16)
        pen.rectangle([0, bottom, SIDE, bottom + 26], fill="#d9d6cf")
        for tag in range(40, SIDE, 150):
            pen.rectangle([tag, bottom + 4, tag + 56, bottom + 22], fill="#f4e9a8")
        pen.rectangle([0, bottom + 26, SIDE, bottom + 52], fill="#2b2926")
    levels = light_of(picture.filter(ImageFilter.GaussianBlur(2)))
    return np.stack([smooth(levels[..., channel], 2.5) for channel in range(3)], axis=-1)


def _bokeh(colour: str, lights: str) -> Callable[[Generator], Floats]:
    """A room far behind: soft blocks and round lights."""

    def draw(rng: Generator) -> Floats:
        picture = Image.new("RGB", (SIDE, SIDE), colour)
        pen = ImageDraw.Draw(picture, "RGBA")
        base = np.asarray(bytearray.fromhex(colour[1:]))
        for _ in range(16):
            x, y = rng.uniform(-100, SIDE, 2)
            shade = tuple(int(v) for v in np.clip(base * rng.uniform(0.5, 1.5), 0, 255))
            pen.rectangle([x, y, x + rng.uniform(60, 320), y + rng.uniform(80, 400)], fill=shade)
        picture = picture.filter(ImageFilter.GaussianBlur(26))
        pen = ImageDraw.Draw(picture, "RGBA")
        for _ in range(15):
            x, y, r = rng.uniform(0, SIDE), rng.uniform(0, SIDE * 0.6), rng.uniform(16, 40)
            pen.ellipse([x - r, y - r, x + r, y + r], fill=(*bytes.fromhex(lights[1:]), int(rng.uniform(40, 120))))
        return light_of(picture.filter(ImageFilter.GaussianBlur(4)))

    return draw


_MATERIALS: dict[str, Callable[[Generator], Floats]] = {
    "white": _paper("#eeeeec"), "grey": _paper("#a9adb2"), "sand": _paper("#d8c6a8"),
    "oak": _planks("#c9a06c", "#8a6136", 170), "walnut": _planks("#7a5537", "#3d2718", 140),
    "pine": _planks("#e0bf8c", "#b98a52", 120),
    "concrete": _rough("#9b9a96", spread=0.07, grit=0.05),
    "plaster": _rough("#d9d3c6", spread=0.03, grit=0.03, cell=300),
    "asphalt": _rough("#5d5e60", spread=0.06, grit=0.22), "steel": _steel,
    "brick": _rough("#866253", spread=0.10, grit=0.08, cell=60),
    "linen": _linen("#cfc5b2"), "blanket": _linen("#5f6d7a"),
    "mat": _mat, "grass": _grass, "carpet": _carpet, "marble": _marble, "kraft": _kraft, "shelf": _shelf,
    "room": _bokeh("#6d5c4a", "#ffe2b0"), "garden": _bokeh("#5f7a4c", "#e8f2c8"), "office": _bokeh("#7e8790",
    "#f2f6ff"),
}  # fmt: skip
