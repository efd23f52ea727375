"""``python -m tests.schema.write``: the first schema with a few rows, as SQL.

Until a version is released it is written anew whenever the tables change. From then on it stays as it is, and a step in
``connector_core/store/migrations.py`` leads from it to what the tables are.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from connector_core.db import open_database
from connector_core.store.store import Store
from connector_core.store.tables import META
from connector_core.types import Asset

HERE = Path(__file__).parent
DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


class Nowhere:
    """A queue that does nothing."""

    def put(self, job: object) -> None:
        pass

    def depth(self) -> dict[str, int]:
        return {}


def rows() -> dict[str, list[dict[str, Any]]]:
    """A small library, by table."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(open_database(f"sqlite:///{folder}/first.db"), Nowhere())
        with store.tenant(store.add("Nordlys")) as mine:
            connection = mine.connections.add("dropbox", "dbid:1", "Photos", {"folder": "Products"}, writes=True)
            mine.assets.seen(connection, [Asset("id:1", "1", "Größe.jpg", path="/Products/Größe.jpg")], 0, "")
            tag = mine.vocabulary.tag("Aurora Shell", sku="AS-17")
            mine.vocabulary.call(tag, "de", "Nordlichtjacke", ["Hülle"])
            (asset,) = mine.assets.page()
            mine.examples.teach(asset.id, tag)
            mine.pushes.note(asset.id, {tag: "aurora_shell"}, "", sure=True)
            mine.access.log("Ada", "example", asset.id, {"tag": tag})
        with store.engine.connect() as database:
            found = {
                one.name: [dict(row._mapping) for row in database.execute(one.select())] for one in META.sorted_tables
            }
        store.engine.dispose()
    return found


def literal(value: Any) -> str:
    """A value as both databases read it."""
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    if isinstance(value, int | float):
        return repr(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + text.replace("'", "''") + "'"


def written(dialect: Dialect, filled: dict[str, list[dict[str, Any]]]) -> str:
    """The schema and its rows as statements, a blank line after each."""
    made = [str(CreateTable(table).compile(dialect=dialect)).strip() for table in META.sorted_tables]
    indexes = [one for table in META.sorted_tables for one in sorted(table.indexes, key=lambda one: str(one.name))]
    made += [str(CreateIndex(one).compile(dialect=dialect)).strip() for one in indexes]
    for table in META.sorted_tables:
        for row in filled[table.name]:
            names, values = (", ".join(some) for some in ([f'"{name}"' for name in row], map(literal, row.values())))
            made.append(f"INSERT INTO {table.name} ({names}) VALUES ({values})")
    return ";\n\n".join(made) + ";\n"


if __name__ == "__main__":
    filled = rows()
    for name, dialect in DIALECTS.items():
        (HERE / f"1.{name}.sql").write_text(written(dialect, filled), "utf-8")
