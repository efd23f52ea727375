"""Erasure: a photo, a tag or everything goes for good; a receipt says what that was."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from connector_core.errors import Gone
from connector_core.operations.erase import erase_asset, erase_connection, erase_tag, erase_tenant
from connector_core.store.rows import Receipt as Row
from connector_core.web.api.cursors import pack, unpack
from connector_core.web.api.shapes import At, Known, Pages, Query, Shape, When, one, some
from connector_core.web.gate import caller, mine, needs

ABOUT = [Tag(name="erasure", description="What goes for good, and what that was.")]


class How(Query):
    """Whether hosts are to take our tags back before."""

    withdraw: Annotated[bool, Field(description="true: hosts take our tags back first; false: they stay there")] = False


class Everything(How):
    """That everything is meant."""

    id: Annotated[Known, Field(description="the id of the tenant, so that nobody does it by mistake")]


class Receipt(Shape):
    """What was erased: ids and numbers, nothing of what it was."""

    id: str
    kind: str
    """``asset``, ``tag``, ``connection`` or ``tenant``"""
    object: str
    asked: When
    finished: When
    """null: it is under way"""
    counts: dict[str, int]
    hash: str
    """SHA-256 of the rest: whether somebody has changed it since"""


class Receipts(Shape):
    """A page of receipts, the latest first."""

    items: list[Receipt]
    next: str | None


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.delete("/assets/<id:id>", tags=ABOUT, responses={202: Receipt})
    @needs("admin")
    def erase_one_asset(path: At, query: How) -> Any:
        """Erase an asset: rows, vectors, picture, and what models learned from it. Its host keeps the file."""
        with mine() as store:
            return _owed(erase_asset(store, path.id, person=caller().key, withdraw=query.withdraw))

    @api.delete("/connections/<id:id>", tags=ABOUT, responses={202: Receipt})
    @needs("admin")
    def erase_one_connection(path: At, query: How) -> Any:
        """Disconnect: erase a connection with all that came from it, and give its authorisation back to the host."""
        with mine() as store:
            return _owed(erase_connection(store, path.id, person=caller().key, withdraw=query.withdraw))

    @api.delete("/tags/<id:id>", tags=ABOUT, responses={202: Receipt})
    @needs("admin")
    def erase_one_tag(path: At, query: How) -> Any:
        """Erase a tag with its words, its examples and all that was said of it."""
        with mine() as store:
            return _owed(erase_tag(store, path.id, person=caller().key, withdraw=query.withdraw))

    @api.delete("/tenant", tags=ABOUT, responses={202: Receipt})
    @needs("admin")
    def erase_everything(query: Everything) -> Any:
        """Erase everything of the tenant, this key included. Keep the receipt: it is asked for nowhere later."""
        with mine() as store:
            if query.id != store.id:
                raise Gone("There is no such tenant.")
            return _owed(erase_tenant(store, person=caller().key, withdraw=query.withdraw))

    @api.get("/receipts", tags=ABOUT, responses={200: Receipts})
    @needs("admin")
    def list_receipts(query: Pages) -> Any:
        """List what was erased, the latest first."""
        with mine(only_reads=True) as store:
            (before,) = unpack(query.cursor, (str,)) or ("",)
            found = store.receipts.all(query.limit, before)
        return some(Receipt, found, pack(found[-1].id) if len(found) == query.limit else "")

    @api.get("/receipts/<id:id>", tags=ABOUT, responses={200: Receipt})
    @needs("admin")
    def get_receipt(path: At) -> Any:
        """What was erased, and whether it is done."""
        with mine(only_reads=True) as store:
            return one(Receipt, store.receipts.get(path.id))


def _owed(row: Row) -> tuple[Response, int, dict[str, str]]:
    return one(Receipt, row), 202, {"Location": f"/v1/receipts/{row.id}"}
