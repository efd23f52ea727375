"""Light, and a piece lit by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from connector_core.sample_library.paint import Floats, resize, smooth
from connector_core.sample_library.piece import Piece


@dataclass(frozen=True, slots=True)
class Light:
    """Where the light comes from and what it is like."""

    azimuth: float
    """degrees; 0 from the right, 90 from below in the picture, 270 from above"""
    elevation: float
    """degrees above the picture plane"""
    key: tuple[float, float, float]
    sky: tuple[float, float, float]
    hard: float
    """0: a cloudy day; 1: a bare bulb"""


def shade(piece: Piece, light: Light, turned: float) -> Image.Image:
    """The piece under this light as RGBA, for a picture in which it lies turned by ``turned`` degrees."""
    way = np.radians(light.azimuth - turned)
    up = np.radians(light.elevation)
    x, y, z = float(np.cos(way) * np.cos(up)), float(np.sin(way) * np.cos(up)), float(np.sin(up))
    normal = piece.normal
    facing = normal[0] * x + normal[1] * y + normal[2] * z
    wrap = np.float32(0.25 * (1 - light.hard))
    direct = np.clip((facing + wrap) / (1 + wrap), 0, None) * (1 - _shadowed(piece, x, y, z) * light.hard)
    around = piece.open * (0.7 + 0.3 * normal[2])
    half = np.asarray([x, y, z + 1]) / np.sqrt(x * x + y * y + (z + 1) ** 2)
    shine = np.clip(normal[0] * half[0] + normal[1] * half[1] + normal[2] * half[2], 0, 1) ** 24 * piece.gloss
    if piece.brushed is not None:
        along = np.cos(piece.brushed) * half[0] + np.sin(piece.brushed) * half[1]
        shine = shine * 0.4 + (1 - np.square(along) * 0.97) ** 9 * 0.55 * piece.gloss
    lit = np.empty((*piece.alpha.shape, 4), dtype=np.float32)
    for channel in range(3):
        key, sky = np.float32(light.key[channel]), np.float32(light.sky[channel])
        lit[..., channel] = piece.albedo[..., channel] * (direct * key + around * sky) + shine * direct * key
    np.sqrt(np.clip(lit[..., :3], 0, 1, out=lit[..., :3]), out=lit[..., :3])
    lit[..., 3] = piece.alpha
    return Image.fromarray((lit * 255 + 0.5).astype(np.uint8))


def _shadowed(piece: Piece, x: float, y: float, z: float) -> Floats:
    """How much of the direct light the piece itself keeps from each of its points."""
    small = piece.height[::2, ::2] * 0.5
    rise = z / max(np.hypot(x, y), 0.05)
    worst = np.zeros_like(small)
    for reach in (2, 4, 7, 11, 16, 24):
        over = np.roll(small, (-round(y * reach), -round(x * reach)), (0, 1)) - small - np.float32(reach * rise)
        np.maximum(worst, over, out=worst)
    shape = (piece.height.shape[0], piece.height.shape[1])
    return np.asarray(np.clip(resize(smooth(worst, 1.0), shape) * 0.5, 0, 0.85), dtype=np.float32)
