"""Draws the sample library: example photos by tag, unseen photos, and the answers."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image

from connector_core.sample_library.catalogue import PRODUCTS, RELATIVES, UNRELATED, Product
from connector_core.sample_library.scene import photo
from connector_core.sample_library.shoots import EXAMPLE_SHOOTS, NEW_SHOOTS, PACKSHOT, Shoot
from model_service.errors import Refuse

_MOST = 200
"""photos of one tag; more than anyone wants to wait for"""
_SHOOTS_A_TAG = 3
_EXIF_TURNED, _EXIF_CAMERA, _EXIF_TAKEN = 0x0112, 0x0110, 0x9003


@dataclass(frozen=True, slots=True)
class Library:
    """A drawn library on disk."""

    root: Path
    examples: Path
    """one folder a tag, photos in it"""
    new: Path
    """photos that nobody tagged, their names give nothing away"""
    answers: Path
    """CSV of path (relative to ``root``) and tag of the new photos; no tag: a stranger to the vocabulary"""
    tags: tuple[str, ...]
    example_count: int
    new_count: int
    """strangers included"""
    stranger_count: int


@dataclass(frozen=True, slots=True)
class _Order:
    """One photo to be taken."""

    product: Product
    shoot: Shoot
    take: int
    seed: tuple[int, ...]
    path: Path


def draw_library(
    to: Path, *, seed: int = 7, examples: int = 12, new: int = 6, strangers: int = 24,
    on_progress: Callable[[int, int], None] | None = None, products: Sequence[Product] = PRODUCTS,
) -> Library:  # fmt: skip
    """Draw a library into the folder ``to``; the same seed draws the same photos.

    ``examples`` and ``new`` count per product, ``strangers`` altogether. Examples and new photos never come from the
    same shoot. ``on_progress`` hears (drawn, all). Raises Refuse when ``to`` holds anything already or when a
    count is out of bounds.
    """
    _check(to, examples=examples, new=new, strangers=strangers)
    rng = np.random.default_rng(seed)
    taught = _example_orders(to, products, examples, seed, rng)
    unseen = _new_orders(to, products, new, strangers, seed, rng)
    orders = taught + unseen
    for folder in {order.path.parent for order in orders} | {to / "examples", to / "new"}:
        folder.mkdir(parents=True, exist_ok=True)
    # Threads are enough: Pillow and numpy let go of the interpreter while they work on pixels.
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for done, _ in enumerate(pool.map(_take, orders), 1):
            if on_progress is not None:
                on_progress(done, len(orders))
    tags = tuple(product.name for product in products)
    _write_answers(to, unseen, frozenset(tags))
    return Library(to, to / "examples", to / "new", to / "answers.csv", tags, len(taught), len(unseen), strangers)


def _check(to: Path, **counts: int) -> None:
    for name, count in counts.items():
        if not 0 <= count <= _MOST:
            raise Refuse(f"The sample library takes between 0 and {_MOST} for {name!r}, not {count}.")
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise Refuse(f"{to} is not an empty folder; choose another place for the sample library or empty it first.")


def _example_orders(to: Path, products: Sequence[Product], count: int, seed: int, rng: Generator) -> list[_Order]:
    """Every tag has a packshot day and two other days, as catalogues grow."""
    orders = []
    others = [shoot for shoot in EXAMPLE_SHOOTS if shoot is not PACKSHOT]
    for number, product in enumerate(products):
        days = [others[i] for i in rng.permutation(len(others))[: _SHOOTS_A_TAG - 1]]
        shoots = [PACKSHOT, *days]
        for shot in range(count):
            day = shot * _SHOOTS_A_TAG // count
            name = f"{shoots[day].day:%Y%m%d}-{1 + shot:02d}.jpg"
            orders.append(
                _Order(
                    product,
                    shoots[day],
                    10 * day + shot % product.layouts,
                    (seed, 1, number, shot),
                    to / "examples" / product.name / name,
                )
            )
    return orders


def _new_orders(
    to: Path, products: Sequence[Product], count: int, strangers: int, seed: int, rng: Generator
) -> list[_Order]:
    subjects = [(product, shot) for product in products for shot in range(count)]
    odd = [_stranger(at) for at in range(strangers)]
    subjects += [(product, at) for at, product in enumerate(odd)]
    numbers = 300 + rng.permutation(9000)[: len(subjects)]
    orders = []
    for at, ((product, shot), number) in enumerate(zip(subjects, numbers, strict=True)):
        shoot = NEW_SHOOTS[(shot + at // max(count, 1)) % len(NEW_SHOOTS)]
        path = to / "new" / f"DSC_{number:04d}.jpg"
        orders.append(_Order(product, shoot, 100 + shot % max(2, product.layouts), (seed, 2, at), path))
    return orders


def _stranger(at: int) -> Product:
    """Two near relatives, then something unrelated."""
    if at % 3 < 2:
        return RELATIVES[(at // 3 * 2 + at % 3) % len(RELATIVES)]
    return UNRELATED[at // 3 % len(UNRELATED)]


def _take(order: _Order) -> None:
    rng = np.random.default_rng(order.seed)
    picture = photo(order.product, rng, shoot=order.shoot, take=order.take)
    exif = Image.Exif()
    exif[_EXIF_CAMERA] = order.shoot.camera
    taken = dt.datetime.combine(order.shoot.day, dt.time(9)) + dt.timedelta(seconds=int(rng.integers(7 * 3600)))
    exif.get_ifd(0x8769)[_EXIF_TAKEN] = f"{taken:%Y:%m:%d %H:%M:%S}"
    if picture.height > picture.width and rng.random() < 0.3:
        # Phones store upright photos lying down and say so.
        picture = picture.transpose(Image.Transpose.ROTATE_90)
        exif[_EXIF_TURNED] = 6
    picture.save(order.path, quality=int(rng.integers(*order.shoot.quality)), exif=exif)


def _write_answers(to: Path, orders: Sequence[_Order], tags: frozenset[str]) -> None:
    rows = sorted((order.path.relative_to(to).as_posix(), order.product.name) for order in orders)
    with (to / "answers.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("path", "tag"))
        table.writerows((path, name if name in tags else "") for path, name in rows)
