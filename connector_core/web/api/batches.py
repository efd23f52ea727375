"""Batches: what was written together, and can be undone together."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from connector_core.operations.review import undo
from connector_core.web.api.cursors import pack, unpack
from connector_core.web.api.shapes import At, Pages, Shape, When, one, some
from connector_core.web.gate import caller, mine, needs

ABOUT = [Tag(name="batches", description="What was written together, and can be undone together.")]


class Batch(Shape):
    """A batch of writes."""

    id: str
    kind: str
    title: str
    person: str
    created: When
    undone: When
    written: int
    """tags of it that are still there"""


class Batches(Shape):
    """A page of batches, the latest first."""

    items: list[Batch]
    next: str | None


class Undone(Shape):
    """What is taken back."""

    batch: Batch
    tags: int


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/batches", tags=ABOUT, responses={200: Batches})
    @needs("read")
    def list_batches(query: Pages) -> Any:
        """List batches, the latest first."""
        with mine(only_reads=True) as store:
            (before,) = unpack(query.cursor, (str,)) or ("",)
            found = store.lists.batches(before, query.limit)
        return some(Batch, found, pack(found[-1]["id"]) if len(found) == query.limit else "")

    @api.get("/batches/<id:id>", tags=ABOUT, responses={200: Batch})
    @needs("read")
    def get_batch(path: At) -> Any:
        """A batch."""
        with mine(only_reads=True) as store:
            return one(Batch, store.lists.batch(path.id))

    @api.post("/batches/<id:id>/undo", tags=ABOUT, responses={200: Undone})
    @needs("admin")
    def undo_batch(path: At) -> Any:
        """Take back everything that a batch wrote; it stays away until a person says yes."""
        with mine() as store:
            count = undo(store, path.id, person=caller().key)
            return one(Undone, {"batch": store.lists.batch(path.id), "tags": count})
