"""Connect: a tenant and an account on a host become a connection; and disconnect, which leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connector_core.account import Account
from connector_core.connector import Connector, Introduces
from connector_core.engine import Engine
from connector_core.errors import Reconnect
from connector_core.manifest import connector_class, load
from connector_core.roads import Unwritten
from connector_core.tokens import Token, seal
from model_service.errors import Misconfigured, Refuse


def open_folder(root: Path) -> Connector:
    """The folder as a host; its assets are named by their paths from ``root``. Raises Misconfigured."""
    from connector_core.http import Http
    from connector_core.reach import Reach

    return connector_class("folder").open(Account({"path": str(root)}, Http(Reach(())), Unwritten()))


def connect_folder(engine: Engine, tenant: str, path: str, *, title: str = "", within: tuple[str, ...] = ("/",)) -> str:
    """The id of a connection to a folder on this machine. Raises Misconfigured where there is none.

    ``within`` are the folders that whoever asks may name; a link that leads out of them counts as outside.
    """
    real = os.path.realpath(path) if path else ""
    if (
        not real
        or not os.path.isdir(real)
        or not any(Path(real).is_relative_to(os.path.realpath(one)) for one in within)
    ):
        raise Misconfigured(f"{path or 'An empty path'} is no folder that may be connected.")
    with engine.store.tenant(tenant) as mine:
        for known in mine.connections.all():
            if (known.host, known.account) == ("folder", real):
                raise Refuse(f"{path} is connected already.")
        made = mine.connections.add("folder", real, title or Path(real).name or real, {"path": real})
        mine.access.log("", "connected", made, {"host": "folder"})
        mine.later("scan", made)
    return made


def connect_account(
    engine: Engine, tenant: str, host: str, token: Token, said: Mapping[str, Any], settings: Mapping[str, str]
) -> str:
    """The id of the connection of an account that a person has just authorised; an earlier one goes on with it.

    ``said`` is all that the host said with the token. Raises Refuse where the person gave less than is needed.
    """
    _check_scopes(host, said)
    known = connector_class(host)
    if not issubclass(known, Introduces):
        raise Misconfigured(f"{load(host).title} does not say whose account it is.")
    opened = known.open(engine.roads.account(host, Fixed(token), settings))
    assert isinstance(opened, Introduces)
    who = opened.introduce()
    sealed = seal(engine.vault, token)
    with engine.store.tenant(tenant) as mine:
        told = {**settings, **who.settings}
        same = [one for one in mine.connections.all() if (one.host, one.account) == (host, who.account)]
        if same and mine.receipts.is_owed("connection", same[0].id):
            raise Refuse("This account is being disconnected; connect it again in a few minutes.")
        if same:
            made = same[0].id
            mine.connections.set(
                made, state="live", reason="", retry_at=0.0, title=who.title, settings={**same[0].settings, **told}
            )
            mine.connections.wake(made)
        else:
            made = mine.connections.add(host, who.account, who.title, told)
        mine.connections.keep_secret(made, sealed)
        mine.access.log("", "reconnected" if same else "connected", made, {"host": host})
        mine.later("scan", made)
    return made


class Fixed:
    """A token that was given a moment ago, as a Bearer."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def token(self, *, instead_of: str = "") -> str:
        """It. Raises Reconnect where it is refused already."""
        if instead_of:
            raise Reconnect("The host does not accept the authorisation that it has just given; try again.")
        return self._token.access


def _check_scopes(host: str, said: Mapping[str, Any]) -> None:
    """People may untick what they do not want to give: better said now than found out at the first write."""
    if isinstance(said.get("scope"), str):
        missing = set(load(host).scopes) - set(said["scope"].split())
        if missing:
            raise Refuse(
                f"{load(host).title} did not grant {', '.join(sorted(missing))}; connect again and allow everything."
            )
