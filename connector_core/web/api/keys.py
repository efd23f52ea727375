"""Keys: who may call this API for the tenant."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from connector_core.web.api.shapes import At, Body, Line, Shape, When, nothing, one, some
from connector_core.web.gate import caller, mine, needs

ABOUT = [Tag(name="keys", description="Who may call this API.")]
Scope = Literal["read", "tag", "teach", "admin"]


class KeyWish(Body):
    """A key to be made."""

    title: Line
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=4)]


class Key(Shape):
    """A key, without its text."""

    id: str
    title: str
    scopes: list[Scope]
    created: When
    used: When
    revoked: When


class FreshKey(Key):
    """A new key. Its text is told once and kept nowhere."""

    key: str


class Keys(Shape):
    """Every key."""

    items: list[Key]


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/keys", tags=ABOUT, responses={200: Keys})
    @needs("admin")
    def list_keys() -> Any:
        """List the keys, without their texts."""
        with mine(only_reads=True) as store:
            return some(Key, store.access.keys())

    @api.post("/keys", tags=ABOUT, responses={201: FreshKey})
    @needs("admin")
    def issue_key(body: KeyWish) -> Any:
        """Issue a key; the answer is the only place where its text is told."""
        with mine() as store:
            made, text = store.access.issue(body.title, body.scopes)
            store.access.log(caller().key, "key issued", made, {"scopes": sorted(body.scopes)})
            row = next(row for row in store.access.keys() if row["id"] == made)
        return one(FreshKey, {**row, "key": text}), 201

    @api.delete("/keys/<id:id>", tags=ABOUT, responses={204: None})
    @needs("admin")
    def revoke_key(path: At) -> Any:
        """Revoke a key: from now on it opens nothing."""
        with mine() as store:
            store.access.revoke(path.id)
            store.access.log(caller().key, "key revoked", path.id)
        return nothing()
