"""The examples of a group by tag: evidence needs them, and exact removal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from model_service.errors import Refuse
from model_service.recognizers.moments import Floats
from model_service.types import Example


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """The examples of one tag: their assets, and a vector each, (n, dim)."""

    assets: tuple[str, ...]
    vectors: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Which assets show which tag; a change touches the shelves of its tags alone, however many there are."""

    shelves: Mapping[str, Shelf]

    @classmethod
    def of(cls, assets: Sequence[str], tags: Sequence[str], vectors: Floats) -> Self:
        """The bank of these examples: an asset, a tag and a row of ``vectors`` each."""
        rows: dict[str, list[int]] = {}
        for row, tag in enumerate(tags):
            rows.setdefault(tag, []).append(row)
        return cls({tag: Shelf(tuple(assets[row] for row in own), vectors[own]) for tag, own in rows.items()})

    def flat(self) -> tuple[list[str], list[str], Floats]:
        """Assets, tags and vectors of all examples, as ``of`` takes them."""
        assets = [asset for shelf in self.shelves.values() for asset in shelf.assets]
        tags = [tag for tag, shelf in self.shelves.items() for _ in shelf.assets]
        return assets, tags, np.concatenate([shelf.vectors for shelf in self.shelves.values()])

    def add(self, examples: Sequence[Example]) -> Bank:
        """The bank with these examples more."""
        shelves = dict(self.shelves)
        for tag, own in _by_tag(examples).items():
            assets = tuple(example.asset for example in own)
            vectors = np.stack([example.features.vectors[0] for example in own])
            if tag in shelves:
                assets, vectors = shelves[tag].assets + assets, np.concatenate([shelves[tag].vectors, vectors])
            shelves[tag] = Shelf(assets, vectors)
        return Bank(shelves)

    def remove(self, examples: Sequence[Example]) -> tuple[Bank, tuple[Floats, list[str]]]:
        """The bank without these, and what was taken out: vectors as they were learned, and their tags.

        Only asset and tag name an example, whatever features it comes with now; Refuse for one that is not there.
        """
        shelves = dict(self.shelves)
        vectors: list[Floats] = []
        tags: list[str] = []
        for tag, own in _by_tag(examples).items():
            shelf = shelves.get(tag, Shelf((), np.zeros((0, 0))))
            gone = {example.asset for example in own}
            if strange := gone - set(shelf.assets):
                raise Refuse(f"{min(strange)} is no example of {tag}, so it cannot be taken out.")
            leaves = np.array([asset in gone for asset in shelf.assets])
            vectors.append(shelf.vectors[leaves])
            tags += [tag] * int(leaves.sum())
            shelves[tag] = Shelf(tuple(a for a in shelf.assets if a not in gone), shelf.vectors[~leaves])
            if leaves.all():
                del shelves[tag]
        return Bank(shelves), (np.concatenate(vectors) if vectors else np.zeros((0, 0)), tags)

    def nearest(self, vectors: Floats, tags: Sequence[str]) -> list[tuple[str, float]]:
        """For each vector the example of its tag that it most resembles, and the cosine between them."""
        found: list[tuple[str, float]] = [("", 0.0)] * len(tags)
        asked: dict[str, list[int]] = {}
        for row, tag in enumerate(tags):
            asked.setdefault(tag, []).append(row)
        for tag, rows in asked.items():
            shelf = self.shelves[tag]
            alike = vectors[rows] @ shelf.vectors.T
            for row, best, cosine in zip(rows, alike.argmax(1).tolist(), alike.max(1).tolist(), strict=True):
                found[row] = (shelf.assets[best], cosine)
        return found


def _by_tag(examples: Sequence[Example]) -> dict[str, list[Example]]:
    found: dict[str, list[Example]] = {}
    for example in examples:
        found.setdefault(example.tag, []).append(example)
    return found
