"""Authorisation as Dropbox does it: codes with PKCE, tokens that end, refresh tokens that are given once."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.twins.dropbox.state import State

CODE_SECONDS = 600.0
MEANING = {
    "account_info.read": "View basic information about your Dropbox account",
    "files.metadata.read": "View information about your Dropbox files and folders",
    "files.metadata.write": "View and edit information about your Dropbox files and folders, such as their tags",
    "files.content.read": "View content of your Dropbox files and folders",
    "files.content.write": "Edit content of your Dropbox files and folders",
}
"""the scopes that our app has been given in the console, and what the consent page says of them"""


class Denied(Exception):
    """The request is not as it must be; ``error`` is the word of RFC 6749 for it."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


@dataclass(frozen=True, slots=True)
class Ask:
    """What an app asks a person for, looked through."""

    client: str
    redirect: str
    scope: str
    state: str
    challenge: str
    offline: bool


def read_ask(state: State, said: Mapping[str, str]) -> Ask:
    """The question behind an address of ``/oauth2/authorize``. Raises Denied: such a question is not even shown."""
    known = {"client_id", "response_type", "redirect_uri", "state", "scope", "token_access_type",
             "code_challenge", "code_challenge_method", "include_granted_scopes", "force_reapprove",
             "require_role", "disable_signup", "locale"}  # fmt: skip
    if extra := set(said) - known:
        raise Denied("invalid_request", f"unknown parameter {min(extra)}")
    if said.get("client_id") != state.knob("client", ""):
        raise Denied("unauthorized_client", "There is no such app")
    if said.get("response_type") != "code":
        raise Denied("unsupported_response_type", "response_type must be code")
    if said.get("redirect_uri", "") not in state.knob("redirects", []):
        raise Denied("invalid_request", "redirect_uri is not one that the app has registered")
    if said.get("token_access_type", "online") not in ("online", "offline"):
        raise Denied("invalid_request", "token_access_type must be online or offline")
    if said.get("code_challenge") and said.get("code_challenge_method") != "S256":
        raise Denied("invalid_request", "code_challenge_method must be S256")
    if not said.get("code_challenge") and said.get("code_challenge_method"):
        raise Denied("invalid_request", "code_challenge is missing")
    if said.get("require_role", "work") not in ("work", "personal"):
        raise Denied("invalid_request", "require_role must be work or personal")
    if len(said.get("state", "")) > 500:
        raise Denied("invalid_request", "state is too long")
    scopes = said.get("scope", " ".join(MEANING)).split()
    if unknown := set(scopes) - set(MEANING):
        raise Denied("invalid_scope", f"The app may not ask for {min(unknown)}")
    return Ask(
        said["client_id"], said["redirect_uri"], " ".join(scopes), said.get("state", ""),
        said.get("code_challenge", ""), said.get("token_access_type") == "offline",
    )  # fmt: skip


def allow(state: State, ask: Ask, account: str) -> str:
    """The person said yes; the code that the app is sent."""
    code = secrets.token_urlsafe(24)
    state.do(
        "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        code, account, ask.client, ask.redirect, ask.challenge, ask.scope, ask.offline, time.time(),
    )  # fmt: skip
    return code


def exchange(state: State, said: Mapping[str, str], basic: tuple[str, str] | None) -> dict[str, Any]:
    """What ``/oauth2/token`` answers. Raises Denied."""
    client, secret = basic or (said.get("client_id", ""), said.get("client_secret", ""))
    if client != state.knob("client", ""):
        raise Denied("invalid_client", "There is no such app")
    if secret and secret != state.knob("secret", ""):
        raise Denied("invalid_client", "The secret is wrong")
    match said.get("grant_type"):
        case "authorization_code":
            return _by_code(state, said, bool(secret))
        case "refresh_token":
            return _by_refresh(state, said, bool(secret))
    raise Denied("unsupported_grant_type", "grant_type must be authorization_code or refresh_token")


def grant(state: State, account: str, scope: str, *, refresh: str = "") -> dict[str, Any]:
    """A new access token."""
    access, seconds = "sl." + secrets.token_urlsafe(24), state.knob("token_seconds", 14_400.0)
    state.do(
        "INSERT INTO tokens (access, refresh, account, scope, ends) VALUES (?, ?, ?, ?, ?)",
        access, refresh, account, scope, time.time() + seconds,
    )  # fmt: skip
    return {"access_token": access, "token_type": "bearer", "expires_in": max(1, int(seconds))}


def grant_refresh(state: State, account: str, scope: str, *, challenged: bool) -> str:
    """A new refresh token."""
    refresh = secrets.token_urlsafe(32)
    state.do(
        "INSERT INTO refreshes (refresh, account, scope, challenged) VALUES (?, ?, ?, ?)",
        refresh, account, scope, challenged,
    )  # fmt: skip
    return refresh


def revoke(state: State, access: str) -> None:
    """Disable a token, its refresh token, and all that came of that."""
    row = state.row("SELECT refresh FROM tokens WHERE access = ?", access)
    state.do("UPDATE tokens SET revoked = 1 WHERE access = ?", access)
    if row is not None and row["refresh"]:
        state.do("UPDATE tokens SET revoked = 1 WHERE refresh = ?", row["refresh"])
        state.do("UPDATE refreshes SET revoked = 1 WHERE refresh = ?", row["refresh"])


def _by_code(state: State, said: Mapping[str, str], secret: bool) -> dict[str, Any]:
    with state.all_or_nothing():
        row = state.row("SELECT * FROM codes WHERE code = ?", said.get("code", ""))
        state.do("DELETE FROM codes WHERE code = ?", said.get("code", ""))
        if row is None or row["born"] + CODE_SECONDS < time.time():
            raise Denied("invalid_grant", "code doesn't exist or has expired")
        if said.get("redirect_uri", "") != row["redirect"]:
            raise Denied("invalid_grant", "redirect_uri is not that of the code")
        if row["challenge"] and _challenge(said.get("code_verifier", "")) != row["challenge"]:
            raise Denied("invalid_grant", "invalid code verifier")
        if not row["challenge"] and not secret:
            raise Denied("invalid_client", "client_secret is missing")
        refresh = ""
        if row["offline"]:
            refresh = grant_refresh(state, row["account"], row["scope"], challenged=bool(row["challenge"]))
        answer = grant(state, row["account"], row["scope"], refresh=refresh)
    answer |= {"scope": row["scope"], "uid": "1", "account_id": row["account"]}
    return {**answer, "refresh_token": refresh} if refresh else answer


def _by_refresh(state: State, said: Mapping[str, str], secret: bool) -> dict[str, Any]:
    row = state.row("SELECT * FROM refreshes WHERE refresh = ?", said.get("refresh_token", ""))
    if row is None or row["revoked"]:
        raise Denied("invalid_grant", "refresh token is invalid or revoked")
    if not row["challenged"] and not secret:
        raise Denied("invalid_client", "client_secret is missing")
    # The refresh token is not given again: whoever loses it must ask the person.
    return grant(state, row["account"], row["scope"], refresh=row["refresh"])


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
