"""What assets show, for a search: which may be meant, in order and fast, and which of these truly are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ColumnElement, Connection, Select, Table, exists, or_, select, union

from connector_core.store.people import contradicted, counts
from connector_core.store.scope import Scope
from connector_core.store.tables import assets, examples, ledger, predictions, tags, verdicts

if TYPE_CHECKING:
    from connector_core.store.search import Query

FEW = 24
"""tags that each get a road of their own into the indexes; of more, all that is said is gathered and sorted"""
HINTS = ("apply", "review")
"""decisions by which an asset may show a tag"""
A, E, P, V, L = assets.c, examples.c, predictions.c, verdicts.c, ledger.c
Tags = Sequence[str] | Select[Any]
"""ids, or what asks for them"""


@dataclass(frozen=True, slots=True, eq=False)
class _Road:
    """A way to assets through an index: rows of a table, and the column in it that is the asset."""

    table: Table
    asset: ColumnElement[str]
    where: Sequence[ColumnElement[bool]]


class Shown(Scope):
    """One search among the assets of a tenant."""

    def __init__(
        self,
        connection: Connection,
        tenant: str,
        query: Query,
        words: Sequence[str],
        facts: Sequence[ColumnElement[bool]],
    ) -> None:
        super().__init__(connection, tenant)
        self._query = query
        self._facts = facts
        self._newest = query.order == "newest"
        self._words = {word: self._called(word) for word in words}

    def candidates(self, last: str, count: int) -> list[str]:
        """The next ``count`` assets after ``last`` that may be meant, in the order asked for: all, and some more."""
        query = self._query
        if query.tag:
            return self._first(self._roads([query.tag]), last, count)
        if self._words:
            return self._named_or_tagged(self._rarest(), last, count)
        if query.decision or query.group:
            some = [query.decision] if query.decision else HINTS
            roads = [_Road(predictions, P.asset, [P.decision == one, *self._in_group()]) for one in some]
            return self._first(roads, last, count)
        return self._first([_Road(assets, A.id, self._facts)], last, count)

    def holds(self) -> list[ColumnElement[bool]]:
        """What must be true of an asset."""
        query = self._query
        found = [*self._facts]
        found += [or_(_begins(A.folded, word), self._shows(known)) for word, known in self._words.items()]
        if query.tag:
            found.append(self._shows([query.tag]))
        elif query.group and not query.decision:
            found.append(self._predicted(P.decision.in_(HINTS), *self._in_group()))
        if query.decision:
            of_tag = [P.tag == query.tag] if query.tag else []
            found.append(self._predicted(P.decision == query.decision, *of_tag, *self._in_group()))
        return found

    def _rarest(self) -> str:
        """The word that likely leaves the fewest assets: that of the fewest tags, and of these the longest."""
        sizes = {word: FEW + 1 if isinstance(known, Select) else len(known) for word, known in self._words.items()}
        return min(self._words, key=lambda word: (sizes[word], -len(word)))

    def _called(self, word: str) -> Tags:
        """Tags with a name that has a word that begins so."""
        asked = self._select(tags, _begins(tags.c.called, word), what=[tags.c.id])
        few = list(self._db.scalars(asked.limit(FEW + 1)))
        return few if len(few) <= FEW else asked

    def _in_group(self) -> list[ColumnElement[bool]]:
        return [P.group == self._query.group] if self._query.group else []

    def _predicted(self, *where: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(self._mine(predictions, P.asset == A.id, *where))

    def _shows(self, known: Tags) -> ColumnElement[bool]:
        if self._query.decision:
            return self._predicted(P.decision == self._query.decision, _is_of(P, known))
        yes = exists().where(self._mine(examples, E.asset == A.id, _is_of(E, known), E.yes.is_(True), counts()))
        return or_(
            self._predicted(_is_of(P, known), P.decision.in_(HINTS), ~contradicted()),
            exists().where(self._mine(verdicts, V.asset == A.id, _is_of(V, known), V.yes.is_(True))),
            yes,
            exists().where(self._mine(ledger, L.asset == A.id, _is_of(L, known))),
        )

    def _named_or_tagged(self, word: str, last: str, count: int) -> list[str]:
        """Names have no index by word: they are looked through only as far as tags do not fill the page anyway."""
        known = self._words[word]
        each: Sequence[Tags] = [known] if isinstance(known, Select) else [[one] for one in known]
        tagged = self._first([road for some in each for road in self._roads(some)], last, count)
        far = [A.id >= tagged[-1] if self._newest else A.id <= tagged[-1]] if len(tagged) == count else []
        named = self._first([_Road(assets, A.id, [_begins(A.folded, word), *far])], last, count)
        return sorted({*tagged, *named}, reverse=self._newest)[:count]

    def _roads(self, known: Tags) -> list[_Road]:
        if self._query.decision:
            return [_Road(predictions, P.asset, [_one_of(P.tag, known), P.decision == self._query.decision])]
        guessed = [_Road(predictions, P.asset, [_one_of(P.tag, known), P.decision == one]) for one in HINTS]
        said = _Road(verdicts, V.asset, [_one_of(V.tag, known), V.yes.is_(True)])
        taught = _Road(examples, E.asset, [_one_of(E.tag, known), E.yes.is_(True)])
        return [*guessed, said, taught, _Road(ledger, L.asset, [_one_of(L.tag, known)])]

    def _first(self, roads: Sequence[_Road], last: str, count: int) -> list[str]:
        """The first ``count`` assets after ``last`` on any of these roads."""
        parts = []
        for road in roads:
            beyond = [road.asset < last if self._newest else road.asset > last] if last else []
            asked = self._select(road.table, *road.where, *beyond, what=[road.asset.label("id")])
            asked = asked.order_by(road.asset.desc() if self._newest else road.asset).limit(count)
            parts.append(select(asked.subquery().c.id))
        if not parts:
            return []
        both = union(*parts).subquery().c.id
        return list(self._db.scalars(select(both).order_by(both.desc() if self._newest else both).limit(count)))


def _one_of(column: ColumnElement[str], known: Tags) -> ColumnElement[bool]:
    return column == known[0] if not isinstance(known, Select) and len(known) == 1 else column.in_(known)


def _is_of(row: Any, known: Tags) -> ColumnElement[bool]:
    """Whether a row speaks of one of these tags. Many are looked up one by one: an asset has few rows."""
    if not isinstance(known, Select):
        return cast(ColumnElement[bool], row.tag.in_(known))
    return known.where(tags.c.id == row.tag).exists()


def _begins(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return column.contains(f" {word}", autoescape=True)
