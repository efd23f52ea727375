"""A database of the first version is brought up to date, and nothing in it is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert, inspect

from connector_core.db import open_database
from connector_core.store import migrations
from connector_core.store.migrations import LATEST, migrate
from connector_core.store.search import Query
from connector_core.store.store import Store
from connector_core.store.tables import META
from model_service.errors import Misconfigured
from tests.schema.write import HERE, Nowhere


@pytest.fixture
def first(database: str) -> Iterator[Engine]:
    """A database as the first version made it, with a small library."""
    engine = open_database(database)
    text = (HERE / f"1.{engine.dialect.name}.sql").read_text("utf-8")
    with engine.begin() as connection:
        for statement in filter(str.strip, text.split(";\n")):
            connection.exec_driver_sql(statement)
    yield engine
    engine.dispose()


def test_it_gets_every_table_column_and_index_that_a_new_one_has(first: Engine) -> None:
    assert migrate(first) == LATEST
    seen = inspect(first)
    lacks = "without a release: python -m tests.schema.write; after one: a step in connector_core/store/migrations.py"
    for table in META.sorted_tables:
        assert {one["name"] for one in seen.get_columns(table.name)} == {one.name for one in table.c}, lacks
        assert {one.name for one in table.indexes} <= {one["name"] for one in seen.get_indexes(table.name)}, lacks


def test_what_was_in_it_is_there_and_can_be_worked_with(first: Engine) -> None:
    store = Store(first, Nowhere())
    (tenant,) = store.tenants()
    with store.tenant(tenant) as mine:
        (asset,) = mine.search.page(Query(words="grosse")).assets
        (tag,) = mine.vocabulary.find("nordlichtjacke")
        assert (asset.name, asset.state) == ("Größe.jpg", "pending")
        assert mine.judgements.wanted([asset.id])[asset.id].keys() == {tag}
        assert mine.pushes.written([asset.id])[asset.id][tag].sure
        assert mine.connections.all()[0].settings == {"folder": "Products"}
        assert mine.examples.teach(asset.id, mine.vocabulary.tag("Polar Fleece"))
    assert {job.name for job in store.owed()} == {"scan", "ingest"}


def test_one_of_a_later_version_is_refused_in_words_and_left_as_it_is(first: Engine) -> None:
    with first.begin() as connection:
        connection.execute(insert(META.tables["migrations"]), {"number": LATEST + 1, "at": 0.0})
    with pytest.raises(Misconfigured, match="newer Propernoun"):
        migrate(first)


def test_a_step_that_fails_changes_nothing(first: Engine) -> None:
    def breaks(connection: object) -> None:
        connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")  # type: ignore[attr-defined]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        migrate(first, {LATEST + 1: breaks})
    assert not inspect(first).has_table("half")
    assert migrate(first, {LATEST + 1: lambda connection: None}) == LATEST + 1
    assert migrations.STEPS == {number: migrations.STEPS[number] for number in range(2, LATEST + 1)}
