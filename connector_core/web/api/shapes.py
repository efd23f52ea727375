"""The shapes of what goes in and out: texts without control characters, times as people write them, ids of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from flask import Response, make_response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

PRINTED = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, Field(min_length=1, max_length=250, pattern=PRINTED)]
"""a name, a title, a word"""
MaybeLine = Annotated[str, Field(max_length=250, pattern=PRINTED)]
Known = Annotated[str, Field(pattern=r"^[0-9a-f]{26}$")]
"""an id of ours"""
Locale = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", description="such as de or pt-BR")]
Cursor = Annotated[
    str, Field(max_length=500, pattern=r"^[A-Za-z0-9_.~=-]*$", description="from ``next`` of the page before")
]
Limit = Annotated[int, Field(ge=1, le=200)]


def _when(seconds: Any) -> Any:
    if isinstance(seconds, int | float):
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    return seconds


When = Annotated[datetime | None, BeforeValidator(_when)]
"""a moment; null where it has not come"""


class Shape(BaseModel):
    """What an answer looks like; columns of the store that it does not name stay inside."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)


class Body(BaseModel):
    """What a request brings; a field that nobody reads is refused, so that no misspelling goes unnoticed."""

    model_config = ConfigDict(extra="forbid")


class Query(BaseModel):
    """What stands behind the question mark; here, too, nothing is passed over."""

    model_config = ConfigDict(extra="forbid")


class Pages(Query):
    """Where a page of a list begins and how long it is."""

    cursor: Cursor = ""
    limit: Limit = 50


class InWords(Query):
    """In which language to answer."""

    locale: Locale | Literal[""] = ""


class At(BaseModel):
    """The id in a path."""

    id: Known


ShapeT = TypeVar("ShapeT", bound=Shape)


def one(shape: type[ShapeT], row: Any) -> Response:
    """An answer of this shape."""
    return _json(shape.model_validate(row).model_dump_json())


def some(shape: type[ShapeT], rows: Iterable[Any], next: str | None = None, **more: Any) -> Response:
    """A list of these; ``next`` is the cursor of the page after, if there can be one."""
    items = ",".join(shape.model_validate(row).model_dump_json() for row in rows)
    tail = "" if next is None else f',"next":{_quoted(next)}'
    return _json(f'{{"items":[{items}]{tail}}}')


def nothing() -> Response:
    """An answer without a body."""
    return make_response("", 204)


def plain(row: Mapping[str, Any]) -> Response:
    """An answer as it is."""
    import json

    return _json(json.dumps(row))


def _json(text: str) -> Response:
    answer = make_response(text + "\n", 200)
    answer.content_type = "application/json"
    return answer


def _quoted(text: str) -> str:
    return '"' + text + '"' if text else "null"
