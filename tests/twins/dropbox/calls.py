"""A call to the API: who calls, with which scopes, from which root, with which argument; refused where any is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dropbox import common
from flask import request
from stone.backends.python_rsrc import stone_serializers, stone_validators

from tests.twins.dropbox import accounts
from tests.twins.dropbox.accounts import Account
from tests.twins.dropbox.faults import Fault
from tests.twins.dropbox.refusals import bad, bad_root, unauthorised
from tests.twins.dropbox.state import State
from tests.twins.dropbox.tree import Tree

HEADERS = {"dropbox-api-arg", "dropbox-api-path-root"}


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint of the contract."""

    argument: Any
    """validator of the SDK"""
    scope: str
    answer: Callable[[Call], Any]
    style: str = "rpc"
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call that is allowed."""

    state: State
    route: str
    account: Account
    base: str
    """what its paths are relative to, within the root of the account"""
    argument: Any
    text: str
    """the argument as it came"""
    body: bytes
    fault: Fault | None
    access: str

    @property
    def tree(self) -> Tree:
        """The files that it is about."""
        return Tree(self.state, self.account.root)

    def place(self, path: str) -> str:
        """A path from the root; ids stay as they are."""
        return path if path.startswith("id:") else self.base + path.rstrip("/")


def open_call(state: State, name: str, route: Route, fault: Fault | None) -> Call:
    """The call that the request at hand is. Raises Refused."""
    extra = {key.lower() for key, _ in request.headers if key.lower().startswith("dropbox-")} - HEADERS
    if extra:
        raise bad(name, f"unknown header {min(extra)}")
    if request.args:
        raise bad(name, "URL parameters are not accepted")
    access, account = _account(state, name, route)
    base = _base(name, account)
    text = _text(name, route.style)
    try:
        argument = stone_serializers.json_compat_obj_decode(route.argument, json.loads(text), strict=True)
    except (ValueError, stone_validators.ValidationError) as error:
        raise bad(name, f"request body: {error}") from error
    body = request.get_data() if route.style == "upload" else b""
    return Call(state, name, account, base, argument, text, body, fault, access)


def _account(state: State, name: str, route: Route) -> tuple[str, Account]:
    kind, _, access = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not access:
        raise bad(name, 'must provide HTTP header "Authorization"')
    row = state.row("SELECT * FROM tokens WHERE access = ?", access)
    if row is None or row["revoked"]:
        raise unauthorised("invalid_access_token")
    if row["ends"] <= time.time():
        raise unauthorised("expired_access_token")
    if route.scope and route.scope not in row["scope"].split():
        raise unauthorised("missing_scope", required_scope=route.scope)
    return access, accounts.of(state, row["account"])


def _base(name: str, account: Account) -> str:
    said = request.headers.get("Dropbox-API-Path-Root")
    if said is None:
        return account.home_path
    try:
        root = stone_serializers.json_compat_obj_decode(common.PathRoot_validator, json.loads(said), strict=True)
    except (ValueError, stone_validators.ValidationError) as error:
        raise bad(name, f"Dropbox-API-Path-Root: {error}") from error
    if root.is_home():
        return account.home_path
    if root.is_root():
        if root.get_root() != account.root:
            raise bad_root("invalid_root", accounts.root_info(account))
        return ""
    if root.get_namespace_id() not in (account.root, account.home):
        raise bad_root("no_permission")
    return "" if root.get_namespace_id() == account.root else account.home_path


def _text(name: str, style: str) -> str:
    if style == "rpc":
        if request.mimetype != "application/json" and (request.mimetype or request.content_length):
            raise bad(name, f'HTTP header "Content-Type" is {request.mimetype!r}; it must be application/json')
        if "Dropbox-API-Arg" in request.headers:
            raise bad(name, "the argument belongs into the body")
        return request.get_data(as_text=True) or "null"
    if request.mimetype not in ("", "application/octet-stream", "text/plain"):
        raise bad(name, f'HTTP header "Content-Type" is {request.mimetype!r}; it must be application/octet-stream')
    if style == "download" and request.content_length:
        raise bad(name, "the body must be empty")
    said = request.headers.get("Dropbox-API-Arg", "")
    if not said.isascii() or not said.isprintable():
        raise bad(name, 'HTTP header "Dropbox-API-Arg" must be ASCII')
    return said
