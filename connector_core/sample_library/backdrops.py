"""A floor and the wall behind it, for products that stand."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from connector_core.sample_library.solid import homography
from connector_core.sample_library.surfaces import SIDE, surface

HORIZON = 520
"""where the wall meets the floor, from the top, in pixels"""


@lru_cache(maxsize=24)
def backdrop(floor: str, wall: str) -> Image.Image:
    """A wall and, below ``HORIZON``, a floor that runs towards the camera. The same name twice is one sweep."""
    back = surface(wall).filter(ImageFilter.GaussianBlur(5 if wall != "shelf" else 3))
    whole = [(0.0, 0.0), (SIDE, 0.0), (SIDE, SIDE), (0.0, SIDE)]
    deep = [(60.0, HORIZON), (SIDE - 60.0, HORIZON), (SIDE + 700.0, SIDE), (-700.0, SIDE)]
    near = surface(floor).transform(
        (SIDE, SIDE),
        Image.Transform.PERSPECTIVE,
        homography([(float(x), float(y)) for x, y in whole], deep),
        Image.Resampling.BICUBIC,
    )
    near = Image.composite(
        near,
        surface(floor).filter(ImageFilter.GaussianBlur(9)),
        near.convert("L").point(lambda level: 255 if level else 0),
    )
    ramp = np.clip(
        (np.arange(SIDE) - HORIZON) / (4.0 if floor != wall else 260.0) + (0.5 if floor != wall else 0.2), 0, 1
    )
    mask = Image.fromarray(np.repeat((ramp * 255).astype(np.uint8)[:, None], SIDE, axis=1))
    soft = near.filter(ImageFilter.GaussianBlur(4))
    depth = np.clip((np.arange(SIDE) - HORIZON) / 200, 0, 1)
    near = Image.composite(
        near, soft, Image.fromarray(np.repeat((depth * 255).astype(np.uint8)[:, None], SIDE, axis=1))
    )
    return Image.composite(near, back, mask)
