"""Views of photos: the whole first, then random parts in other light, each kept with what the teachers see in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from model_service.features.picture import read_picture
from model_service.types import Picture

SIDE = 224
"""what teachers look at"""
SMALL = 128
"""what the student looks at"""
CHUNK = 256
"""views a file: what is lost, at most, by a stop"""

Teacher = Callable[[Sequence[Picture]], NDArray[np.float32]]


def make(photos: Sequence[Path], rounds: int, teacher: Teacher, folder: Path, *, threads: int = 2) -> Iterator[str]:
    """Write every round of views; yields a line after each file. Files that are there are not made again."""
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [(turn, start) for turn in range(rounds) for start in range(0, len(photos), CHUNK)]
    places = [folder / f"{turn:02}-{start:06}.npz" for turn, start in tasks]

    def work(task: tuple[int, int], place: Path) -> str:
        if not place.exists():
            turn, start = task
            small, seen = _views(photos[start : start + CHUNK], turn, teacher)
            draft = place.with_suffix(".draft")
            with draft.open("wb") as file:
                np.savez(file, pixels=small, seen=seen)
            draft.replace(place)
        return place.name

    with ThreadPoolExecutor(threads) as pool:
        for done, name in enumerate(pool.map(work, tasks, places), 1):
            yield f"{name} {done}/{len(tasks)}"


def _views(photos: Sequence[Path], turn: int, teacher: Teacher) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    small, seen = [], []
    for photo in photos:
        chance = np.random.default_rng([turn, *hashlib.sha256(photo.name.encode()).digest()[:4]])
        image = view(Image.fromarray(read_picture(photo)), chance, whole=turn == 0)
        seen.append(teacher([np.asarray(image)])[0].astype(np.float16))
        small.append(np.asarray(image.resize((SMALL, SMALL), Image.Resampling.BILINEAR)))
    return np.stack(small), np.stack(seen)


def view(image: Image.Image, chance: Generator, *, whole: bool) -> Image.Image:
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


def load(folder: Path) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """All views there are: (n, SMALL, SMALL, 3) and (n, dim)."""
    files = sorted(folder.glob("*.npz"))
    parts = [np.load(file) for file in files]
    return np.concatenate([part["pixels"] for part in parts]), np.concatenate([part["seen"] for part in parts])
