"""Connections: the tenant's accounts on hosts, how far each has been followed, and what is written there."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from connector_core.manifest import load
from connector_core.operations.connect import connect_folder
from connector_core.operations.progress import planned, progress
from connector_core.operations.review import withdraw_all
from connector_core.operations.scope import pause, resume, set_scope
from connector_core.store.rows import Linked
from connector_core.store.store import TenantStore
from connector_core.web.api.linked import (
    Authorize,
    Connection,
    ConnectionChange,
    Connections,
    ConnectionWish,
    Plan,
    Withdrawn,
)
from connector_core.web.api.shapes import At, InWords, one, some
from connector_core.web.api.tagged import Names
from connector_core.web.connect import authorize_url
from connector_core.web.gate import caller, mine, needs, the_engine
from model_service.errors import Misconfigured

ABOUT = [Tag(name="connections", description="Accounts on hosts, and how far each has been followed.")]
HOME = "path"
"""the setting of a folder that says which one it is: it cannot be changed, another folder is another connection"""


def add(api: APIBlueprint) -> None:
    """Put the routes on the blueprint."""

    @api.get("/connections", tags=ABOUT, responses={200: Connections})
    @needs("read")
    def list_connections() -> Any:
        """List the connections."""
        with mine(only_reads=True) as store:
            return some(Connection, [_told(store, linked) for linked in store.connections.all()])

    @api.post("/connections", tags=ABOUT, responses={200: Authorize, 201: Connection})
    @needs("admin")
    def connect_host(body: ConnectionWish) -> Any:
        """Connect a folder at once; for any other host, get the address where a person allows it."""
        engine, tenant = the_engine(), caller().tenant
        if load(body.host).auth != "none":
            return one(Authorize, {"authorize_url": authorize_url(engine, tenant, body.host, body.settings)})
        if not engine.settings.folders:
            raise Misconfigured("No folder may be connected from outside; PROPERNOUN_FOLDERS names those that may.")
        path, within = body.settings.get(HOME, ""), engine.settings.folders
        made = connect_folder(engine, tenant, path, title=body.title, within=within)
        with mine(only_reads=True) as store:
            return one(Connection, _told(store, store.connections.get(made))), 201

    @api.get("/connections/<id:id>", tags=ABOUT, responses={200: Connection})
    @needs("read")
    def get_connection(path: At) -> Any:
        """A connection, and how far it is."""
        with mine(only_reads=True) as store:
            return one(Connection, _told(store, store.connections.get(path.id)))

    @api.patch("/connections/<id:id>", tags=ABOUT, responses={200: Connection})
    @needs("admin")
    def change_connection(path: At, body: ConnectionChange) -> Any:
        """Pause or resume, change the scope, or have tags written instead of only proposed."""
        with mine() as store:
            store.connections.get(path.id)
            _change(store, path.id, body)
            return one(Connection, _told(store, store.connections.get(path.id)))

    @api.get("/connections/<id:id>/plan", tags=ABOUT, responses={200: Plan})
    @needs("read")
    def plan_connection(path: At, query: InWords) -> Any:
        """A dry run: what would be written to a connection, and what taken away."""
        with mine(only_reads=True) as store:
            found = planned(store, path.id)
            names = Names(store, found.by_tag, query.locale)
        told = [(names.get(tag), counts) for tag, counts in found.by_tag.items()]
        tags = [{"tag": tag, "added": added, "removed": removed} for tag, (added, removed) in told if tag is not None]
        plan = {"added": found.added, "photos": found.photos, "removed": found.removed}
        return one(Plan, {"sentence": str(found), "tags": tags, **plan})

    @api.post("/connections/<id:id>/scan", tags=ABOUT, responses={202: Connection})
    @needs("tag")
    def scan_connection(path: At) -> Any:
        """Look for what is new, now."""
        with mine() as store:
            store.connections.get(path.id)
            store.connections.wake(path.id)
            store.later("scan", path.id)
            return one(Connection, _told(store, store.connections.get(path.id))), 202

    @api.post("/connections/<id:id>/withdraw", tags=ABOUT, responses={202: Withdrawn})
    @needs("admin")
    def withdraw_everything(path: At) -> Any:
        """Remove everything that we ever wrote there; people's own tags stay."""
        with mine() as store:
            count = withdraw_all(store, path.id, person=caller().key)
        return one(Withdrawn, {"tags": count}), 202


def _change(store: TenantStore, connection: str, body: ConnectionChange) -> None:
    who = caller().key
    if body.scope is not None:
        set_scope(store, connection, folder=body.scope.folder, since=body.scope.since, person=who)
    if body.paused is not None:
        (pause if body.paused else resume)(store, connection, person=who)
    values = {name: getattr(body, name) for name in ("title", "writes") if getattr(body, name) is not None}
    if values:
        store.connections.set(connection, **values)
        store.access.log(who, "connection changed", connection, values)
        store.later("push", connection)


def _told(store: TenantStore, linked: Linked) -> dict[str, Any]:
    told = {name: getattr(linked, name) for name in Connection.model_fields if hasattr(linked, name)}
    return {**told, "progress": progress(store, linked.id)}
