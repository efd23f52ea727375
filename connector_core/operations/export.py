"""Export: assets with their tags, decisions and evidence, one after the other, however many there are."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector_core.store.rows import Kept, Predicted
from connector_core.store.search import Query
from connector_core.store.store import Store, TenantStore

PAGE = 500
"""assets that are in memory at a time"""
ASSET = (
    "asset",
    "host_id",
    "connection",
    "name",
    "path",
    "media_type",
    "state",
    "reason",
    "batch",
    "modified",
    "created",
)
TAG = (
    "tag",
    "tag_name",
    "sku",
    "group",
    "decision",
    "probability",
    "verdict",
    "written",
    "why",
    "nearest",
    "similarity",
)
COLUMNS = (*ASSET, *TAG)
"""of the table"""
Row = dict[str, Any]


def export(store: Store, tenant: str, query: Query | None = None) -> Iterator[Row]:
    """The assets that a search finds, or all, as plain data: facts, and under ``tags`` what is said of each tag.

    Every page is read in a transaction of its own: what changes meanwhile may be told as it was or as it is.
    Raises Gone, Refuse.
    """
    asked, cursor, more = replace(query or Query(), order="oldest"), "", True
    while more:
        with store.tenant(tenant, only_reads=True) as mine:
            found = mine.search.page(asked, cursor, PAGE)
            rows = _rows(mine, found.assets)
        yield from rows
        cursor, more = found.cursor, found.more


def json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """An asset a line."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    """A table with a line for each tag of an asset, and one for an asset without any. The first line names COLUMNS.

    Text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for row in rows:
        for tag in row["tags"] or [{}]:
            told = {**tag, **(tag.get("evidence") or {}), **row}
            table.writerow([_cell(told.get(column)) for column in COLUMNS])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _rows(mine: TenantStore, assets: Sequence[Kept]) -> list[Row]:
    ids = [one.id for one in assets]
    guessed, said, written = mine.judgements.of(ids), mine.judgements.said(ids), mine.pushes.written(ids)
    by_asset = {asset: {one.tag: one for one in guessed.get(asset, [])} for asset in ids}
    known = {tag for asset in ids for tag in (*by_asset[asset], *said.get(asset, {}), *written.get(asset, {}))}
    words, groups = {word.id: word for word in mine.vocabulary.all(known)}, mine.vocabulary.groups()

    def tag_of(asset: str, tag: str) -> Row:
        word, verdict = words[tag], said.get(asset, {}).get(tag)
        named = {"tag": tag, "tag_name": word.name, "sku": word.sku, "group": groups[word.group]}
        shown = {
            "verdict": None if verdict is None else "yes" if verdict else "no",
            "written": tag in written.get(asset, {}),
        }
        return named | _guess(by_asset[asset].get(tag)) | shown

    def row_of(one: Kept) -> Row:
        tags = dict.fromkeys((*by_asset[one.id], *said.get(one.id, {}), *written.get(one.id, {})))
        facts = {"asset": one.id, **{name: getattr(one, name) for name in ASSET[1:]}}
        return {**facts, "tags": [tag_of(one.id, tag) for tag in tags if tag in words]}

    return [row_of(one) for one in assets]


def _guess(one: Predicted | None) -> Row:
    if one is None:
        return {"decision": None, "probability": None, "why": None, "evidence": None}
    return {"decision": one.decision, "probability": one.probability, "why": one.reason, "evidence": dict(one.evidence)}


def _cell(value: object) -> object:
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
