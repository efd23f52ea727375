"""Read: photos become features, each once; what cannot be read is listed with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector_core.labelled import Item
from connector_core.taken import day_taken
from model_service.encoders.encoder import Encoder
from model_service.features.extract import Source, extract
from model_service.types import Example, Features

Watch = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and how much there is."""


def unwatched(what: str, done: int, of: int) -> None:
    """A Watch that nobody looks at."""


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """The features of those assets that could be read, and why the others could not."""

    features: Mapping[str, Features]
    skipped: tuple[tuple[str, str], ...]


def read(
    photos: Mapping[str, Path],
    encoder: Encoder,
    *,
    keep: Path | None,
    grid: int = 0,
    watch: Watch = unwatched,
    what: str = "photos",
) -> Read:
    """The features of photos by asset; ``keep`` is a folder where they are kept for the next time.

    With ``grid`` each photo is also looked at in so many tiles a side.
    """
    features: dict[str, Features] = {}
    skipped: list[tuple[str, str]] = []
    sources = [Source(asset, path) for asset, path in photos.items()]
    doing = f"Looking at {len(sources):,} {what}"
    watch(doing, 0, len(sources))
    for done, one in enumerate(extract(sources, encoder, grid=grid, cache=keep), 1):
        if one.features is None:
            skipped.append((one.asset, one.reason))
        else:
            features[one.asset] = one.features
        watch(doing, done, len(sources))
    return Read(features, tuple(skipped))


def examples(items: Sequence[Item], features: Mapping[str, Features]) -> list[Example]:
    """The items that have a tag and could be read, as examples; where no shoot is named, the day is one."""
    days: dict[str, str] = {}
    found = []
    for item in items:
        if item.tag and item.asset in features:
            if not item.shoot and item.asset not in days:
                days[item.asset] = day_taken(item.path)
            shoot = item.shoot or days[item.asset]
            found.append(Example(item.asset, item.tag, features[item.asset], item.group, shoot))
    return found
