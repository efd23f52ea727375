"""A camera: what lens, sensor and processing do to the light before it is a photo."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from connector_core.sample_library.paint import Floats, picture_of
from connector_core.sample_library.shoots import Shoot

_GRAIN = 1000


def develop(light: Floats, shoot: Shoot, rng: Generator) -> Image.Image:
    """The photo that this shoot's camera makes of the light (h, w, 3)."""
    high, wide = light.shape[:2]
    exposure = float(rng.normal(1.0, 0.09))
    lens = _vignette(high, wide, float(rng.uniform(0.05, 0.3)))
    exposed = light * (lens * np.float32(exposure))[..., None]
    # Lenses and small sensors wash colours out a little: some light strays, some colour is lost.
    grey = (exposed[..., :1] + exposed[..., 1:2] + exposed[..., 2:]) / np.float32(3)
    exposed = exposed * np.float32(0.84) + grey * np.float32(0.15) + np.float32(0.006)
    # A soft shoulder keeps highlights from breaking off the way clipping does.
    over = np.clip(exposed - np.float32(0.7), np.float32(0), np.float32(0.6))
    photo = picture_of(np.asarray(exposed - np.float32(0.42) * over * over, dtype=np.float32))
    blur = float(rng.uniform(*shoot.blur))
    if rng.random() < 0.06:
        blur += 1.3
    if blur > 0.35:
        photo = photo.filter(ImageFilter.GaussianBlur(blur))
    if shoot.blur[1] > 0.7 and rng.random() < 0.10:
        photo = _shaken(photo, rng)
    return _sensor(photo, shoot.noise * float(rng.uniform(0.6, 1.5)), rng)


def _vignette(high: int, wide: int, depth: float) -> Floats:
    y = np.linspace(-1, 1, high, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, wide, dtype=np.float32)[None, :]
    return np.asarray(1 - np.float32(depth * 0.6) * (x * x + y * y), dtype=np.float32)


def _shaken(photo: Image.Image, rng: Generator) -> Image.Image:
    """Motion blur: the mean of the photo along a short path."""
    way, reach = rng.uniform(0, np.pi), rng.uniform(2, 5)
    frames = [
        photo.transform(photo.size, Image.Transform.AFFINE, (1, 0, s * np.cos(way), 0, 1, s * np.sin(way)),
            Image.Resampling.BILINEAR)
        for s in np.linspace(-reach, reach, 4)
    ]  # fmt: skip
    mean = Image.blend(Image.blend(frames[0], frames[1], 0.5), Image.blend(frames[2], frames[3], 0.5), 0.5)
    # The moved frames are empty at their rims.
    rim = 6
    return mean.resize(photo.size, Image.Resampling.BILINEAR, (rim, rim, photo.width - rim, photo.height - rim))


@cache
def _grain() -> Floats:
    """Sensor noise: luminance, and less of colour, slightly smeared as phones do."""
    rng = np.random.default_rng(3)
    grey = rng.standard_normal((_GRAIN, _GRAIN, 1), dtype=np.float32)
    tint = rng.standard_normal((_GRAIN, _GRAIN, 3), dtype=np.float32) * np.float32(0.6)
    return (grey + tint + np.roll(grey + tint, 1, axis=1) * np.float32(0.5)).astype(np.float32)


def _sensor(photo: Image.Image, amount: float, rng: Generator) -> Image.Image:
    top, left = (int(rng.integers(0, _GRAIN - side + 1)) for side in (photo.height, photo.width))
    grain = _grain()[top : top + photo.height, left : left + photo.width]
    levels = np.asarray(photo, dtype=np.float32)
    # Dark parts are noisier once gamma has lifted them.
    levels = levels + grain * (np.float32(amount) * (330 - levels))
    return Image.fromarray(np.clip(levels + 0.5, 0, 255).astype(np.uint8))
