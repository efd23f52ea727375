"""Sight: with which encoders a photo is looked at while one takes over from another, and where its vectors go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector_core.engine import Engine
from connector_core.operations.discard import discard
from model_service.encoders.encoder import Encoder, Fingerprint
from model_service.index.index import Entry
from model_service.types import Features, Picture

BLIND = (
    "The model in use knows photos only through the encoder {}, which can no longer be loaded; "
    "this one is tagged as soon as a model of the new encoder is in use."
)


@dataclass(frozen=True, slots=True)
class Sight:
    """The encoder in use; beside it the one of the live model, where that is another one and can still be loaded."""

    used: Encoder
    serving: Fingerprint
    old: Encoder | None
    stale: tuple[Fingerprint, ...]
    """other encoders whose vectors are kept, and would be of older bytes from now on"""

    @property
    def is_blind(self) -> bool:
        """Whether new photos cannot be judged by the live model."""
        return self.old is None and self.serving.id != self.used.fingerprint.id

    @property
    def reason(self) -> str:
        """Why new photos wait, for people."""
        return BLIND.format(self.serving.name) if self.is_blind else ""

    def again(self, pictures: Mapping[str, Picture]) -> dict[str, Features]:
        """The same pictures as the old encoder sees them."""
        if self.old is None or not pictures:
            return {}
        rows = self.old.encode(list(pictures.values()))
        return {asset: Features(rows[at : at + 1]) for at, asset in enumerate(pictures)}

    def keep(self, engine: Engine, tenant: str, seen: Mapping[str, Features], old: Mapping[str, Features]) -> None:
        """Keep the vectors of both, and forget those that others have of earlier bytes. Raises IndexDown."""
        engine.vectors(tenant, self.used.fingerprint).put([Entry(asset, one) for asset, one in seen.items()])
        if old:
            engine.vectors(tenant, self.serving).put([Entry(asset, one) for asset, one in old.items()])
        for other in self.stale:
            engine.vectors(tenant, other).drop(list(seen))


def open_sight(engine: Engine, tenant: str) -> Sight:
    """How photos of a tenant are looked at now; from now on it is known that vectors of the encoder in use are kept."""
    used = engine.encoder
    with engine.store.tenant(tenant) as mine:
        is_kept = mine.encoders.keep(used.fingerprint)
    if not is_kept:
        discard(engine, tenant)
    with engine.store.tenant(tenant) as mine:
        mine.encoders.keep(used.fingerprint)
        serving, kept = mine.encoders.serving() or used.fingerprint, mine.encoders.kept()
    old = engine.eyes(serving) if serving.id != used.fingerprint.id else None
    written = {used.fingerprint.id, serving.id if old is not None else ""}
    return Sight(used, serving, old, tuple(one for one in kept if one.id not in written))
