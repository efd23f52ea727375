"""The live model of a tenant with every lesson since its training: a correction counts at once, exactly."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from connector_core.engine import Engine
from connector_core.store.rows import Lesson
from model_service.bundle import load_bundle
from model_service.errors import Refuse
from model_service.index.index import VectorIndex
from model_service.model import Model
from model_service.types import Example, Features

log = logging.getLogger(__name__)

_TURN = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A model, and the last lesson that it knows."""

    id: str
    number: int
    lesson: int
    model: Model


def learned(engine: Engine, tenant: str) -> Learned | None:
    """The model in use, up to date; None if there is none yet. Kept between jobs, and caught up.

    It may be of another encoder than the one in use: then it goes on with the vectors of that one.
    """
    with engine.store.tenant(tenant, only_reads=True) as mine:
        live = mine.models.live()
    if live is None:
        return None
    with _TURN:
        known: Learned | None = engine.memory.get(tenant)
        if known is None or known.id != live.id:
            model, _ = load_bundle(engine.home(tenant) / "models" / live.id)
            known = Learned(live.id, live.number, live.lesson, model)
        with engine.store.tenant(tenant, only_reads=True) as mine:
            # In this order: a lesson that comes in between is among the lessons.
            latest, lessons = mine.tenant().lesson, mine.examples.lessons(known.lesson)
        if lessons:
            known = replace(known, model=follow(known.model, lessons, engine.vectors(tenant, known.model.fingerprint)))
        known = replace(known, lesson=max([latest, *(one.number for one in lessons)]))
        engine.memory[tenant] = known
        return known


def follow(model: Model, lessons: Sequence[Lesson], vectors: VectorIndex) -> Model:
    """The model after these lessons; of several on one asset and tag the last one counts.

    Groups that the model does not know wait for the next training, and so do examples without vectors.
    """
    last: dict[tuple[str, str], Lesson] = {(one.asset, one.tag): one for one in lessons}
    stored = vectors.get(list({one.asset for one in last.values()}))
    added, removed = [], []
    for one in last.values():
        part = model.parts.get(one.group)
        if part is None:
            continue
        shelf = part.bank.shelves.get(one.tag)
        is_known = shelf is not None and one.asset in shelf.assets
        if is_known:
            removed.append(_example(one, stored[one.asset].features if one.asset in stored else None))
        if one.added and one.asset in stored:
            added.append(_example(one, stored[one.asset].features))
    try:
        return model.update(added, removed) if added or removed else model
    except Refuse as error:
        log.warning("the model stays as it was trained: %s", error)
        return model


def _example(lesson: Lesson, features: Features | None) -> Example:
    # What is taken out is known to the model by its names: its vectors may be gone, or others by now.
    return Example(lesson.asset, lesson.tag, features or _NOTHING, lesson.group, lesson.shoot)


_NOTHING = Features(np.zeros((1, 1), np.float32))
