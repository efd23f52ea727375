"""The shadows that things throw. They are soft, so they are worked out at a third of the picture's size."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from connector_core.sample_library.light import Light
from connector_core.sample_library.paint import Floats, Shape, resize

_LESS = 3


def beneath(outline: Image.Image, at: tuple[int, int], shape: Shape, light: Light, scale: float) -> Floats:
    """The shadow (h, w) of a flat thing: dark where it touches, softer away from the light.

    ``outline`` is its mask, ``at`` the mask's left and top in the picture, ``scale`` the size at which it is shown.
    """
    mask = _small(outline, at, shape)
    way = np.radians(light.azimuth)
    x, y = (
        float(part) * 20 * scale / float(np.tan(np.radians(light.elevation))) for part in (np.cos(way), np.sin(way))
    )
    near = _moved(mask, x * 0.35, y * 0.35, 3 + 3 * scale)
    far = _moved(mask, x, y, (4 + 14 * (1 - light.hard)) * (0.5 + scale))
    return resize(1 - (1 - near * np.float32(0.55)) * (1 - far * np.float32(0.6)), shape)


def on_the_floor(outline: Image.Image, at: tuple[int, int], shape: Shape, light: Light, scale: float) -> Floats:
    """The shadow (h, w) of a standing thing: its outline laid down on the floor, and a dark line at its foot."""
    mask = _small(outline, at, shape)
    box = mask.getbbox()
    base = float(box[3]) if box is not None else 0.0
    slant, flat = -float(np.cos(np.radians(light.azimuth))) * 1.1, 0.30
    lay = (1, slant / flat, -slant * base / flat, 0, 1 / flat, base - base / flat)
    thrown = mask.transform(mask.size, Image.Transform.AFFINE, lay, Image.Resampling.BILINEAR)
    foot = mask.copy()
    foot.paste(0, (0, 0, foot.width, max(0, int(base - 60 * scale / _LESS))))
    soft = _moved(thrown, 0, 0, 5 + 12 * (1 - light.hard))
    return resize(1 - (1 - soft * np.float32(0.75)) * (1 - _moved(foot, 0, -7 * scale, 5)), shape)


def _small(outline: Image.Image, at: tuple[int, int], shape: Shape) -> Image.Image:
    mask = Image.new("L", (-(-shape[1] // _LESS), -(-shape[0] // _LESS)))
    size = (max(1, outline.width // _LESS), max(1, outline.height // _LESS))
    mask.paste(outline.resize(size, Image.Resampling.BOX), (round(at[0] / _LESS), round(at[1] / _LESS)))
    return mask


def _moved(mask: Image.Image, x: float, y: float, blur: float) -> Floats:
    """The mask moved against (x, y) and blurred, in pixels of the full picture, as 0..1."""
    way = (1, 0, x / _LESS, 0, 1, y / _LESS)
    moved = mask.transform(mask.size, Image.Transform.AFFINE, way, Image.Resampling.BILINEAR) if x or y else mask
    return np.asarray(moved.filter(ImageFilter.GaussianBlur(blur / _LESS)), dtype=np.float32) / np.float32(255)
