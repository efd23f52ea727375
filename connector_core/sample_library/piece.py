"""A piece: one product as it lies before the camera, ready to be lit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator
from PIL import Image

from connector_core.sample_library.paint import Floats, Shape, noise, resize, smooth


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What light needs to know about a product, per pixel. All planes are (h, w) unless said otherwise."""

    albedo: Floats
    """(h, w, 3): the light that the surface gives back"""
    alpha: Floats
    height: Floats
    """towards the camera, in pixels"""
    normal: Floats
    """(3, h, w): x to the right, y down, z to the camera"""
    open: Floats
    """how much of the sky a point sees, 0..1"""
    gloss: Floats
    brushed: Floats | None = None
    """the direction of the scratches in radians; None: not a brushed metal"""
    standing: bool = False
    """true: it stands on a floor and was drawn in perspective; false: it lies flat or hangs"""


class Look(Protocol):
    """How a product looks; draws itself."""

    @property
    def turn(self) -> float:
        """How far people turn it in a photo, in degrees to either side."""
        ...

    def piece(self, rng: Generator) -> Piece:
        """The product as it lies there this time: folds, wear and pose from ``rng``."""
        ...


class Sheet:
    """A piece in the making: layers of colour and height, painted back to front."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.albedo = np.zeros((*shape, 3), dtype=np.float32)
        self.alpha = np.zeros(shape, dtype=np.float32)
        self.height = np.zeros(shape, dtype=np.float32)
        self.gloss = np.zeros(shape, dtype=np.float32)

    def lay(self, mask: Floats, colour: Floats, *, height: Floats | float = 0.0, gloss: float = 0.05) -> None:
        """Cover what is there with a layer of this colour (3,) or (h, w, 3) at this height."""
        at = _where(mask)
        part, level = mask[at], height[at] if isinstance(height, np.ndarray) else np.float32(height)
        self.ink(mask, colour)
        self.height[at] += part * (level - self.height[at])
        self.gloss[at] += part * (np.float32(gloss) - self.gloss[at])
        self.alpha[at] = np.maximum(self.alpha[at], part)

    def ink(self, mask: Floats, colour: Floats) -> None:
        """Print on what is there; the surface keeps its height."""
        at = _where(mask)
        self.albedo[at] += mask[at][..., None] * ((colour[at] if colour.ndim == 3 else colour) - self.albedo[at])

    def carve(self, mask: Floats, depth: float, *, darken: float = 0.0) -> None:
        """Press a groove (or with a negative depth a ridge) into what is there."""
        at = _where(mask)
        self.height[at] -= mask[at] * np.float32(depth)
        if darken:
            self.albedo[at] *= (1 - mask[at] * np.float32(darken))[..., None]

    def cut(self, mask: Floats) -> None:
        """Make a hole."""
        self.alpha *= 1 - mask

    def piece(self, *, brushed: Floats | None = None) -> Piece:
        """The finished piece."""
        cavity = smooth(self.height, 7) - self.height
        return Piece(
            albedo=np.clip(self.albedo, 0, 1),
            alpha=self.alpha,
            height=self.height,
            normal=normals(self.height),
            open=np.clip(1 - cavity / 9, 0.35, 1.1).astype(np.float32),
            gloss=self.gloss,
            brushed=brushed,
        )


def _where(mask: Floats) -> tuple[slice, slice]:
    """The rectangle outside of which the mask is empty: most layers are small."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def cropped(piece: Piece, margin: int = 3) -> Piece:
    """The piece without the empty space around it."""
    rows, columns = (np.flatnonzero(piece.alpha.max(axis=axis) > 0.5) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return piece
    top, left = max(0, int(rows[0]) - margin), max(0, int(columns[0]) - margin)
    cut = (slice(top, int(rows[-1]) + margin + 1), slice(left, int(columns[-1]) + margin + 1))

    def part(plane: Floats) -> Floats:
        return np.ascontiguousarray(plane[cut])

    return Piece(
        albedo=part(piece.albedo),
        alpha=part(piece.alpha),
        height=part(piece.height),
        normal=np.stack([part(axis) for axis in piece.normal]),
        open=part(piece.open),
        gloss=part(piece.gloss),
        brushed=None if piece.brushed is None else part(piece.brushed),
        standing=piece.standing,
    )


def normals(height: Floats) -> Floats:
    """The unit normals (3, h, w) of a height field."""
    slope = np.zeros((3, *height.shape), dtype=np.float32)
    slope[0, :, 1:-1] = (height[:, :-2] - height[:, 2:]) / 2
    slope[1, 1:-1] = (height[:-2] - height[2:]) / 2
    slope[2] = 1
    return np.asarray(slope / np.sqrt(np.square(slope).sum(axis=0)), dtype=np.float32)


def pillow(mask: Floats, size: float) -> Floats:
    """The height of a stuffed shape: round towards its edges, flat inside; ``size`` in pixels."""
    half = resize(mask, (mask.shape[0] // 2, mask.shape[1] // 2))
    puffed = 0.45 * smooth(half, size * 0.125) + 0.55 * smooth(half, size * 0.5)
    round_edge = np.clip(2 * puffed - 0.9, 0, 1) ** np.float32(0.7) * np.float32(size)
    return resize(np.asarray(round_edge, dtype=np.float32), (mask.shape[0], mask.shape[1])) * mask


def folds(shape: Shape, rng: Generator, *, angle: float, wide: float, long: float) -> Floats:
    """Creases of cloth of about unit height that run along ``angle`` (degrees from upright)."""
    # Worked out at half the size: creases are wide.
    small = (shape[0] // 2, shape[1] // 2)
    side = int(np.hypot(*small)) + 2
    lines = noise((side, side), (wide / 2, long / 2), rng) + 0.5 * noise((side, side), (wide / 4, long / 4), rng)
    sharp = np.float32(0.8) - np.sqrt(np.square(lines) + np.float32(0.02))
    turned = np.asarray(Image.fromarray(sharp).rotate(angle, Image.Resampling.BILINEAR), dtype=np.float32)
    top, left = (side - small[0]) // 2, (side - small[1]) // 2
    return resize(turned[top : top + small[0], left : left + small[1]], shape)
