"""Erasing rows of a tenant: an asset, a tag, or everything, a piece at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, func, select, union

from connector_core.store.assets import mark
from connector_core.store.scope import ROWS, Scope
from connector_core.store.tables import assets, encoders, erased, examples, ledger, marks, predictions, tags, verdicts
from connector_core.store.teaching import Examples

A, L = assets.c, ledger.c
SAID: dict[str, Table] = {"examples": examples, "predictions": predictions, "verdicts": verdicts, "tags_left": ledger}
"""tables that are counted: ``tags_left`` are those that hosts go on showing"""


class Erasing(Scope):
    """Deletes what belongs to one tenant; each deed says how much that was, and doing it twice does no harm."""

    def asset(self, asset: str) -> dict[str, int]:
        """Forget an asset, unlearn it, and never take it in again while its connection lasts."""
        row = self._db.execute(self._select(assets, A.id == asset, what=[A.connection, A.host_id])).first()
        if row is None:
            return {}
        counts = {"assets": 1, **self._said("asset", asset)}
        self._unlearn(asset=asset)
        self._upsert(erased, [{"id": mark(row.connection, row.host_id), "connection": row.connection}], ["id"])
        self._db.execute(self._delete(assets, A.id == asset))
        return counts

    def tag(self, tag: str) -> tuple[dict[str, int], list[str]]:
        """Forget a tag, unlearn it, and lift what stood below it; also gives the assets of which it was said."""
        row = self._db.execute(self._select(tags, tags.c.id == tag, what=[tags.c.parent])).first()
        if row is None:
            return {}, []
        counts = {"tags": 1, **self._said("tag", tag)}
        about = (self._select(one, one.c.tag == tag, what=[one.c.asset]) for one in SAID.values())
        touched = list(self._db.scalars(union(*about)))
        self._unlearn(tag=tag)
        names = list(self._db.scalars(self._select(ledger, L.tag == tag, what=[L.name]).distinct()))
        ours = select(L.asset).where(self._mine(ledger, L.tag == tag))
        self._db.execute(self._delete(marks, marks.c.name.in_(names), marks.c.asset.in_(ours)))
        for table in (predictions, ledger):
            self._db.execute(self._delete(table, table.c.tag == tag))
        self._db.execute(self._update(tags, tags.c.parent == tag).values(parent=row.parent))
        self._db.execute(self._delete(tags, tags.c.id == tag))
        return counts, touched

    def some(self) -> dict[str, int]:
        """Forget a few of all assets; nothing once there are none. Others come to their turn in between."""
        ids = list(self._db.scalars(self._select(assets, what=[A.id]).order_by(A.id).limit(ROWS)))
        counts = self._said_of(ids) if ids else {}
        self._db.execute(self._delete(assets, A.id.in_(ids)))
        return counts

    def below(self, connection: str) -> dict[str, int]:
        """Forget a few of a connection's assets, and unlearn them; nothing once there are none."""
        asked = self._select(assets, A.connection == connection, what=[A.id]).order_by(A.id).limit(ROWS)
        ids = list(self._db.scalars(asked))
        if not ids:
            return {}
        counts = self._said_of(ids)
        known = select(examples.c.asset).where(self._mine(examples, examples.c.asset.in_(ids))).distinct()
        for asset in list(self._db.scalars(known)):
            self._unlearn(asset=asset)
        self._db.execute(self._delete(assets, A.id.in_(ids)))
        return counts

    def shown(self, **where: str) -> int:
        """How many tags hosts show because of us: of an ``asset``, of a ``tag``, or at all."""
        asked = select(func.count()).where(self._mine(ledger, *(L[name] == one for name, one in where.items())))
        return int(self._db.execute(asked).scalar_one())

    def pairs(self, tag: str) -> list[tuple[str, str]]:
        """Assets that show a tag because of us, and the tag."""
        asked = self._select(ledger, L.tag == tag, what=[L.asset, L.tag]).order_by(L.asset)
        return [(row.asset, row.tag) for row in self._db.execute(asked)]

    def encoders(self) -> list[Any]:
        """All encoders that there may be vectors of, as plain data."""
        return list(self._db.scalars(self._select(encoders, what=[encoders.c.told])))

    def _said_of(self, ids: Sequence[str]) -> dict[str, int]:
        counts = {"assets": len(ids)}
        for name, table in SAID.items():
            asked = select(func.count()).where(self._mine(table, table.c.asset.in_(ids)))
            counts[name] = int(self._db.execute(asked).scalar_one())
        return counts

    def _said(self, column: str, object: str) -> dict[str, int]:
        asked = {name: self._select(one, one.c[column] == object, what=[func.count()]) for name, one in SAID.items()}
        return {name: int(self._db.execute(one).scalar_one()) for name, one in asked.items()}

    def _unlearn(self, **where: str) -> None:
        taught = Examples(self._db, self.tenant, self.lease)
        for row in taught.all(**where):
            taught.forget(row["asset"], row["tag"])
