"""People who have a Dropbox: alone, or as members of a team with a space that they share."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from dropbox import common, users, users_common
from stone.backends.python_rsrc import stone_serializers

from tests.twins.dropbox.state import State


@dataclass(frozen=True, slots=True)
class Account:
    """A person. ``root`` and ``home`` differ in a team: then the home lies at ``home_path`` in the team's space."""

    id: str
    email: str
    root: str
    home: str
    home_path: str


def add(state: State, email: str, *, team: str = "") -> Account:
    """Make an account; members of one ``team`` see one space. Twice is the same as once."""
    found = state.row("SELECT * FROM accounts WHERE email = ?", email)
    if found is None:
        made = f"dbid:{secrets.token_hex(18)[:35]}"
        home = str(1_000_000 + secrets.randbelow(10**9))
        root = _root(state, team) if team else home
        name = email.split("@")[0].title()
        state.do("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", made, email, root, home, f"/{name}" if team else "")
    return of(state, email)


def of(state: State, who: str) -> Account:
    """The account of an address or an id; of an empty one, the first that there is."""
    found = state.row("SELECT * FROM accounts WHERE email = ? OR id = ? OR ? = '' ORDER BY rowid", who, who, who)
    if found is None:
        raise LookupError(f"nobody is called {who}")
    return Account(*tuple(found))


def everybody(state: State) -> list[Account]:
    """All accounts, in their order."""
    return [Account(*tuple(row)) for row in state.rows("SELECT * FROM accounts ORDER BY rowid")]


def root_info(account: Account) -> common.RootInfo:
    """Where the account's files are."""
    kind = common.TeamRootInfo if account.home_path else common.UserRootInfo
    home_path = account.home_path or None
    return kind(root_namespace_id=account.root, home_namespace_id=account.home, home_path=home_path)


def described(account: Account) -> Any:
    """The account as ``users/get_current_account`` tells it."""
    name = account.email.split("@")[0].title()
    full = users.FullAccount(
        account_id=account.id,
        name=users.Name(given_name=name, surname="Member", familiar_name=name, display_name=name, abbreviated_name="M"),
        email=account.email,
        email_verified=True,
        disabled=False,
        locale="en",
        referral_link="https://db.tt/twin",
        is_paired=False,
        account_type=users_common.AccountType.basic,
        root_info=root_info(account),
    )
    return stone_serializers.json_compat_obj_encode(users.FullAccount_validator, full)


def _root(state: State, team: str) -> str:
    known = state.knob("teams", {})
    if team not in known:
        state.turn("teams", {**known, team: str(2_000_000_000 + secrets.randbelow(10**9))})
    return str(state.knob("teams", {})[team])
