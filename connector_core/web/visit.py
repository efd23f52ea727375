"""A visit to a host's consent page, and the session of the browser that makes it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response as Answer

from connector_core.connector import Introduces
from connector_core.manifest import connector_class, load
from connector_core.operations.connect import Fixed
from connector_core.tokens import Token
from connector_core.web.gate import the_engine
from model_service.errors import Misconfigured, Refuse


@dataclass(frozen=True, slots=True)
class Leg:
    """A browser that has come back from a host."""

    host: str
    purpose: str
    code: str | None
    """None: the person did not agree"""
    verifier: str
    luggage: Mapping[str, Any]
    """what it left with"""

    def token(self) -> tuple[Token, Mapping[str, Any]]:
        """What the host gives for the code. Raises Reconnect, PlatformDown."""
        return the_engine().roads.grant(self.host).by_code(self.code or "", self.verifier, _back(self.host))


def mark() -> str:
    """A mark for a form: who sends it has seen the page (no forged requests)."""
    session["mark"] = secrets.token_urlsafe(16)
    return cast(str, session["mark"])


def check(sent: str) -> None:
    """Raises Refuse for a form that was not shown to this browser, or was sent already."""
    if not _is_same(session.pop("mark", ""), sent):
        raise Refuse("This page was open for too long; open the link once more.")


def leave(host: str, purpose: str, luggage: Mapping[str, Any]) -> Answer:
    """Off to the host's consent page. The session remembers what the way back must fit to."""
    grant = the_engine().roads.grant(host)
    state, verifier = generate_token(32), generate_token(64)
    session["leg"] = {"host": host, "purpose": purpose, "state": state, "verifier": verifier, "luggage": dict(luggage)}
    asked = {
        "response_type": "code",
        "redirect_uri": _back(host),
        "scope": " ".join(load(host).scopes),
        "state": state,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
        **grant.oauth.params,
    }
    place = grant.oauth.authorize
    if grant.app.origin:
        place = f"{grant.app.origin}/{place.split('/', 3)[3]}"
    return redirect(prepare_grant_uri(place, client_id=grant.app.client, **asked))


def arrive(host: str) -> Leg:
    """The way back. Raises Refuse where it belongs to no visit of this browser, or to one that has ended."""
    leg = cast(dict[str, Any], session.pop("leg", None) or {})
    if leg.get("host") != host or not _is_same(leg["state"], request.args.get("state", "")):
        raise Refuse("This answer belongs to no visit that began here; open the link once more.")
    return Leg(host, leg["purpose"], request.args.get("code"), leg["verifier"], leg["luggage"])


def enter(host: str, token: Token, luggage: Mapping[str, Any]) -> Answer:
    """The person of an account is here: the session says so from now on, and nothing else of the token is kept."""
    known = connector_class(host)
    if not issubclass(known, Introduces):
        raise Misconfigured(f"{load(host).title} does not say whose account it is.")
    opened = known.open(the_engine().roads.account(host, Fixed(token), {}))
    assert isinstance(opened, Introduces)
    session["who"] = {"host": host, "account": opened.introduce().account}
    return redirect(url_for("open.show_asset", host=host, **luggage))


def account_here(host: str) -> str:
    """The account whose person this browser belongs to; empty if it has not said so yet."""
    who = cast(dict[str, str], session.get("who") or {})
    return who.get("account", "") if who.get("host") == host else ""


def _back(host: str) -> str:
    return f"{the_engine().settings.url}/connect/{host}/back"


def _is_same(one: str, other: str) -> bool:
    return bool(one) and secrets.compare_digest(one.encode(), other.encode())
