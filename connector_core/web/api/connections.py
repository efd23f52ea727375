"""Connections: the tenant's accounts on hosts, how far each has been followed, and what is written there."""

from __future__ import annotations

from typing import Annotated, Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from connector_core.manifest import load
from connector_core.operations.connect import connect_folder
from connector_core.operations.review import withdraw_all
from connector_core.store.rows import Linked, State
from connector_core.store.store import TenantStore
from connector_core.web.api.shapes import At, Body, Line, MaybeLine, Shape, When, nothing, one, some
from connector_core.web.connect import authorize_url
from connector_core.web.gate import caller, mine, needs, the_engine
from model_service.errors import Misconfigured

ABOUT = [Tag(name="connections", description="Accounts on hosts, and how far each has been followed.")]
HOME = "path"
"""the setting of a folder that says which one it is: it cannot be changed, another folder is another connection"""


class ConnectionWish(Body):
    """A connection to be made."""

    host: Line
    title: MaybeLine = ""
    settings: dict[Line, MaybeLine] = Field(default_factory=dict, max_length=20)
    """of a folder: ``path``"""


class ConnectionChange(Body):
    """What is to be different; what is not named stays."""

    title: Line | None = None
    paused: bool | None = None
    writes: Annotated[bool | None, Field(description="false: a dry run, tags are only proposed")] = None


class Connection(Shape):
    """An account on a host."""

    id: str
    host: str
    account: str
    title: str
    state: str
    """``live``, ``reconnect``, ``down`` or ``off``"""
    reason: str
    settings: dict[str, str]
    writes: bool
    paused: bool
    listed: When
    """when a listing last came to its end"""
    retry_at: When
    assets: dict[str, int]
    """how many there are in which state"""
    owed: int
    """assets whose metadata are to be written; in a dry run, would be"""


class Connections(Shape):
    """Every connection."""

    items: list[Connection]


class Authorize(Shape):
    """Where a person is to go with a browser, within 15 minutes."""

    authorize_url: str


class Withdrawn(Shape):
    """What is taken back."""

    tags: int


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
        """Pause or resume a connection, or have tags written to it or only proposed."""
        values = {name: value for name, value in body.model_dump().items() if value is not None}
        with mine() as store:
            store.connections.get(path.id)
            if values:
                store.connections.set(path.id, **values)
                store.access.log(caller().key, "connection changed", path.id, values)
                for verb in ("scan", "ingest", "push"):
                    store.later(verb, path.id)
            return one(Connection, _told(store, store.connections.get(path.id)))

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

    @api.delete("/connections/<id:id>", tags=ABOUT, responses={204: None})
    @needs("admin")
    def remove_connection(path: At) -> Any:
        """Forget a connection and everything that came from it. What was written to the host stays there."""
        with mine() as store:
            store.connections.get(path.id)
            store.connections.remove(path.id)
            store.access.log(caller().key, "connection removed", path.id)
        return nothing()


def _told(store: TenantStore, linked: Linked) -> dict[str, Any]:
    counts = store.connections.counts(linked.id)
    told = {name: getattr(linked, name) for name in Connection.model_fields if hasattr(linked, name)}
    known = {state.value: counts.get(state.value, 0) for state in State}
    return {**told, "assets": known, "owed": store.pushes.count(linked.id)}
