"""Exports: everything that is known of a library, in bounded memory, for programs and for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from pathlib import Path

import pytest

from connector_core.db import open_database
from connector_core.operations.export import COLUMNS, csv_lines, export, json_lines
from connector_core.store.search import Query
from connector_core.store.store import Store
from connector_core.types import Asset
from tests.connector_core.noted import Noted


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(open_database(f"sqlite:///{tmp_path / 'store.db'}"), Noted())


def filled(store: Store, photos: int) -> str:
    tenant = store.add("Nordlys")
    with store.tenant(tenant) as mine:
        connection = mine.connections.add("dropbox", "dbid:1", "Photos", {})
        found = [Asset(f"id:{n}", "1", "=SUM(A1).jpg" if n == 0 else f"é{n}.jpg") for n in range(photos)]
        for start in range(0, photos, 500):
            mine.assets.seen(connection, found[start : start + 500], 0, "")
        shell = mine.vocabulary.tag("Aurora Shell", sku="AS-17")
        said = {"group": mine.vocabulary.one(shell).group, "tag": shell, "probability": 0.97, "reason": "It is sure."}
        ids = [one.id for one in mine.assets.page(limit=photos)]
        evidence = {"nearest": ids[0], "similarity": 0.9, "candidates": [[shell, 0.97]]}
        mine.judgements.predict([{**said, "asset": one, "decision": "apply", "evidence": evidence} for one in ids[1:]])
        if photos < 10:
            mine.judgements.say(ids[1], shell, yes=True, person="Ada", source="panel")
            mine.pushes.note(ids[1], {shell: "aurora_shell"}, "", sure=True)
    store.engine.dispose()
    return tenant


def test_a_line_of_json_holds_an_asset_with_all_that_is_said_of_it(store: Store) -> None:
    lines = [json.loads(line) for line in json_lines(export(store, filled(store, 3)))]
    assert [line["name"] for line in lines] == ["=SUM(A1).jpg", "é1.jpg", "é2.jpg"] and lines[0]["tags"] == []
    (tag,) = lines[1]["tags"]
    assert (tag["tag_name"], tag["sku"], tag["group"]) == ("Aurora Shell", "AS-17", "product")
    assert (tag["decision"], tag["probability"], tag["verdict"], tag["written"]) == ("apply", 0.97, "yes", True)
    assert tag["evidence"]["nearest"] == lines[0]["asset"]
    assert (lines[2]["tags"][0]["verdict"], lines[2]["tags"][0]["written"]) == (None, False)


def test_a_table_opens_in_a_spreadsheet_and_runs_nothing_there(store: Store) -> None:
    lines = list(csv.DictReader(io.StringIO("".join(csv_lines(export(store, filled(store, 3)))))))
    assert set(lines[0]) == set(COLUMNS) and len(lines) == 3
    assert lines[0]["name"] == "'=SUM(A1).jpg" and lines[0]["tag"] == ""
    assert (lines[1]["tag_name"], lines[1]["why"], lines[1]["similarity"]) == ("Aurora Shell", "It is sure.", "0.9")


def test_only_what_was_searched_for_is_exported(store: Store) -> None:
    tenant = filled(store, 3)
    assert [row["name"] for row in export(store, tenant, Query(words="é2"))] == ["é2.jpg"]
    assert "".join(csv_lines(export(store, tenant, Query(state="gone")))).count("\n") == 1


def test_memory_does_not_grow_with_the_library(store: Store) -> None:
    tenant = filled(store, 3000)
    list(export(store, tenant, Query(words="é1")))
    tracemalloc.start()
    rows = sum(1 for _ in json_lines(export(store, tenant)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 3000 and peak < 8e6
