"""Search: photos by the words of their tags, in any accent and case, or by what they look like."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector_core.connector import Connector, ReportsEdits
from connector_core.fold import fold
from connector_core.operations.read import Watch, read, unwatched
from connector_core.types import Asset, Edits
from model_service.encoders.encoder import Encoder
from model_service.errors import TaggingError, Unreadable
from model_service.index.edge import EdgeIndex
from model_service.index.index import Entry
from model_service.types import Decision, Prediction


@dataclass(frozen=True, slots=True)
class Hit:
    """A photo that was found, and why."""

    asset: str
    why: str
    """its tags, or how similar it is"""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, best first, and which photos could not be looked at."""

    hits: tuple[Hit, ...]
    skipped: tuple[tuple[str, str], ...]


def matches(query: str, tag: str) -> bool:
    """Whether every word of the query begins a word of the tag."""
    words = fold(tag).replace("-", " ").split() + fold(tag).split()
    return all(any(word.startswith(part) for word in words) for part in fold(query).split())


def search_written(connector: Connector, assets: Sequence[str], query: str, *, watch: Watch = unwatched) -> Found:
    """Photos whose keywords, ours or those that people added since, match the query."""
    hits, skipped = [], []
    for done, asset in enumerate(assets, 1):
        try:
            tags = connector.retag(asset, add=frozenset(), remove=frozenset()).tags
            if isinstance(connector, ReportsEdits):
                tags |= connector.edits([Asset(asset, "", "")]).get(asset, Edits()).added
            if found := sorted(tag for tag in tags if matches(query, tag)):
                hits.append(Hit(asset, ", ".join(found)))
        except TaggingError as error:
            skipped.append((asset, str(error)))
        watch("Reading keywords", done, len(assets))
    return Found(tuple(hits), tuple(skipped))


def search_predicted(predictions: Sequence[Prediction], query: str) -> tuple[Hit, ...]:
    """Photos that a model gives a matching tag: the sure ones first, then those it would ask about."""
    found = [one for one in predictions if one.decision is not Decision.REJECT and matches(query, one.tag)]
    found.sort(key=lambda one: (one.decision is not Decision.APPLY, -one.probability))
    doubt = {Decision.APPLY: "", Decision.REVIEW: ", to review"}
    return tuple(Hit(one.asset, f"{one.tag} ({one.probability:.0%}{doubt[one.decision]})") for one in found)


def search_like(
    photos: Mapping[str, Path], picture: Path, encoder: Encoder, *, limit: int, keep: Path | None,
    watch: Watch = unwatched,
) -> Found:  # fmt: skip
    """The photos that look most like a picture, best first. Raises Unreadable where that one cannot be read."""
    asked = read({"": picture}, encoder, keep=keep)
    if asked.skipped:
        raise Unreadable(f"{picture}: {asked.skipped[0][1]}")
    seen = read(photos, encoder, keep=keep, watch=watch)
    fingerprint = encoder.fingerprint
    with tempfile.TemporaryDirectory(prefix="propernoun-") as folder:
        index = EdgeIndex(Path(folder) / "index", dim=fingerprint.dim, fingerprint=fingerprint.id)
        try:
            index.put([Entry(asset, features) for asset, features in seen.features.items()])
            near = index.near(asked.features[""].vectors[0], limit)
        finally:
            index.close()
    return Found(tuple(Hit(one.asset, f"{one.similarity:.2f} similar") for one in near), seen.skipped)
