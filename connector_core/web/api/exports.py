"""Exports: every asset with its tags, streamed, however many there are."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from connector_core.operations.export import Row, csv_lines, export, json_lines
from connector_core.web.api.searching import Searched, search_for
from connector_core.web.gate import caller, mine, needs, the_engine

ABOUT = [Tag(name="exports", description="Everything with its tags, as a file.")]
KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json", "jsonl": "application/x-ndjson"}
_ROWS = {"type": "array", "items": {"type": "object"}}
FILE: dict[Any, Any] = {
    200: {
        "description": "The file, piece by piece.",
        "content": {
            "application/json": {"schema": _ROWS},
            **{kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in (KINDS["csv"], KINDS["jsonl"])},
        },
    }
}


class Exported(Searched):
    """What to export, and as what."""

    format: Literal["csv", "json", "jsonl"] = "csv"


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/export", tags=ABOUT, responses=FILE)
    @needs("read")
    def export_assets(query: Exported) -> Any:
        """Export the assets that a search finds, or all, with what is said of each tag; the oldest first."""
        with mine(only_reads=True) as store:
            wanted = search_for(store, query)
        rows = iter(()) if wanted is None else export(the_engine().store, caller().tenant, wanted)
        first = list(itertools.islice(rows, 1))  # what is wrong is said before the answer begins
        answer = Response(_lines(query.format, itertools.chain(first, rows)), content_type=KINDS[query.format])
        answer.headers["Content-Disposition"] = f'attachment; filename="assets.{query.format}"'
        return answer


def _lines(format: str, rows: Iterable[Row]) -> Iterator[str]:
    if format == "csv":
        return csv_lines(rows)
    return json_lines(rows) if format == "jsonl" else _array(rows)


def _array(rows: Iterable[Row]) -> Iterator[str]:
    yield "["
    for at, line in enumerate(json_lines(rows)):
        yield ("," if at else "") + line
    yield "]\n"
