"""Connect: a person's browser goes to the host and comes back with a code (RFC 6749, with state and PKCE)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, Response, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as Answer

from connector_core.engine import Engine
from connector_core.manifest import load
from connector_core.operations.connect import connect_account
from connector_core.web import visit
from connector_core.web.gate import the_engine
from connector_core.web.pages import show, tell_people
from model_service.errors import Refuse, TaggingError

MINUTES = 15
"""that a link to connect may be used"""

connect = Blueprint("connect", __name__, url_prefix="/connect")
tell_people(connect)


def authorize_url(engine: Engine, tenant: str, host: str, settings: Mapping[str, str]) -> str:
    """A link for a person's browser, good for 15 minutes, that connects a tenant to a host. Raises Misconfigured."""
    engine.roads.grant(host)
    ticket = _tickets(engine).dumps({"tenant": tenant, "host": host, "settings": dict(settings)})
    return f"{engine.settings.url}/connect/{host}?ticket={ticket}"


@connect.get("/<host>")
def begin(host: str) -> Response:
    """What is about to happen, and for whom: whoever was sent a foreign link sees it before anything is given."""
    text = request.args.get("ticket", "")
    with the_engine().store.tenant(_ticket(host, text)["tenant"], only_reads=True) as mine:
        name = mine.tenant().name
    asks = the_engine().roads.grant(host).oauth.asks
    return show("connect.html", title=load(host).title, name=name, asks=asks, ticket=text, go=visit.mark())


@connect.post("/<host>")
def go(host: str) -> Answer:
    """Off to the host."""
    ticket = _ticket(host, request.form.get("ticket", ""))
    visit.check(request.form.get("go", ""))
    return visit.leave(host, "connect", ticket)


@connect.get("/<host>/back")
def back(host: str) -> Response:
    """Back from the host: with a code, or without."""
    title, leg = load(host).title, visit.arrive(host)
    if leg.code is None:
        return show("connected.html", 400, title=title, problem="Nothing was connected: you did not allow it.")
    try:
        token, said = leg.token()
        if leg.purpose == "open":
            return cast(Response, visit.enter(host, token, leg.luggage))
        connect_account(the_engine(), leg.luggage["tenant"], host, token, said, leg.luggage["settings"])
    except TaggingError as error:
        return show("connected.html", 400, title=title, problem=str(error))
    return show("connected.html", title=title, problem="")


def _ticket(host: str, text: str) -> dict[str, Any]:
    try:
        found = _tickets(the_engine()).loads(text, max_age=MINUTES * 60)
    except BadData as error:
        raise Refuse("This link is no longer good; ask for a new one.") from error
    if found["host"] != host:
        raise Refuse("This link is for another host.")
    return cast(dict[str, Any], found)


def _tickets(engine: Engine) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(engine.vault.derived("tickets"), salt="connect")
