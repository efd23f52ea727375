"""Columns and keys that the tables share: everything of a tenant has the tenant in its key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, ForeignKey, ForeignKeyConstraint, Integer, MetaData, String, Table, Text

META = MetaData()
"""Times are seconds since 1970, UTC."""
LONGEST = 250
"""characters of what is part of a key"""


def own(name: str, *parts: Any, key: tuple[str, ...] = ("id",)) -> Table:
    """A table of things that belong to a tenant, and go with it."""
    columns = [Column(one, String(LONGEST), primary_key=True) for one in key]
    tenant: Column[str] = Column("tenant", ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True)
    return Table(name, META, tenant, *columns, *parts)


def of(column: str, table: str, *, cascade: bool = True) -> ForeignKeyConstraint:
    """``column`` names a row of ``table`` of the same tenant."""
    return ForeignKeyConstraint(
        ["tenant", column], [f"{table}.tenant", f"{table}.id"], ondelete="CASCADE" if cascade else None
    )


def text(name: str, default: str = "") -> Column[Any]:
    """Words; never null."""
    return Column(name, Text, nullable=False, default=default)


def number(name: str, default: int = 0) -> Column[Any]:
    """A whole number; never null."""
    return Column(name, Integer, nullable=False, default=default)


def time(name: str) -> Column[Any]:
    """A point in time; 0: never."""
    return Column(name, Float, nullable=False, default=0.0)
