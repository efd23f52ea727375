"""Errors as people and programs read them: application/problem+json (RFC 9457), whatever went wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping

from flask import Flask, Response, make_response
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from connector_core import errors as hosts
from connector_core.errors import Gone, Reconnect, Retry
from model_service.errors import Refuse, Skip, TaggingError, Unreadable

FAMILIES: tuple[tuple[type[TaggingError], int, str, str], ...] = (
    (Gone, 404, "gone", "There is no such thing"),
    (Unreadable, 422, "unreadable", "The picture cannot be read"),
    (Skip, 422, "skip", "This can never work"),
    *((kind, 401, "signature", "The signature is wrong") for kind in [getattr(hosts, "BadSignature", None)] if kind),
    (Refuse, 400, "refused", "The request is wrong"),
    (Retry, 503, "retry", "Try again later"),
    (Reconnect, 409, "reconnect", "A person must connect again"),
)
"""what an error answers with; the first that fits counts"""

SAID = {
    404: "There is nothing at this address.",
    405: "This address knows other methods; Allow names them.",
    413: "The request is larger than this address takes.",
    500: "Something unforeseen happened; it has been written down.",
}


class Problem(BaseModel):
    """What went wrong: ``type`` for programs, ``detail`` for people."""

    type: str
    title: str
    status: int
    detail: str


def problem(status: int, kind: str, title: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer that says what went wrong."""
    said = Problem(type=f"urn:propernoun:{kind}", title=title, status=status, detail=detail)
    answer = make_response(said.model_dump_json() + "\n", status)
    answer.headers.update(headers or {})
    answer.content_type = "application/problem+json"
    return answer


def invalid(error: ValidationError) -> Response:
    """What does not fit the description of a route, in one sentence."""
    said = []
    for one in error.errors(include_url=False, include_context=False, include_input=False)[:5]:
        place = ".".join(str(part) for part in one["loc"])
        said.append(f"{place}: {one['msg']}" if place else one["msg"])
    return problem(422, "invalid", "The request does not fit", f"{'; '.join(said)}.".replace("..", "."))


def answer_with_problems(app: Flask) -> None:
    """Have every error of an app answered so."""
    app.register_error_handler(TaggingError, _of_ours)
    app.register_error_handler(HTTPException, _of_http)


def _of_ours(error: TaggingError) -> Response:
    for family, status, kind, title in FAMILIES:
        if isinstance(error, family):
            patience = {"Retry-After": str(max(1, math.ceil(error.after)))} if isinstance(error, Retry) else None
            return problem(status, kind, title, str(error), patience)
    return problem(500, "failed", "Something went wrong", str(error))


def _of_http(error: HTTPException) -> Response:
    name, detail = error.name or "Error", error.description or ""
    if detail == type(error).description:  # the library's own words, for people who type addresses
        detail = SAID.get(error.code or 500, detail)
    # The library adds a page in HTML, and Allow, Retry-After or WWW-Authenticate where they belong.
    headers = {key: value for key, value in error.get_headers() if key.lower() != "content-type"}
    return problem(error.code or 500, name.lower().replace(" ", "-"), name, detail or name, headers)
