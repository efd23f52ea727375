"""Paint for the drawn photos: colours, shapes, letters and noise as float arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

Floats = NDArray[np.float32]
Point = tuple[float, float]
Shape = tuple[int, int]
"""height, width in pixels"""

_FINE, _BANK = 4.0, 1200
_FINER = 2  # shapes are drawn this much larger and reduced: clean edges


def linear(hex_colour: str) -> Floats:
    """The colour ``#rrggbb`` as three amounts of light in 0..1 (gamma 2: squares are cheap)."""
    levels = np.frombuffer(bytes.fromhex(hex_colour.removeprefix("#")), dtype=np.uint8).astype(np.float32)
    return np.asarray(np.square(levels / np.float32(255)), dtype=np.float32)


def light_of(picture: Image.Image) -> Floats:
    """The amounts of light (h, w, channels) that a picture's levels stand for."""
    return np.asarray(np.square(np.asarray(picture, dtype=np.float32) / np.float32(255)), dtype=np.float32)


def picture_of(light: Floats) -> Image.Image:
    """The picture that shows these amounts of light, clipped to what a screen has."""
    return Image.fromarray((np.sqrt(np.clip(light, 0, 1)) * 255 + 0.5).astype(np.uint8))


def resize(plane: Floats, shape: Shape) -> Floats:
    """One plane at another size, bicubic."""
    flat = np.ascontiguousarray(plane, dtype=np.float32)
    how = Image.Resampling.BICUBIC if shape[0] >= plane.shape[0] else Image.Resampling.BOX
    return np.asarray(Image.fromarray(flat).resize((shape[1], shape[0]), how), dtype=np.float32)


def smooth(plane: Floats, sigma: float) -> Floats:
    """A Gaussian blur; wide ones are worked out on a smaller plane."""
    shape = (plane.shape[0], plane.shape[1])
    less = max(1, int(sigma / 2.5))
    small = resize(plane, (max(2, shape[0] // less), max(2, shape[1] // less))) if less > 1 else plane
    blurred = np.asarray(gaussian_filter(small, sigma / less), dtype=np.float32)
    return resize(blurred, shape) if less > 1 else blurred


def noise(shape: Shape, cell: float | Point, rng: Generator, octaves: int = 1) -> Floats:
    """Smooth noise of about unit spread; ``cell`` is the size of its bumps in pixels, or (wide, high)."""
    wide, high = cell if isinstance(cell, tuple) else (cell, cell)
    if octaves == 1 and wide == high and wide <= _FINE and max(shape) <= _BANK:
        top, left = (int(rng.integers(0, _BANK - side + 1)) for side in shape)
        return _fine_noise(wide)[top : top + shape[0], left : left + shape[1]]
    return _noise(shape, wide, high, rng, octaves)


@cache
def _fine_noise(cell: float) -> Floats:
    """A sheet of fine noise that is cut from, since nobody can tell one cut from another."""
    return _noise((_BANK, _BANK), cell, cell, np.random.default_rng(round(cell * 1000)), 1)


def _noise(shape: Shape, wide: float, high: float, rng: Generator, octaves: int) -> Floats:
    total = np.zeros(shape, dtype=np.float32)
    for octave in range(octaves):
        columns, rows = max(1.0, wide / 2**octave), max(1.0, high / 2**octave)
        grid = rng.standard_normal((int(shape[0] / rows) + 3, int(shape[1] / columns) + 3), dtype=np.float32)
        full = resize(grid, (max(shape[0], int(grid.shape[0] * rows)), max(shape[1], int(grid.shape[1] * columns))))
        total += full[: shape[0], : shape[1]] * np.float32(0.5**octave)
    return total


def curve(points: Sequence[Point], *, closed: bool = True, steps: int = 8) -> list[Point]:
    """A smooth line through the points (Catmull-Rom)."""
    knots = np.asarray(points, dtype=np.float64)
    before, after, later = (np.roll(knots, shift, axis=0) for shift in (1, -1, -2))
    if not closed:
        before[0], after[-1], later[-1], later[-2] = knots[0], knots[-1], knots[-1], knots[-1]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (side[:, None, :] for side in (before, knots, after, later))
    line = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    flat = line.reshape(-1, 2) if closed else np.concatenate([line[:-1].reshape(-1, 2), knots[-1:]])
    return [(float(x), float(y)) for x, y in flat]


def area(shape: Shape, *outlines: Sequence[Point]) -> Floats:
    """A mask (h, w) in 0..1 of polygons in pixels."""

    def fill(pen: ImageDraw.ImageDraw, at: Callable[[Sequence[Point]], list[Point]]) -> None:
        for outline in outlines:
            pen.polygon(at(outline), fill=255)

    return _mask(shape, [point for outline in outlines for point in outline], 1.0, fill)


def ellipse(shape: Shape, centre: Point, radii: Point) -> Floats:
    """A mask of an ellipse."""
    (x, y), (a, b) = centre, radii
    corners = [(x - a, y - b), (x + a, y + b)]
    return _mask(shape, corners, 1.0, lambda pen, at: pen.ellipse(at(corners), fill=255))


def stroke(shape: Shape, *lines: Sequence[Point], width: float) -> Floats:
    """A mask of lines with round joints."""

    def draw(pen: ImageDraw.ImageDraw, at: Callable[[Sequence[Point]], list[Point]]) -> None:
        for line in lines:
            pen.line(at(line), fill=255, width=max(1, round(width * _FINER)), joint="curve")

    return _mask(shape, [point for line in lines for point in line], width, draw)


def dashes(line: Sequence[Point], length: float, gap: float) -> list[list[Point]]:
    """The line cut into stitches."""
    points = np.asarray(line, dtype=np.float64)
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    starts = np.arange(0.0, max(run[-1] - length, 0.0) + 1e-6, length + gap)

    def at(distance: float) -> Point:
        return float(np.interp(distance, run, points[:, 0])), float(np.interp(distance, run, points[:, 1]))

    return [[at(float(s)), at(float(s) + length)] for s in starts]


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The letters that come with Pillow; the fonts of the machine are never used."""
    return ImageFont.load_default(size)


def letters(
    pen: ImageDraw.ImageDraw, at: Point, words: str, size: float, ink: str | int | tuple[int, ...], *,
    bold: float = 0.0, anchor: str = "mm"
) -> None:  # fmt: skip
    """Write words on a canvas; ``bold`` is the share of the size by which strokes are thickened."""
    face = font(max(4, round(size)))
    stroke_width = round(size * bold)
    if not stroke_width:
        pen.text(at, words, font=face, fill=ink, anchor=anchor)
        return
    # Thick strokes eat the gaps between letters: every letter is set on its own, further apart.
    steps = [face.getlength(letter) + 1.5 * stroke_width for letter in words]
    x = at[0] - {"l": 0.0, "m": 0.5, "r": 1.0}[anchor[0]] * sum(steps)
    for letter, step in zip(words, steps, strict=True):
        pen.text((x, at[1]), letter, font=face, fill=ink, anchor="l" + anchor[1], stroke_width=stroke_width)
        x += step


def _mask(
    shape: Shape,
    points: Sequence[Point],
    margin: float,
    draw: Callable[[ImageDraw.ImageDraw, Callable[[Sequence[Point]], list[Point]]], None],
) -> Floats:
    """What ``draw`` draws, as a mask; only the rectangle around ``points`` is ever painted."""
    mask = np.zeros(shape, dtype=np.float32)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if not points:
        return mask
    left, top = max(0, int(min(xs) - margin) - 1), max(0, int(min(ys) - margin) - 1)
    right, bottom = min(shape[1], int(max(xs) + margin) + 2), min(shape[0], int(max(ys) + margin) + 2)
    if right <= left or bottom <= top:
        return mask
    canvas = Image.new("L", ((right - left) * _FINER, (bottom - top) * _FINER))
    draw(ImageDraw.Draw(canvas), lambda line: [((x - left) * _FINER, (y - top) * _FINER) for x, y in line])
    mask[top:bottom, left:right] = np.asarray(canvas.reduce(_FINER), dtype=np.float32) / np.float32(255)
    return mask
