"""What would be written to a connection and taken away again, counted without doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, except_, func, select, union

from connector_core.store.people import wanted
from connector_core.store.scope import Scope
from connector_core.store.tables import assets, ledger

A, L = assets.c, ledger.c


@dataclass(frozen=True, slots=True)
class Difference:
    """Assets that a host shows too little or too much of."""

    assets: int
    tags: dict[str, int]
    """how many assets, by tag"""


class Plans(Scope):
    """The difference between what hosts of one tenant show because of us and what they should show."""

    def missing(self, connection: str) -> Difference:
        """What would be written."""
        return self._counted(except_(self._wanted(connection), self._written(connection)))

    def surplus(self, connection: str) -> Difference:
        """What would be taken away."""
        return self._counted(except_(self._written(connection), self._wanted(connection)))

    def _wanted(self, connection: str) -> Select[Any]:
        pairs = union(*wanted(self._there(connection))).subquery()
        return select(pairs.c.asset, pairs.c.tag)

    def _written(self, connection: str) -> Select[Any]:
        pairs = select(L.asset, L.tag).join_from(assets, ledger, and_(A.tenant == L.tenant, A.id == L.asset))
        return pairs.where(self._there(connection), L.sure.is_(True))

    def _there(self, connection: str) -> ColumnElement[bool]:
        return self._mine(assets, A.connection == connection, A.state != "gone")

    def _counted(self, pairs: CompoundSelect[Any]) -> Difference:
        each = pairs.subquery()
        tags = {tag: count for tag, count in self._db.execute(select(each.c.tag, func.count()).group_by(each.c.tag))}
        photos = self._db.execute(select(func.count(func.distinct(each.c.asset)))).scalar_one()
        return Difference(int(photos), tags)
