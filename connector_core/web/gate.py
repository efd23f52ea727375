"""The gate: how much a request may bring, whose key it carries, and what that key may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from flask import Response, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, RequestEntityTooLarge, TooManyRequests, Unauthorized

from connector_core.engine import Engine
from connector_core.logs import bind
from connector_core.store.store import Bearer, TenantStore
from connector_core.web.pace import Pace

LARGEST = 1_000_000
"""bytes that a request may bring where a route says nothing else"""
View = TypeVar("View", bound=Callable[..., Any])


def needs(scope: str, *, largest: int = LARGEST) -> Callable[[View], View]:
    """Mark a route: the scope that its caller's key must have, and the bytes that a request may bring."""

    def mark(view: View) -> View:
        view.__dict__.update(scope=scope, largest=largest)
        return view

    return mark


def the_engine() -> Engine:
    """The engine of the app that answers."""
    return cast(Engine, current_app.extensions["engine"])


def caller() -> Bearer:
    """Who calls: known once the gate is passed."""
    return cast(Bearer, g.caller)


@contextmanager
def mine(*, only_reads: bool = False) -> Iterator[TenantStore]:
    """The caller's own store, for one transaction; there is no road to another tenant's."""
    with the_engine().store.tenant(caller().tenant, only_reads=only_reads) as store:
        yield store


def weigh() -> None:
    """Refuse what is too large before a byte of it is read."""
    largest = getattr(_view(), "largest", LARGEST)
    request.max_content_length = largest
    if (request.content_length or 0) > largest:
        raise RequestEntityTooLarge(f"At most {largest:,} bytes are taken here.")


def admit() -> None:
    """Let a request in whose key opens this route, at the pace of that key."""
    found = _bearer()
    g.caller = found
    bind(tenant=found.tenant)
    pace: Pace = current_app.extensions["pace"]
    turn = pace.take(found.key)
    g.pace = turn.headers
    if not turn.granted:
        raise TooManyRequests("This key has made too many requests; wait as long as Retry-After says.")
    scope = getattr(_view(), "scope", "admin")
    if scope not in found.scopes and "admin" not in found.scopes:
        raise Forbidden(f"This needs a key with the scope {scope}.")


def tell_pace(answer: Response) -> Response:
    """Say how many requests are left."""
    answer.headers.update(g.get("pace", {}))
    return answer


def _bearer() -> Bearer:
    sent = request.authorization
    key = sent.token if sent is not None and sent.type == "bearer" else None
    found = the_engine().store.bearer(key) if key else None
    if found is None:
        said = "This key opens nothing." if key else "Send a key: Authorization: Bearer pn_…"
        raise Unauthorized(said, www_authenticate=WWWAuthenticate("bearer", {"realm": "propernoun"}))
    return found


def _view() -> Callable[..., Any] | None:
    return current_app.view_functions.get(request.endpoint or "")
