"""Assets: what the hosts have, what it shows, and why."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from connector_core.errors import Gone
from connector_core.store.store import TenantStore
from connector_core.web.api.searching import SearchPage, search_for
from connector_core.web.api.shapes import At, InWords, Shape, When, one, some
from connector_core.web.api.tagged import Named, Names, Prediction, mentioned, predictions
from connector_core.web.gate import caller, mine, needs, the_engine

ABOUT = [Tag(name="assets", description="What the hosts have, what it shows, and why.")]
JPEG: dict[Any, Any] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}, "description": "The picture."}
}


class Asset(Shape):
    """A photo in a host."""

    id: str
    connection: str
    host_id: str
    name: str
    path: str
    size: int
    media_type: str
    state: str
    reason: str
    created: When
    modified: When
    updated: When
    tags: list[Named] = Field(default_factory=list)
    """what it is to show in its host because of us"""


class Verdict(Shape):
    """What a person said."""

    tag: str
    yes: bool
    person: str
    source: str
    created: When


class Written(Shape):
    """A tag that the host shows because of us."""

    tag: str
    name: str
    batch: str
    sure: bool
    """false: we meant to write it, and may have"""
    created: When


class FullAsset(Asset):
    """A photo, and all that is known of it."""

    predictions: list[Prediction]
    verdicts: list[Verdict]
    written: list[Written]


class Assets(Shape):
    """A page of assets."""

    items: list[Asset]
    next: str | None


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/assets", tags=ABOUT, responses={200: Assets})
    @needs("read")
    def list_assets(query: SearchPage) -> Any:
        """Find assets, the newest first."""
        with mine(only_reads=True) as store:
            wanted = search_for(store, query)
            if wanted is None:
                return some(Asset, [], "")
            found = store.search.page(wanted, query.cursor, query.limit)
            shown = store.judgements.wanted([asset.id for asset in found.assets])
            names = Names(store, {tag for tags in shown.values() for tag in tags}, query.locale)
            items = [_asset(asset, names.some(shown[asset.id])) for asset in found.assets]
        return some(Asset, items, found.cursor)

    @api.get("/assets/<id:id>", tags=ABOUT, responses={200: FullAsset})
    @needs("read")
    def get_asset(path: At, query: InWords) -> Any:
        """All that is known of an asset."""
        with mine(only_reads=True) as store:
            return one(FullAsset, _full(store, path.id, query.locale))

    @api.get("/assets/<id:id>/rendition", tags=ABOUT, responses=JPEG)
    @needs("read")
    def get_rendition(path: At) -> Any:
        """A small picture of an asset, at most 640 pixels a side."""
        with mine(only_reads=True) as store:
            store.assets.one(path.id)
        try:
            answer = Response(the_engine().rendition(caller().tenant, path.id).read_bytes(), mimetype="image/jpeg")
        except FileNotFoundError as error:
            raise Gone("There is no small picture of this asset; it has not been read, or cannot be.") from error
        answer.headers["Cache-Control"] = "private, max-age=60"
        answer.add_etag()
        return answer.make_conditional(request)

    @api.post("/assets/<id:id>/retry", tags=ABOUT, responses={200: FullAsset})
    @needs("tag")
    def retry_asset(path: At, query: InWords) -> Any:
        """Read an asset once more, which has failed, was skipped or looks wrong."""
        with mine() as store:
            asset = store.assets.one(path.id)
            store.assets.again([path.id])
            store.access.log(caller().key, "retry", path.id)
            store.later("ingest", asset.connection)
            return one(FullAsset, _full(store, path.id, query.locale))


def _asset(asset: Any, tags: list[Named]) -> Asset:
    return Asset.model_validate(asset).model_copy(update={"tags": tags})


def _full(store: TenantStore, asset: str, locale: str) -> FullAsset:
    found, rows = store.assets.one(asset), store.judgements.of([asset]).get(asset, [])
    told = [{name: getattr(row, name) for name in row.__slots__} for row in rows]
    shown = store.judgements.wanted([asset])[asset]
    names = Names(store, mentioned(told) | set(shown), locale)
    return FullAsset(
        **_asset(found, names.some(shown)).model_dump(),
        predictions=predictions(told, names),
        verdicts=[Verdict.model_validate(row) for row in store.lists.verdicts(asset)],
        written=[Written.model_validate(row) for row in store.lists.written(asset)],
    )
