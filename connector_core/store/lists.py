"""Lists of a tenant, a page at a time: each goes on after the last key of the page before, however long it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, exists, func, or_, select, tuple_

from connector_core.errors import Gone
from connector_core.store.people import contradicted
from connector_core.store.rows import Predicted, Word
from connector_core.store.scope import ROWS, Scope
from connector_core.store.tables import assets, batches, examples, groups, ledger, predictions, tags, verdicts, words

T, E, P, V, B, L = tags.c, examples.c, predictions.c, verdicts.c, batches.c, ledger.c
Rows = list[dict[str, Any]]


class Lists(Scope):
    """What one tenant has, listed."""

    def groups(self) -> Rows:
        """Groups by name, and how many tags each has."""
        count = select(func.count()).select_from(tags).where(T.tenant == groups.c.tenant, T.group == groups.c.id)
        asked = self._select(groups, what=[groups.c.id, groups.c.name, groups.c.exclusive, _named(count, "tags")])
        return self._rows(asked.order_by(groups.c.name))

    def tags(
        self, after: tuple[str, str] | None, limit: int, *, group: str = "", archived: bool | None = None
    ) -> list[Word]:
        """Tags by name and id."""
        asked = self._select(tags).order_by(T.name, T.id).limit(limit)
        if after is not None:
            asked = asked.where(tuple_(T.name, T.id) > after)
        if group:
            asked = asked.where(T.group == group)
        if archived is not None:
            asked = asked.where(T.archived.is_(archived))
        return [Word.of(row) for row in self._db.execute(asked)]

    def examples(self, after: str, limit: int, *, tag: str = "", asset: str = "") -> Rows:
        """Examples by id, the oldest first."""
        asked = self._select(examples, E.id > after).order_by(E.id).limit(limit)
        if tag:
            asked = asked.where(E.tag == tag)
        if asset:
            asked = asked.where(E.asset == asset)
        return self._rows(asked)

    def example(self, example: str) -> dict[str, Any]:
        """One example. Raises Gone."""
        return self._one(self._select(examples, E.id == example), "There is no such example.")

    def counts(self, ids: Sequence[str]) -> dict[str, int]:
        """How many pictures show each of these tags."""
        asked = select(E.tag, func.count()).where(self._mine(examples, E.yes.is_(True), E.tag.in_(list(ids))))
        return {tag: count for tag, count in self._db.execute(asked.group_by(E.tag))}

    def words(self, ids: Sequence[str]) -> dict[str, dict[str, dict[str, Any]]]:
        """Label and aliases of tags, by tag and language."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        asked = self._select(words, words.c.tag.in_(list(ids))).order_by(words.c.locale, words.c.number)
        for row in self._db.execute(asked):
            here = found.setdefault(row.tag, {}).setdefault(row.locale, {"label": "", "aliases": []})
            if row.kind == "label":
                here["label"] = row.text
            else:
                here["aliases"].append(row.text)
        return found

    def review(
        self, after: tuple[float, str, str] | None, limit: int, *, group: str = "", tag: str = ""
    ) -> list[Predicted]:
        """Predictions that wait for a person, the least certain first; not those that one has spoken on."""
        here = exists().where(self._mine(assets, assets.c.id == P.asset, assets.c.state != "gone"))
        spoken = exists().where(self._mine(verdicts, V.asset == P.asset, V.tag == P.tag))
        taught = exists().where(self._mine(examples, E.asset == P.asset, E.tag == P.tag))
        asked = self._select(predictions, P.decision == "review", here, ~spoken, ~taught, ~contradicted())
        if after is not None:
            asked = asked.where(tuple_(P.probability, P.asset, P.group) > after)
        if group:
            asked = asked.where(P.group == group)
        if tag:
            asked = asked.where(P.tag == tag)
        asked = asked.order_by(P.probability, P.asset, P.group).limit(limit)
        return [Predicted.of(row) for row in self._db.execute(asked)]

    def verdicts(self, asset: str) -> Rows:
        """What people said of an asset."""
        return self._rows(self._select(verdicts, V.asset == asset).order_by(V.created))

    def written(self, asset: str) -> Rows:
        """What an asset shows in its host because of us."""
        return self._rows(self._select(ledger, L.asset == asset).order_by(L.created))

    def batches(self, before: str, limit: int) -> Rows:
        """Batches, the latest first, and how many of the tags that each wrote are still there."""
        asked = self._batches().order_by(B.id.desc()).limit(limit)
        return self._rows(asked.where(B.id < before) if before else asked)

    def batch(self, batch: str) -> dict[str, Any]:
        """One batch. Raises Gone."""
        return self._one(self._batches().where(B.id == batch), "There is no such batch.")

    def places(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Ids of the assets that are there, by path and by name."""
        found: dict[str, list[str]] = {}
        column = assets.c
        for start in range(0, len(names), ROWS):
            some = names[start : start + ROWS]
            asked = self._select(assets, or_(column.path.in_(some), column.name.in_(some)), column.state != "gone")
            for row in self._db.execute(asked):
                for key in {row.path, row.name} & set(some):
                    found.setdefault(key, []).append(row.id)
        return found

    def _batches(self) -> Select[Any]:
        here = select(func.count()).select_from(ledger).where(L.batch == B.id, L.tenant == B.tenant)
        columns = [one for one in B if one.name != "tenant"]
        return self._select(batches, what=[*columns, _named(here, "written")])

    def _rows(self, asked: Select[Any]) -> Rows:
        return [dict(row._mapping) for row in self._db.execute(asked)]

    def _one(self, asked: Select[Any], missing: str) -> dict[str, Any]:
        found = self._rows(asked)
        if not found:
            raise Gone(missing)
        return found[0]


def _named(count: Select[Any], name: str) -> Any:
    return count.scalar_subquery().label(name)
