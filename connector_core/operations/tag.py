"""Tag: a model looks at photos; what it is sure of is written into the files, if that is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector_core.connector import Connector, ReportsEdits
from connector_core.operations.read import Watch, read, unwatched
from connector_core.types import Asset, Edits, Tag
from model_service.bundle import load_bundle
from model_service.encoders.encoder import Encoder
from model_service.encoders.load import load_encoder
from model_service.errors import TaggingError
from model_service.model import Model
from model_service.types import Decision, Prediction

TOGETHER = 2000
"""photos whose features are held at a time"""


@dataclass(frozen=True, slots=True, eq=False)
class Tagger:
    """A model with the encoder that it was trained on."""

    model: Model
    encoder: Encoder
    tags: frozenset[str]
    """the vocabulary: what the model may take away again"""


@dataclass(frozen=True, slots=True)
class Tagging:
    """What a model says about photos, and which of them could not be read."""

    predictions: tuple[Prediction, ...]
    skipped: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """What became of the files."""

    changed: int
    """files whose keywords are now different"""
    unchanged: int
    """files that were already as they should be"""
    respected: int
    """tags that people had taken away before, and that were not written again"""
    failed: tuple[tuple[str, str], ...]


def open_tagger(folder: Path, *, encoder: str = "") -> Tagger:
    """The model in a folder. Raises BadBundle for a damaged one, or one that belongs to another encoder."""
    model, report = load_bundle(folder)
    loaded = load_encoder(encoder or model.fingerprint.name)
    if loaded.fingerprint.id != model.fingerprint.id:
        # Refuses, with the words of the bundle itself.
        model, report = load_bundle(folder, fingerprint=loaded.fingerprint)
    return Tagger(model, loaded, frozenset(tag["tag"] for group in report["groups"] for tag in group["tags"]))


def tag(photos: Mapping[str, Path], tagger: Tagger, *, keep: Path | None, watch: Watch = unwatched) -> Tagging:
    """What the model says about every photo that can be read, in their order. Nothing is written."""
    names = list(photos)
    predictions: list[Prediction] = []
    skipped: list[tuple[str, str]] = []

    def step(start: int) -> None:
        some = {asset: photos[asset] for asset in names[start : start + TOGETHER]}
        doing = f"Looking at {len(names):,} photos to tag"
        seen = read(
            some,
            tagger.encoder,
            keep=keep,
            grid=tagger.model.grid,
            watch=lambda _, done, of: watch(doing, start + done, len(names)),
        )
        assets = list(seen.features)
        predictions.extend(tagger.model.predict(assets, [seen.features[asset] for asset in assets]))
        skipped.extend(seen.skipped)

    for start in range(0, len(names), TOGETHER):
        step(start)
    return Tagging(tuple(predictions), tuple(skipped))


def write(
    connector: Connector, predictions: Sequence[Prediction], vocabulary: frozenset[str], *, watch: Watch = unwatched
) -> Writing:
    """Write applied tags into the host; tags of the vocabulary that we wrote before and no longer apply go.

    A tag that a person took away stays away. An asset that cannot be written is listed, and the rest goes on.
    """
    wanted: dict[str, set[Tag]] = {}
    for one in predictions:
        mine = wanted.setdefault(one.asset, set())
        if one.decision is Decision.APPLY:
            mine.add(Tag(one.tag, one.group))
    changed = respected = 0
    failed = []
    for done, (asset, tags) in enumerate(wanted.items(), 1):
        try:
            refused: frozenset[str] = frozenset()
            if isinstance(connector, ReportsEdits):
                refused = connector.edits([Asset(asset, "", "")]).get(asset, Edits()).removed
            add = {one for one in tags if one.name not in refused}
            names = {one.name for one in add}
            remove = {Tag(name) for name in _ours(connector, asset) & vocabulary - names}
            changed += connector.retag(asset, add=add, remove=remove).changed
            respected += len(tags) - len(add)
        except TaggingError as error:
            failed.append((asset, str(error)))
        watch("Writing keywords", done, len(wanted))
    return Writing(changed, len(wanted) - changed - len(failed), respected, tuple(failed))


def untag(connector: Connector, assets: Iterable[str], *, watch: Watch = unwatched) -> Writing:
    """Remove everything that we ever wrote, and nothing else."""
    names = list(assets)
    changed = 0
    failed = []
    for done, asset in enumerate(names, 1):
        try:
            if ours := _ours(connector, asset):
                changed += connector.retag(asset, add=frozenset(), remove={Tag(name) for name in ours}).changed
        except TaggingError as error:
            failed.append((asset, str(error)))
        watch("Removing what we wrote", done, len(names))
    return Writing(changed, len(names) - changed - len(failed), 0, tuple(failed))


def _ours(connector: Connector, asset: str) -> frozenset[str]:
    """What the host shows because of us: asking for no change tells."""
    return connector.retag(asset, add=frozenset(), remove=frozenset()).tags
