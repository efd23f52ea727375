"""Verdicts: a person's yes or no; and the queue of what waits for one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from connector_core.errors import Gone
from connector_core.operations.review import take_back, verdict
from connector_core.web.api.cursors import pack, unpack
from connector_core.web.api.shapes import Body, Known, Locale, MaybeLine, Pages, Shape, nothing, one, some
from connector_core.web.api.tagged import Names, Prediction, mentioned, predictions
from connector_core.web.gate import caller, mine, needs

ABOUT = [Tag(name="review", description="What waits for a person, and what people say.")]


class Said(Body):
    """A verdict."""

    asset: Known
    tag: Known
    yes: bool
    person: Annotated[MaybeLine, Field(description="who said it; the key, if empty")] = ""


class AtVerdict(BaseModel):
    """An asset and a tag."""

    asset: Known
    tag: Known


class Queue(Pages):
    """Which predictions."""

    group: Known | None = None
    tag: Known | None = None
    locale: Locale | Literal[""] = ""


class Heard(Shape):
    """What follows from a verdict."""

    asset: str
    tag: str
    yes: bool
    state: str
    """of the asset, now"""


class Waiting(Shape):
    """A prediction that waits for a person."""

    asset: str
    name: str
    prediction: Prediction


class Reviews(Shape):
    """A page of what waits, the least certain first."""

    items: list[Waiting]
    next: str | None


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/review", tags=ABOUT, responses={200: Reviews})
    @needs("read")
    def list_review(query: Queue) -> Any:
        """List what waits for a person, the least certain first."""
        with mine(only_reads=True) as store:
            if query.tag:
                store.vocabulary.one(query.tag)
            if query.group and query.group not in store.vocabulary.groups():
                raise Gone("There is no such group.")
            after = unpack(query.cursor, (float, str, str))
            found = store.lists.review(after, query.limit, group=query.group or "", tag=query.tag or "")
            rows = [{name: getattr(row, name) for name in row.__slots__} for row in found]
            names = Names(store, mentioned(rows), query.locale)
            called = {asset.id: asset.name for asset in store.assets.get([row.asset for row in found])}
        items = [
            {"asset": row["asset"], "name": called[row["asset"]], "prediction": told}
            for row in rows
            for told in predictions([row], names)
        ]
        last = found[-1] if len(found) == query.limit else None
        return some(Waiting, items, pack(float(last.probability), last.asset, last.group) if last else "")

    @api.post("/verdicts", tags=ABOUT, responses={200: Heard})
    @needs("teach")
    def say(body: Said) -> Any:
        """Say that an asset shows a tag, or does not. It counts at once, and teaches the model."""
        with mine() as store:
            verdict(store, body.asset, body.tag, yes=body.yes, person=body.person or caller().key, source="api")
            state = store.assets.one(body.asset).state
        return one(Heard, {"asset": body.asset, "tag": body.tag, "yes": body.yes, "state": state})

    @api.delete("/verdicts/<id:asset>/<id:tag>", tags=ABOUT, responses={204: None})
    @needs("teach")
    def unsay(path: AtVerdict) -> Any:
        """Take a verdict back, as if it had not been given."""
        with mine() as store:
            store.assets.one(path.asset)
            store.vocabulary.one(path.tag)
            if not take_back(store, path.asset, path.tag, person=caller().key):
                raise Gone("There is no such verdict.")
        return nothing()
