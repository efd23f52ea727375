"""Examples of a tenant and the lessons that follow from them, and the models that were trained on both."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from connector_core.errors import Gone
from connector_core.store.owed import wants_training
from connector_core.store.rows import Lesson, Trained
from connector_core.store.scope import ROWS, Scope, fresh
from connector_core.store.tables import examples, lessons, models, tags, tenants
from model_service.errors import Refuse

E, M = examples.c, models.c


class Examples(Scope):
    """The examples of one tenant; every change of them is a lesson, in one order for all who follow."""

    def teach(self, asset: str, tag: str, *, yes: bool = True, source: str = "person", shoot: str = "") -> bool:
        """An asset shows a tag, or does not; false if that was known. A no takes a yes back, and the reverse."""
        known = self._db.execute(self._select(examples, E.asset == asset, E.tag == tag)).first()
        if known is not None and known.yes == yes:
            return False
        self._db.execute(self._delete(examples, E.asset == asset, E.tag == tag))
        made = {"id": fresh(), "asset": asset, "tag": tag, "yes": yes, "source": source, "shoot": shoot}
        self._insert(examples, [{**made, "created": time.time()}])
        if yes:
            self._learn(asset, tag, shoot, added=True)
        elif known is not None:
            self._learn(asset, tag, known.shoot, added=False)
        return True

    def forget(self, asset: str, tag: str) -> bool:
        """Neither a yes nor a no any more; false if it was none."""
        known = self._db.execute(self._select(examples, E.asset == asset, E.tag == tag)).first()
        if known is None:
            return False
        self._db.execute(self._delete(examples, E.asset == asset, E.tag == tag))
        if known.yes:
            self._learn(asset, tag, known.shoot, added=False)
        return True

    def changed(self, assets: Sequence[str]) -> int:
        """The bytes of these assets are others now: what they teach is learned anew; how many examples that were."""
        found = 0
        for start in range(0, len(assets), ROWS):
            asked = self._select(examples, E.asset.in_(assets[start : start + ROWS]), E.yes.is_(True))
            for row in self._db.execute(asked).all():
                self._learn(row.asset, row.tag, row.shoot, added=False)
                self._learn(row.asset, row.tag, row.shoot, added=True)
                found += 1
        return found

    def all(self, *, tag: str = "", asset: str = "") -> list[Mapping[str, Any]]:
        """Examples as plain rows, the oldest first; of a tag, or of an asset, if asked."""
        asked = self._select(examples).order_by(E.created, E.id)
        if tag:
            asked = asked.where(E.tag == tag)
        if asset:
            asked = asked.where(E.asset == asset)
        return [dict(row._mapping) for row in self._db.execute(asked)]

    def counts(self) -> dict[str, int]:
        """How many pictures show each tag."""
        asked = select(E.tag, func.count()).where(self._mine(examples, E.yes.is_(True))).group_by(E.tag)
        return {tag: count for tag, count in self._db.execute(asked)}

    def taught(self) -> list[Lesson]:
        """What there is to learn from, as lessons."""
        asked = (
            select(E.asset, E.tag, tags.c.group, E.shoot)
            .join_from(examples, tags, (tags.c.id == E.tag) & (tags.c.tenant == E.tenant))
            .where(self._mine(examples, E.yes.is_(True)), tags.c.archived.is_(False))
            .order_by(E.created, E.id)
        )
        return [Lesson(0, row.asset, row.tag, row.group, True, row.shoot) for row in self._db.execute(asked)]

    def lessons(self, after: int) -> list[Lesson]:
        """What was learned and unlearned since a lesson, in order."""
        asked = self._select(lessons, lessons.c.number > after).order_by(lessons.c.number)
        return [Lesson.of(row) for row in self._db.execute(asked)]

    def _learn(self, asset: str, tag: str, shoot: str, *, added: bool) -> None:
        more = update(tenants).where(tenants.c.id == self.tenant).values(lesson=tenants.c.lesson + 1)
        number = self._db.execute(more.returning(tenants.c.lesson)).scalar_one()
        group = self._db.execute(self._select(tags, tags.c.id == tag, what=[tags.c.group])).scalar()
        if group is None:
            raise Gone("There is no such tag.")
        row = {"number": number, "asset": asset, "tag": tag, "group": group, "added": added, "shoot": shoot}
        self._insert(lessons, [row])


class Models(Scope):
    """The models of one tenant: at most one is wanted, at most one is live."""

    def want(self, risk: float, encoder: str) -> str:
        """Ask for a training; the id of the model to be, the same one until a worker begins."""
        waiting = self._db.execute(self._select(models, M.state == "wanted", what=[M.id])).scalar()
        if waiting is not None:
            return str(waiting)
        latest = self._db.execute(self._select(models, what=[func.max(M.number)])).scalar() or 0
        made = {"id": fresh(), "number": latest + 1, "state": "wanted", "risk": risk, "encoder": encoder}
        self._insert(models, [{**made, "created": time.time()}])
        return str(made["id"])

    def claim(self, model: str, *, lease: float | None = None) -> Trained | None:
        """The model, if it waits to be trained; it is then ours for ``lease`` seconds."""
        now = time.time()
        mine = self._update(models, M.id == model, wants_training(now))
        if not self._db.execute(mine.values(state="training", until=self._until(lease))).rowcount:
            return None
        return self.get(model)

    def keep(self, model: str) -> None:
        """The training is still going on."""
        self._db.execute(self._update(models, M.id == model, M.state == "training").values(until=self._until()))

    def owed(self) -> list[str]:
        """Models that wait to be trained, or whose worker has fallen silent."""
        return list(self._db.scalars(self._select(models, wants_training(time.time()), what=[M.id])))

    def get(self, model: str) -> Trained:
        """One model, its report included. Raises Gone."""
        row = self._db.execute(self._select(models, M.id == model)).first()
        if row is None:
            raise Gone("There is no such model.")
        return Trained.of(row)

    def all(self) -> list[Trained]:
        """Every model, the latest first, without their reports."""
        columns = [one for one in models.c if one.name != "report"]
        asked = self._select(models, what=columns).order_by(M.number.desc())
        return [Trained(**{k: v for k, v in row._mapping.items() if k in _PLAIN}) for row in self._db.execute(asked)]

    def live(self) -> Trained | None:
        """The model in use."""
        row = self._db.execute(self._select(models, M.state == "live")).first()
        return None if row is None else Trained.of(row)

    def finish(self, model: str, *, lesson: int, encoder: str, report: Mapping[str, Any]) -> None:
        """The training came to an end: a candidate."""
        values = {"state": "candidate", "lesson": lesson, "encoder": encoder, "report": dict(report), "until": 0.0}
        self._db.execute(self._update(models, M.id == model).values(values))

    def note(self, model: str, reason: str) -> None:
        """Say something about a model that a person should know."""
        self._db.execute(self._update(models, M.id == model).values(reason=reason))

    def tell(self, model: str, report: Mapping[str, Any]) -> None:
        """Its report says something else from now on."""
        self._db.execute(self._update(models, M.id == model).values(report=dict(report)))

    def fail(self, model: str, reason: str) -> None:
        """The training could not be done, for a reason that a person can read."""
        self._db.execute(self._update(models, M.id == model).values(state="failed", reason=reason, until=0.0))

    def promote(self, model: str) -> None:
        """Make a candidate, or one that was live before, the model in use. Raises Gone, Refuse."""
        one = self.get(model)
        if one.state not in ("candidate", "retired", "live"):
            raise Refuse(f"Model {one.number} is {one.state}; only a trained one can be put to use.")
        self._db.execute(self._update(models, M.state == "live").values(state="retired"))
        self._db.execute(self._update(models, M.id == model).values(state="live", promoted=time.time()))


_PLAIN = {"id", "number", "state", "reason", "encoder", "risk", "lesson", "created", "promoted"}
