"""What is looked at: photos and parts of them in other light, two mixed with each other, and things pasted on them.

The more kinds of pictures the teachers explain, the less the student is one for garments and groceries alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageEnhance, ImageFilter

SIDE = 224
"""what teachers look at"""
PLAIN, BLENDED, PATCHED = 0.5, 0.15, 0.15
"""shares of views that are a part of one photo, two photos blended, and one patched into another

The rest has things pasted on it, where there are any. Beyer et al. 2022 let teachers explain blends.
"""
TURNED = 0.25
"""share of views whose colour channels change places"""
MOST_THINGS = 3

Draw = Callable[[Generator], Image.Image]


def view(image: Image.Image, chance: Generator, *, whole: bool = False) -> Image.Image:
    """A view of SIDE x SIDE: the whole picture stretched, or a part of it, perhaps mirrored, in other light."""
    box = (0.0, 0.0, float(image.width), float(image.height))
    if not whole:
        area, shape = chance.uniform(0.2, 1.0), np.exp(chance.uniform(-0.35, 0.35))
        wide, high = min(1.0, np.sqrt(area * shape)) * image.width, min(1.0, np.sqrt(area / shape)) * image.height
        left, top = chance.uniform(0, image.width - wide), chance.uniform(0, image.height - high)
        box = (left, top, left + wide, top + high)
    seen = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    if whole:
        return seen
    if chance.random() < 0.5:
        seen = seen.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for how in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        seen = how(seen).enhance(float(np.exp(chance.normal(0, 0.2))))
    if chance.random() < 0.2:
        seen = seen.filter(ImageFilter.GaussianBlur(chance.uniform(0.5, 2.0)))
    return seen


def rich(image: Image.Image, other: Draw, things: Sequence[Image.Image], chance: Generator) -> Image.Image:
    """A view that may hold more than its photo: ``other`` gives a second one, ``things`` have transparent grounds."""
    seen, kind = view(image, chance), chance.random()
    if PLAIN <= kind < PLAIN + BLENDED:
        seen = Image.blend(seen, view(other(chance), chance), chance.uniform(0.25, 0.75))
    elif PLAIN + BLENDED <= kind < PLAIN + BLENDED + PATCHED:
        seen = _patched(seen, view(other(chance), chance), chance)
    elif kind >= PLAIN + BLENDED + PATCHED and things:
        seen = _ground(seen, chance)
        for _ in range(chance.integers(1, MOST_THINGS + 1)):
            _paste(seen, things[chance.integers(len(things))], chance)
    if chance.random() < TURNED:
        bands = seen.split()
        seen = Image.merge("RGB", [bands[at] for at in chance.permutation(3)])
    return seen


def _patched(seen: Image.Image, other: Image.Image, chance: Generator) -> Image.Image:
    wide, high = chance.integers(SIDE // 3, SIDE * 5 // 6, 2)
    left, top = chance.integers(0, SIDE - wide + 1), chance.integers(0, SIDE - high + 1)
    patch = other.resize((int(wide), int(high)), Image.Resampling.BILINEAR)
    seen.paste(patch, (int(left), int(top)))
    return seen


def _ground(seen: Image.Image, chance: Generator) -> Image.Image:
    """The view itself, or a surface from one colour to another, often white."""
    if chance.random() < 0.5:
        return seen
    colours = chance.uniform(0, 255, (2, 3)) if chance.random() < 0.6 else np.full((2, 3), 255.0)
    ramp = np.linspace(0, 1, SIDE)[:, None, None]
    rows = np.broadcast_to(colours[0] * (1 - ramp) + colours[1] * ramp, (SIDE, SIDE, 3))
    return Image.fromarray(np.ascontiguousarray(rows).astype(np.uint8))


def _paste(seen: Image.Image, thing: Image.Image, chance: Generator) -> None:
    side = int(SIDE * chance.uniform(0.3, 1.0))
    turned = thing.rotate(chance.normal(0, 20), Image.Resampling.BILINEAR).resize((side, side))
    if chance.random() < 0.5:
        turned = turned.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    left, top = chance.integers(-side // 4, SIDE - side * 3 // 4 + 1, 2)
    seen.paste(turned, (int(left), int(top)), turned)
