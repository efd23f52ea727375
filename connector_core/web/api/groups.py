"""Groups: the facets of the vocabulary, such as product, colourway and season."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from connector_core.store.store import TenantStore
from connector_core.web.api.shapes import At, Body, Line, Shape, one, some
from connector_core.web.gate import caller, mine, needs

ABOUT = [Tag(name="groups", description="The facets of the vocabulary.")]


class GroupWish(Body):
    """A group to be made, or the new name of one."""

    name: Line


class Group(Shape):
    """A facet; its tags rule each other out."""

    id: str
    name: str
    exclusive: bool
    tags: int


class Groups(Shape):
    """Every group."""

    items: list[Group]


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/groups", tags=ABOUT, responses={200: Groups})
    @needs("read")
    def list_groups() -> Any:
        """List the groups by name."""
        with mine(only_reads=True) as store:
            return some(Group, store.lists.groups())

    @api.post("/groups", tags=ABOUT, responses={201: Group})
    @needs("teach")
    def make_group(body: GroupWish) -> Any:
        """Make a group; one that is there is left as it is."""
        with mine() as store:
            made = store.vocabulary.group(body.name)
            store.access.log(caller().key, "group made", made)
            return one(Group, _group(store, made)), 201

    @api.patch("/groups/<id:id>", tags=ABOUT, responses={200: Group})
    @needs("teach")
    def change_group(path: At, body: GroupWish) -> Any:
        """Call a group otherwise."""
        with mine() as store:
            store.vocabulary.change_group(path.id, body.name)
            store.access.log(caller().key, "group changed", path.id)
            return one(Group, _group(store, path.id))


def _group(store: TenantStore, group: str) -> dict[str, Any]:
    return next(row for row in store.lists.groups() if row["id"] == group)
