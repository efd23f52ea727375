"""One tenant's key opens nothing of another's: every route is called with foreign ids, and answers 404."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from connector_core.store.scope import fresh
from tests.connector_core.web.routes import ROUTES
from tests.connector_core.web.service import COLOURS, Caller, Service, picture

FOREIGN = [
    pytest.param(call, one, id=f"{call[0]} {call[1]}{' ' + one if one else ''}")
    for call, route in ROUTES.items()
    for one in (
        *([""] if route.ids else []),
        *route.query,
        *(name for name, value in (route.body or {}).items() if isinstance(value, str) and "{" in value),
    )
]
"""every route and every place in it where an id can stand: the path, or a name of query or body"""


@pytest.fixture(scope="module")
def theirs(taught: Service) -> dict[str, str]:
    """Ids of everything that the first tenant has."""
    tenant = taught.engine.store.tenants()[0]
    owner = taught.caller(tenant)
    look = owner.tag(picture(COLOURS["Ember Red"]))
    owner.post("/v1/verdicts", {"asset": _first(owner, "assets"), "tag": _first(owner, "tags"), "yes": True})
    found = {name.removesuffix("s"): _first(owner, name) for name in ("assets", "tags", "groups", "examples", "models")}
    found |= {"connection": _first(owner, "connections"), "batch": _first(owner, "batches"), "key": owner.id}
    other = owner.get("/v1/tags").json["items"][1]["id"]
    with taught.engine.store.tenant(tenant) as mine:
        receipt = mine.receipts.open("asset", fresh(), {}, {})
    return {**found, "look": look.json["id"], "other": other, "receipt": receipt, "tenant": tenant}


@pytest.fixture(scope="module")
def stranger(taught: Service) -> Caller:
    """Somebody who may do everything, for another tenant."""
    return taught.caller(taught.add("Sunda"))


def test_every_route_of_the_api_is_called_here(taught: Service) -> None:
    known = {
        (method, rule.rule)
        for rule in taught.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("api.")
    }
    assert known == set(ROUTES)


@pytest.mark.parametrize(("call", "place"), FOREIGN)
def test_a_foreign_id_is_no_id(
    call: tuple[str, str], place: str, stranger: Caller, theirs: dict[str, str], taught: Service
) -> None:
    own = _own(taught, stranger)
    answer = _called(stranger, call, own, theirs, place)
    assert answer.status_code == 404, answer.text
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("call", [call for call, route in ROUTES.items() if route.ids], ids=" ".join)
def test_an_id_that_never_was_answers_the_same(call: tuple[str, str], stranger: Caller, theirs: dict[str, str]) -> None:
    foreign = _called(stranger, call, theirs, theirs, "").json
    never = dict.fromkeys(theirs, fresh())
    assert _called(stranger, call, never, never, "").json == foreign


def test_nothing_of_theirs_was_changed(owner: Caller, theirs: dict[str, str]) -> None:
    for kind in ("asset", "tag", "model", "connection", "batch"):
        path = f"/v1/{kind}es/{theirs[kind]}" if kind == "batch" else f"/v1/{kind}s/{theirs[kind]}"
        assert owner.get(path).status_code == 200, path
    assert owner.get(f"/v1/connections/{theirs['connection']}").json["paused"] is False


@pytest.mark.parametrize("list", ["assets", "tags", "groups", "examples", "models", "connections", "batches", "review"])
def test_lists_show_nothing_foreign(list: str, taught: Service) -> None:
    newcomer = taught.caller(taught.add("Empty"))
    assert newcomer.get(f"/v1/{list}").json["items"] == []


def _first(owner: Caller, list: str) -> str:
    found: str = owner.get(f"/v1/{list}").json["items"][0]["id"]
    return found


def _own(service: Service, stranger: Caller) -> dict[str, str]:
    """What the stranger has: enough that nothing but the foreign id is missing."""
    bearer = service.engine.store.bearer(stranger.key)
    assert bearer is not None
    with service.engine.store.tenant(bearer.tenant) as mine:
        if not mine.connections.all():
            mine.connections.add("folder", "/theirs", "Theirs", {"path": "/theirs"})
        connection, tag, other = mine.connections.all()[0].id, mine.vocabulary.tag("A"), mine.vocabulary.tag("B")
        group, batch = mine.vocabulary.group("product"), mine.pushes.batch_of("library", "Theirs")
    return {"connection": connection, "tag": tag, "other": other, "group": group, "batch": batch}


def _called(
    caller: Caller, call: tuple[str, str], own: Mapping[str, str], theirs: Mapping[str, str], place: str
) -> TestResponse:
    """The route, with own ids everywhere but at ``place``."""
    route, (method, rule) = ROUTES[call], call
    ids = iter(route.ids)
    known = {**theirs, **own}
    path = re.sub(r"<[^>]+>", lambda _: _id(next(ids), theirs if not place else known), rule)
    query = _filled({place: route.query[place]} if place in route.query else {}, theirs)
    body = {name: _fill(value, theirs if name == place else known) for name, value in (route.body or {}).items()}
    return caller(method, path, query_string=query, **({"json": body} if route.body is not None else {}))


def _id(kind: str, known: Mapping[str, str]) -> str:
    return known.get(kind, kind)


def _filled(fields: Mapping[str, str], known: Mapping[str, str]) -> dict[str, Any]:
    return {name: _fill(value, known) for name, value in fields.items()}


def _fill(value: Any, known: Mapping[str, str]) -> Any:
    return known[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value
