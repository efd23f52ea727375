"""Who may call the API for a tenant, and who did what."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from typing import Any

from connector_core.errors import Gone
from connector_core.names import named
from connector_core.store.scope import Scope, fresh
from connector_core.store.tables import audit, keys
from model_service.errors import Refuse

SCOPES = ("read", "tag", "teach", "admin")
"""look · have pictures tagged · change examples, tags and verdicts · everything else"""
PREFIX = "pn_"
USED = 60.0
"""seconds within which the last use of a key is not noted again"""


class Access(Scope):
    """Keys and audit log of one tenant."""

    def issue(self, title: str, scopes: Sequence[str]) -> tuple[str, str]:
        """Id and text of a new key; the text is told once, only its hash is kept. Raises Refuse."""
        if unknown := set(scopes) - set(SCOPES):
            raise Refuse(f"There is no scope {min(unknown)!r}; there are {', '.join(SCOPES)}.")
        made, text = fresh(), PREFIX + secrets.token_urlsafe(32)
        row = {
            "id": made,
            "hash": hashed(text),
            "title": named(title),
            "scopes": sorted(set(scopes)),
            "created": time.time(),
        }
        self._insert(keys, [{**row, "created": time.time()}])
        return made, text

    def revoke(self, key: str) -> None:
        """The key opens nothing any more. Raises Gone."""
        mine = self._update(keys, keys.c.id == key)
        if not self._db.execute(mine.values(revoked=time.time())).rowcount:
            raise Gone("There is no such key.")

    def keys(self) -> list[dict[str, Any]]:
        """Every key, without its hash."""
        columns = [one for one in keys.c if one.name not in ("hash", "tenant")]
        return [dict(row._mapping) for row in self._db.execute(self._select(keys, what=columns).order_by(keys.c.id))]

    def log(self, who: str, what: str, object: str = "", detail: dict[str, Any] | None = None) -> None:
        """Write down who did what."""
        row = {"id": fresh(), "who": who, "what": what, "object": object, "detail": detail, "created": time.time()}
        self._insert(audit, [row])

    def logged(self, limit: int = 100, before: str = "") -> list[dict[str, Any]]:
        """The audit log, the latest first."""
        asked = self._select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before:
            asked = asked.where(audit.c.id < before)
        return [{k: v for k, v in row._mapping.items() if k != "tenant"} for row in self._db.execute(asked)]


def hashed(text: str) -> str:
    """What is kept of a key: it is random and long, so a plain hash is enough."""
    return hashlib.sha256(text.encode()).hexdigest()
