"""Open: people come from a host with a file in hand, and see what is known of it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Answer

from connector_core.connector import Opens
from connector_core.errors import Gone
from connector_core.manifest import connector_class, hosts, load
from connector_core.store.rows import Kept, State
from connector_core.store.store import TenantStore
from connector_core.web import visit
from connector_core.web.gate import the_engine
from connector_core.web.pages import show, tell_people

openings = Blueprint("open", __name__, url_prefix="/open")
tell_people(openings)

MOST = 500
"""characters of what a host hands over"""
STATES: Mapping[str, str] = {
    State.PENDING: "It waits to be looked at.",
    State.PROCESSING: "It is being looked at right now.",
    State.READY: "It has been looked at. There is no model yet that could say what it shows.",
    State.APPLIED: "It is tagged.",
    State.SKIPPED: "It cannot be tagged.",
    State.FAILED: "It could not be looked at.",
    State.GONE: "It is no longer where it was.",
}


@openings.get("/<host>")
def show_asset(host: str) -> Answer:
    """The page of a file that a person opened in the host.

    What the address says is anybody's word: the person must be known, and the file is looked up with the token of the
    person's own account.
    """
    if host not in hosts() or not issubclass(connector_class(host), Opens):
        raise Gone("Nobody comes from there.")
    query = {name: value[:MOST] for name, value in request.args.items()}
    account = visit.account_here(host)
    if not account:
        return visit.leave(host, "open", query)
    engine = the_engine()
    for tenant, connection in engine.store.connected(host, account):
        with engine.store.tenant(tenant, only_reads=True) as mine:
            linked = mine.connections.get(connection)
        opened = engine.connector(tenant, linked)
        assert isinstance(opened, Opens)
        try:
            host_id = opened.opened(query)
        except Gone:
            continue
        with engine.store.tenant(tenant, only_reads=True) as mine:
            known = mine.assets.of_host(connection, host_id)
            if known is not None:
                return _page(mine, known, load(host).title, engine.rendition(tenant, known.id))
    return show("unknown.html", 404, title=load(host).title)


def _page(mine: TenantStore, asset: Kept, title: str, rendition: Path) -> Response:
    called = mine.vocabulary.label(mine.tenant().locale)
    shown = mine.pushes.written([asset.id]).get(asset.id, {})
    predicted = mine.judgements.of([asset.id]).get(asset.id, [])
    rows = [
        {
            "tag": called.get(one.tag, ""),
            "sure": f"{one.probability:.0%}",
            "decision": one.decision,
            "why": one.reason,
            "is_written": one.tag in shown,
        }
        for one in predicted
    ]
    state = STATES.get(asset.state, "")
    return show("asset.html", asset=asset, rows=rows, title=title, state=state, picture=_inline(rendition))


def _inline(rendition: Path) -> str:
    """The small picture as an address that needs no request of its own, and so no key."""
    try:
        return "data:image/jpeg;base64," + base64.b64encode(rendition.read_bytes()).decode()
    except FileNotFoundError:
        return ""
