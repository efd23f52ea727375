"""Succeed: the first model of a new encoder takes over by itself, if it is as good on the same examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector_core.engine import Engine
from connector_core.operations.better import compared
from connector_core.operations.promote import promote
from connector_core.store.rows import Lesson
from connector_core.store.rows import Trained as Row
from connector_core.store.store import TenantStore
from model_service.encoders.encoder import Fingerprint
from model_service.errors import TaggingError
from model_service.report.report import Report
from model_service.training.train import Trained, train
from model_service.types import Example


@dataclass(frozen=True, slots=True)
class Trial:
    """What both encoders make of the same examples, held out."""

    live: Row
    """the model in use, when this was found out"""
    old: Report | None
    """none: the examples that the old encoder has seen are too few, so the report of the live model has to do"""
    new: Report

    def settle(self, mine: TenantStore, model: str) -> None:
        """Put the model to use if it is as good; in any case note why, or why not, for people."""
        live = mine.models.live()
        if live is None or live.id != self.live.id:
            return  # a person has decided meanwhile
        old = live if self.old is None else replace(live, report=self.old.to_json())
        found = compared(mine, replace(mine.models.get(model), report=self.new.to_json()), old)
        mine.models.note(model, f"Compared with the encoder before: {found.reason}")
        if found.better:
            promote(mine, model, person="")


def held(
    engine: Engine, tenant: str, trained: Trained, known: Sequence[Example], taught: Sequence[Lesson]
) -> Trial | None:
    """Try a trained model of a new encoder against the old one; None where there is no old one.

    A report of last year, on half of the examples, would be no fair rival: the old encoder is taught anew as well.
    """
    with engine.store.tenant(tenant, only_reads=True) as mine:
        live = mine.models.live()
        before = mine.encoders.of(live.encoder) if live is not None else None
    used = trained.model.fingerprint
    if live is None or live.encoder == used.id:
        return None
    if before is None:
        return Trial(live, None, trained.report)
    rivals = examples(engine, tenant, before, taught)
    seen = {one.asset for one in rivals} & {one.asset for one in known}
    same = [one for one in known if one.asset in seen]
    try:
        old = train([one for one in rivals if one.asset in seen], before, risk=trained.model.risk).report
        new = trained.report if len(same) == len(known) else train(same, used, risk=trained.model.risk).report
    except TaggingError:
        return Trial(live, None, trained.report)
    return Trial(live, old, new)


def examples(engine: Engine, tenant: str, used: Fingerprint, taught: Sequence[Lesson]) -> list[Example]:
    """What was taught, as this encoder has seen it."""
    stored = engine.vectors(tenant, used).get(list({one.asset for one in taught}))
    return [
        Example(one.asset, one.tag, stored[one.asset].features, one.group, one.shoot)
        for one in taught
        if one.asset in stored
    ]
