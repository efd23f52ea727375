"""How Dropbox says no: statuses and bodies as its contract has them."""

from __future__ import annotations

import json
from typing import Any

from dropbox import common
from flask import Response
from stone.backends.python_rsrc import stone_serializers


class Refused(Exception):
    """An answer that is a refusal."""

    def __init__(self, status: int, error: Any, *, retry_after: float | None = None) -> None:
        super().__init__(f"{status} {error}")
        self.status, self.error, self.retry_after = status, error, retry_after

    def response(self) -> Response:
        """As it goes over the wire."""
        headers = {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}
        if isinstance(self.error, str):
            return Response(self.error, self.status, headers, mimetype="text/plain")
        said = {"error_summary": summary(self.error) + "/..", "error": self.error}
        return Response(json.dumps(said), self.status, headers, mimetype="application/json")


def bad(route: str, why: str) -> Refused:
    """The request is not as the contract has it."""
    return Refused(400, f'Error in call to API function "{route}": {why}')


def conflict(*tags: str) -> Refused:
    """A union of the endpoint, from the outside in: ``conflict("path", "not_found")``."""
    error: dict[str, Any] = {".tag": tags[-1]}
    for tag in reversed(tags[:-1]):
        error = {".tag": tag, tag: error}
    return Refused(409, error)


def unauthorised(tag: str, **more: str) -> Refused:
    """The token will not do."""
    return Refused(401, {".tag": tag, **more})


def rate_limited(reason: str, seconds: float) -> Refused:
    """Too much at once."""
    return Refused(429, {"reason": {".tag": reason}, "retry_after": max(1, round(seconds))}, retry_after=seconds)


def bad_root(tag: str, info: common.RootInfo | None = None) -> Refused:
    """The header Dropbox-API-Path-Root names another root than the account has, or one that is not its own."""
    error: dict[str, Any] = {".tag": tag}
    if info is not None:
        error[tag] = stone_serializers.json_compat_obj_encode(common.RootInfo_validator, info)
    return Refused(422, error)


def summary(error: Any) -> str:
    """The tags of an error, from the outside in."""
    tag = error.get(".tag")
    if tag is None:
        return summary(error["reason"])
    inner = error.get(tag)
    return f"{tag}/{summary(inner)}" if isinstance(inner, dict) and ".tag" in inner else str(tag)
