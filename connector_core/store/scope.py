"""What every part of a TenantStore stands on: one transaction, one tenant, and no way past either."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, Update, and_, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ColumnElement, Delete, delete

ROWS = 500
"""written by one statement, at most: databases limit how many values one may carry"""
LEASE = 120.0
"""seconds that a worker may be silent before others take over what it had, unless the store says otherwise"""


def fresh() -> str:
    """A new id: 26 characters, later ones sort later."""
    return f"{time.time_ns() // 1000:013x}{secrets.token_hex(7)[1:]}"


class Scope:
    """Statements on the tables of one tenant, in one transaction."""

    def __init__(self, connection: Connection, tenant: str, lease: float = LEASE) -> None:
        self._db = connection
        self.tenant = tenant
        self.lease = lease

    def _until(self, lease: float | None = None) -> float:
        """When work that is claimed now may be taken over by others."""
        return time.time() + (self.lease if lease is None else lease)

    def _mine(self, table: Table, *where: ColumnElement[bool]) -> ColumnElement[bool]:
        return and_(table.c.tenant == self.tenant, *where)

    def _select(self, table: Table, *where: ColumnElement[bool], what: Sequence[Any] = ()) -> Select[Any]:
        return select(*(what or [table])).where(self._mine(table, *where))

    def _update(self, table: Table, *where: ColumnElement[bool]) -> Update:
        return update(table).where(self._mine(table, *where))

    def _delete(self, table: Table, *where: ColumnElement[bool]) -> Delete:
        return delete(table).where(self._mine(table, *where))

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(rows), ROWS):
            some = [{**row, "tenant": self.tenant} for row in rows[start : start + ROWS]]
            self._db.execute(insert(table), some)

    def _upsert(self, table: Table, rows: Sequence[Mapping[str, Any]], on: Sequence[str]) -> None:
        """Insert, or change the rows that have the same values in ``on`` (a unique key, without the tenant)."""
        make = postgresql.insert if self._db.dialect.name == "postgresql" else sqlite.insert
        for start in range(0, len(rows), ROWS):
            some = [{**row, "tenant": self.tenant} for row in rows[start : start + ROWS]]
            statement = make(table)
            changed = {name: statement.excluded[name] for name in some[0] if name not in {*on, "tenant", "id"}}
            key = ["tenant", *on]
            if changed:
                self._db.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), some)
            else:
                self._db.execute(statement.on_conflict_do_nothing(index_elements=key), some)
