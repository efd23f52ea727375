"""The audit log: who did what."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from connector_core.web.api.cursors import pack, unpack
from connector_core.web.api.shapes import Pages, Shape, When, some
from connector_core.web.gate import mine, needs

ABOUT = [Tag(name="audit", description="Who did what.")]


class Entry(Shape):
    """Somebody did something."""

    id: str
    who: str
    """the id of a key, or a person as hosts and callers name them"""
    what: str
    object: str
    detail: dict[str, Any] | None
    created: When


class Entries(Shape):
    """A page of the log, the latest first."""

    items: list[Entry]
    next: str | None


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/audit", tags=ABOUT, responses={200: Entries})
    @needs("admin")
    def list_audit(query: Pages) -> Any:
        """List who did what, the latest first."""
        with mine(only_reads=True) as store:
            (before,) = unpack(query.cursor, (str,)) or ("",)
            found = store.access.logged(query.limit, before)
        return some(Entry, found, pack(found[-1]["id"]) if len(found) == query.limit else "")
