"""Promote: a trained model is put to use."""

from __future__ import annotations

from connector_core.store.store import TenantStore
from model_service.errors import Refuse


def promote(mine: TenantStore, model: str, *, person: str) -> None:
    """Put a model to use, also an earlier one again. Raises Gone; Refuse where its encoder's vectors are not kept."""
    one, wanted = mine.models.get(model), mine.encoders.wanted()
    if wanted is not None and one.encoder and mine.encoders.of(one.encoder) is None:
        raise Refuse(
            f"Model {one.number} is of another encoder, and what that one saw in the photos is no longer kept. Train a "
            "new model; or set PROPERNOUN_ENCODER to that encoder, and promote it when all photos were looked at again."
        )
    mine.models.promote(model)
    mine.access.log(person, "promote", model)
    mine.later("predict")
    mine.later("reembed")
