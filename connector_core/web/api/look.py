"""Tag: a picture in, its tags with their evidence out."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Annotated, Any, Literal

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field
from werkzeug.exceptions import UnsupportedMediaType

from connector_core.operations.look import LARGEST, hand_in
from connector_core.store.rows import Look
from connector_core.store.scope import fresh
from connector_core.web.api.shapes import At, InWords, Locale, Query, Shape, one
from connector_core.web.api.tagged import Names, Prediction, mentioned, predictions
from connector_core.web.gate import caller, mine, needs, the_engine
from model_service.errors import Unreadable

ABOUT = [Tag(name="tag", description="A picture in, its tags with their evidence out.")]
FORM = 10_000
"""bytes that a form may add to its picture"""
WAITERS = 8
"""requests that wait for their pictures at once; others are answered with 202, so that a thread is always free"""
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"type": "object", "properties": {"picture": _BYTES["schema"]}, "required": ["picture"]}
SENT = {
    "required": True,
    "description": f"The bytes of a picture, up to {LARGEST // 1_000_000} MB; or a form with the file `picture`.",
    "content": {
        **{kind: _BYTES for kind in ("image/*", "application/octet-stream")},
        "multipart/form-data": {"schema": _FORM},
    },
}


class Wait(Query):
    """How long to wait, and in which language to answer."""

    wait: Annotated[float, Field(ge=0, le=30, description="seconds until 202 is the answer")] = 10.0
    locale: Locale | Literal[""] = ""


class Waiting(Shape):
    """It is not done yet: ask again at the address in Location."""

    id: str
    state: Literal["waiting"] = "waiting"


class Looked(Shape):
    """What was seen."""

    id: str
    state: Literal["done"] = "done"
    reason: str
    """why there are no predictions, if there are none"""
    predictions: list[Prediction]


class Waiters:
    """How many requests wait."""

    def __init__(self, most: int = WAITERS) -> None:
        self._free = threading.BoundedSemaphore(most)

    def wait(self, look: str, seconds: float) -> None:
        """Wait for a look, unless too many wait already."""
        if seconds and self._free.acquire(blocking=False):
            try:
                the_engine().bell.wait(look, seconds)
            finally:
                self._free.release()


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""
    waiters = Waiters()

    @api.post(
        "/tag", tags=ABOUT, responses={200: Looked, 202: Waiting}, openapi_extensions={"requestBody": SENT}
    )  # fmt: skip
    @needs("tag", largest=LARGEST + FORM)
    def tag_picture(query: Wait) -> Any:
        """Tag a picture. It is thrown away once it has been looked at; the result is kept for an hour."""
        engine, look = the_engine(), fresh()
        with engine.bell.listen(look):
            hand_in(engine, caller().tenant, _write, look)
            waiters.wait(look, query.wait)
        return _answer(look, query.locale)

    @api.get("/tag/<id:id>", tags=ABOUT, responses={200: Looked, 202: Waiting})
    @needs("tag")
    def tagged_picture(path: At, query: InWords) -> Any:
        """What was seen on a picture that was sent, within an hour."""
        return _answer(path.id, query.locale)


def _write(place: Path) -> None:
    """The picture of this request goes into a file, piece by piece."""
    if request.mimetype == "multipart/form-data":
        sent = request.files.get("picture")
        if sent is None:
            raise Unreadable("The form has no file named picture.")
        sent.save(place)
    elif request.mimetype.startswith("image/") or request.mimetype == "application/octet-stream":
        with place.open("wb") as file:
            shutil.copyfileobj(request.stream, file, 1 << 16)
    else:
        raise UnsupportedMediaType("Send the bytes of a picture, with a Content-Type such as image/jpeg, or a form.")


def _answer(look: str, locale: str) -> Response | tuple[Response, int, dict[str, str]]:
    with mine(only_reads=True) as store:
        found = store.looks.get(look)
        if found.state == "waiting":
            return one(Waiting, found), 202, {"Location": f"/v1/tag/{look}", "Retry-After": "1"}
        if found.state == "failed":
            raise Unreadable(found.reason)
        return one(Looked, _seen(found, Names(store, mentioned(_rows(found)), locale)))


def _seen(found: Look, names: Names) -> Looked:
    reason = (found.result or {}).get("reason", "")
    return Looked(id=found.id, reason=reason, predictions=predictions(_rows(found), names))


def _rows(found: Look) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (found.result or {}).get("predictions", [])
    return rows
