"""Dropbox's dialect: calls with a JSON argument, and what its refusals mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connector_core.errors import Gone, Reconnect
from connector_core.http import Answer, Http
from model_service.errors import Refuse

MOST_SAID = 300
"""bytes of a refusal that people are shown"""
API, CONTENT = "https://api.dropboxapi.com/2/", "https://content.dropboxapi.com/2/"


class Conflict(Exception):
    """The endpoint says no (409); ``tags`` are those of its error, from the outside in."""

    def __init__(self, tags: str) -> None:
        super().__init__(tags)
        self.tags = tags.strip("/.")

    @property
    def is_missing(self) -> bool:
        """There is nothing at that path."""
        return "not_found" in self.tags.split("/")


class NotUnderstood(Refuse):
    """Dropbox finds the request malformed, or our app not allowed to make it."""


class Api:
    """The API for one account; ``root`` is the namespace that its paths begin at, empty for the account's own."""

    def __init__(self, http: Http, root: str = "") -> None:
        self._http = http
        self._headers = {"Dropbox-API-Path-Root": json.dumps({".tag": "root", "root": root})} if root else {}

    def call(self, route: str, argument: Mapping[str, Any] | None = None, *, lane: str = "read") -> Any:
        """The result; None where there is none. Raises Conflict, NotUnderstood, Reconnect, and as ``Http.call``."""
        answer = self._http.call("POST", API + route, lane=lane, headers=self._headers, json=argument)
        _check(answer)
        return answer.json() if answer.content else None

    def fetch(self, route: str, argument: Mapping[str, Any], to: Path, *, limit: int) -> None:
        """The bytes, in ``to``. Raises Unreadable where there are more than ``limit``; else as ``call``."""
        headers = {**self._headers, "Dropbox-API-Arg": _ascii(argument)}
        _check(self._http.fetch("POST", CONTENT + route, to, limit=limit, headers=headers))

    def metadata(self, asset_id: str) -> Mapping[str, Any]:
        """What is known of the file of this id, wherever it is now. Raises Gone."""
        check_id(asset_id)
        try:
            found = self.call("files/get_metadata", {"path": asset_id})
        except Conflict as error:
            raise Gone("The file is no longer in this Dropbox.") from error
        if not isinstance(found, dict) or found.get(".tag") != "file":
            raise Gone("That is no file of this Dropbox.")
        return found


def check_id(asset_id: str) -> None:
    """Raises Gone for what is no id of Dropbox: another kind of path is never asked for."""
    if not asset_id.startswith("id:") or len(asset_id) > 200 or not asset_id.isprintable():
        raise Gone("That is no file of this Dropbox.")


def _check(answer: Answer) -> None:
    if answer.status in (200, 206):
        return
    if answer.status == 409:
        said = answer.json()
        raise Conflict(str(said.get("error_summary", "")) if isinstance(said, dict) else "")
    if answer.status == 422:
        raise Reconnect("This Dropbox account has joined or left a team; connect it again.")
    if answer.status == 403:
        raise Reconnect("Dropbox does not let this account do that; connect it again, or another one.")
    said = "".join(sign for sign in answer.content[:MOST_SAID].decode("utf-8", "replace") if sign.isprintable())
    raise NotUnderstood(f"Dropbox refuses the request ({answer.status}): {said or 'without a reason'}")


def _ascii(argument: Mapping[str, Any]) -> str:
    """JSON as a header bears it: ASCII, without control characters."""
    return json.dumps(argument).replace("\x7f", "\\u007f")
