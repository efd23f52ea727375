"""Unlearn: what is to be forgotten is taken out of stored models, and its vectors are overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from connector_core.engine import Engine
from model_service.encoders.encoder import Block, Fingerprint
from model_service.forget import Forgot, forget, scrubbed
from model_service.index.index import Entry

Named = Callable[[Path], Mapping[str, Any]]
"""What is to be taken out of the model in a folder: ``assets`` or ``tag``; nothing where there is nothing of it."""


def unlearn(engine: Engine, tenant: str, named: Named) -> dict[str, int]:
    """Take something out of every stored model, and out of what their reports say; what became of how many."""
    counts = {"models_rewritten": 0, "models_dropped": 0}
    with engine.store.tenant(tenant, only_reads=True) as mine:
        models = [trained.id for trained in mine.models.all()]
    for model in models:
        folder = engine.home(tenant) / "models" / model
        what = named(folder)
        if not what:
            continue
        became = forget(folder, **what)
        with engine.store.tenant(tenant) as mine:
            report = mine.models.get(model).report
            if report is not None and (told := scrubbed(report, **what)) != report:
                mine.models.tell(model, told)
            if became is Forgot.DROPPED:
                mine.models.fail(model, "It cannot do without what was erased; train again.")
        counts["models_rewritten"] += became is Forgot.REWRITTEN
        counts["models_dropped"] += became is Forgot.DROPPED
    return counts


def blot_out(engine: Engine, tenant: str, told: Mapping[str, Any], assets: Sequence[str]) -> int:
    """Overwrite and drop the vectors that an encoder has of these assets; how many there were."""
    index = engine.vectors(tenant, fingerprint_of(told))
    found = index.get(list(assets))
    # What is dropped is only marked as free in the files of an index; so it is overwritten before.
    blank = [
        Entry(asset, replace(entry.features, vectors=np.zeros_like(entry.features.vectors)))
        for asset, entry in found.items()
    ]
    if blank:
        index.put(blank)
        index.drop(list(found))
        index.close()  # which writes it down
    return len(found)


def fingerprint_of(told: Mapping[str, Any]) -> Fingerprint:
    """The encoder that a row of the table of encoders tells of."""
    blocks = tuple(Block(**block) for block in told["blocks"])
    return Fingerprint(told["name"], told["revision"], blocks, told["preprocessing"])
