"""Views of photos: the whole first, then random ones, each kept with what the teachers see in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from model_service.features.picture import read_picture
from model_service.types import Picture
from teaching.views import SIDE, rich, view

SMALL = 128
"""what the student looks at"""
CHUNK = 256
"""views a file: what is lost, at most, by a stop"""

Pixels = NDArray[np.uint8]
Teacher = Callable[[Sequence[Picture]], NDArray[np.float32]]


def make(
    photos: Sequence[Path], things: Sequence[Path], rounds: int, teacher: Teacher, folder: Path, *, threads: int = 2
) -> Iterator[str]:
    """Write every round of views; yields a line after each file. Files that are there are not made again.

    ``things`` are pictures on transparent grounds, which are pasted on some views.
    """
    pasted = [_opened(thing) for thing in things]
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [(turn, start) for turn in range(rounds) for start in range(0, len(photos), CHUNK)]
    places = [folder / f"{turn:02}-{start:06}.npz" for turn, start in tasks]

    def work(task: tuple[int, int], place: Path) -> str:
        if not place.exists():
            turn, start = task
            small, seen = _views(photos, slice(start, start + CHUNK), pasted, turn, teacher)
            draft = place.with_suffix(".draft")
            with draft.open("wb") as file:
                np.savez(file, pixels=small, seen=seen)
            draft.replace(place)
        return place.name

    with ThreadPoolExecutor(threads) as pool:
        for done, name in enumerate(pool.map(work, tasks, places), 1):
            yield f"{name} {done}/{len(tasks)}"


def _views(
    photos: Sequence[Path], part: slice, things: Sequence[Image.Image], turn: int, teacher: Teacher
) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    def other(chance: Generator) -> Image.Image:
        return Image.fromarray(read_picture(photos[chance.integers(len(photos))]))

    small, seen = [], []
    for photo in photos[part]:
        name = f"{photo.parent.name}/{photo.name}"
        chance = np.random.default_rng([turn, *hashlib.sha256(name.encode()).digest()[:4]])
        image = Image.fromarray(read_picture(photo))
        image = view(image, chance, whole=True) if turn == 0 else rich(image, other, things, chance)
        seen.append(teacher([np.asarray(image)])[0].astype(np.float16))
        small.append(np.asarray(image.resize((SMALL, SMALL), Image.Resampling.BILINEAR)))
    return np.stack(small), np.stack(seen)


def _opened(thing: Path) -> Image.Image:
    with Image.open(thing) as image:
        return image.convert("RGBA").resize((SIDE, SIDE), Image.Resampling.BILINEAR)


def load(folder: Path, rounds: str = "*") -> tuple[Pixels, NDArray[np.float16]]:
    """All views there are, or those of one round: (n, SMALL, SMALL, 3) and (n, dim)."""
    files = sorted(folder.glob(f"{rounds}-*.npz"))
    parts = [np.load(file) for file in files]
    return np.concatenate([part["pixels"] for part in parts]), np.concatenate([part["seen"] for part in parts])
