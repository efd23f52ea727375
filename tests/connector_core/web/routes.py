"""Every route of the API and how it is called: what the tests of isolation, scopes and bounds walk through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Route:
    """How a route is called with things of a tenant; ``{asset}`` and the like stand for their ids."""

    scope: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    """kinds of the ids in the path, in order"""


KINDS = ("asset", "tag", "group", "example", "model", "connection", "batch", "key", "look")
"""of what has an id"""

ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "/v1/tag"): Route("tag"),
    ("GET", "/v1/tag/<id:id>"): Route("tag", ids=("look",)),
    ("GET", "/v1/assets"): Route(
        "read", query={"tag": "{tag}", "group": "{group}", "connection": "{connection}", "batch": "{batch}"}
    ),
    ("GET", "/v1/assets/<id:id>"): Route("read", ids=("asset",)),
    ("GET", "/v1/assets/<id:id>/rendition"): Route("read", ids=("asset",)),
    ("POST", "/v1/assets/<id:id>/retry"): Route("tag", ids=("asset",)),
    ("GET", "/v1/groups"): Route("read"),
    ("POST", "/v1/groups"): Route("teach", {"name": "season"}),
    ("PATCH", "/v1/groups/<id:id>"): Route("teach", {"name": "season"}, ids=("group",)),
    ("GET", "/v1/tags"): Route("read", query={"group": "{group}"}),
    ("POST", "/v1/tags"): Route("teach", {"name": "SS26", "group": "season", "parent": "{tag}"}),
    ("GET", "/v1/tags/<id:id>"): Route("read", ids=("tag",)),
    ("PATCH", "/v1/tags/<id:id>"): Route("teach", {"sku": "S-1"}, ids=("tag",)),
    ("PUT", "/v1/tags/<id:id>/words/<locale>"): Route("teach", {"label": "Sturmblau"}, ids=("tag", "de")),
    ("POST", "/v1/tags/<id:id>/merge"): Route("teach", {"into": "{other}"}, ids=("tag",)),
    ("GET", "/v1/examples"): Route("read", query={"tag": "{tag}", "asset": "{asset}"}),
    ("POST", "/v1/examples"): Route("teach", {"asset": "{asset}", "tag": "{tag}"}),
    ("DELETE", "/v1/examples/<id:id>"): Route("teach", ids=("example",)),
    ("POST", "/v1/examples/import"): Route("teach"),
    ("GET", "/v1/review"): Route("read", query={"tag": "{tag}", "group": "{group}"}),
    ("POST", "/v1/verdicts"): Route("teach", {"asset": "{asset}", "tag": "{tag}", "yes": True}),
    ("DELETE", "/v1/verdicts/<id:asset>/<id:tag>"): Route("teach", ids=("asset", "tag")),
    ("GET", "/v1/models"): Route("read"),
    ("POST", "/v1/models"): Route("teach", {}),
    ("GET", "/v1/models/<id:id>"): Route("read", ids=("model",)),
    ("GET", "/v1/models/<id:id>/report"): Route("read", ids=("model",)),
    ("GET", "/v1/models/<id:id>/comparison"): Route("read", ids=("model",)),
    ("POST", "/v1/models/<id:id>/promote"): Route("admin", {}, ids=("model",)),
    ("POST", "/v1/models/rollback"): Route("admin"),
    ("GET", "/v1/connections"): Route("read"),
    ("POST", "/v1/connections"): Route("admin", {"host": "folder", "settings": {"path": "/nowhere"}}),
    ("GET", "/v1/connections/<id:id>"): Route("read", ids=("connection",)),
    ("PATCH", "/v1/connections/<id:id>"): Route("admin", {"paused": True}, ids=("connection",)),
    ("GET", "/v1/connections/<id:id>/plan"): Route("read", ids=("connection",)),
    ("POST", "/v1/connections/<id:id>/scan"): Route("tag", ids=("connection",)),
    ("POST", "/v1/connections/<id:id>/withdraw"): Route("admin", ids=("connection",)),
    ("DELETE", "/v1/connections/<id:id>"): Route("admin", ids=("connection",)),
    ("GET", "/v1/batches"): Route("read"),
    ("GET", "/v1/batches/<id:id>"): Route("read", ids=("batch",)),
    ("POST", "/v1/batches/<id:id>/undo"): Route("admin", ids=("batch",)),
    ("GET", "/v1/export"): Route(
        "read", query={"tag": "{tag}", "group": "{group}", "connection": "{connection}", "batch": "{batch}"}
    ),
    ("GET", "/v1/keys"): Route("admin"),
    ("POST", "/v1/keys"): Route("admin", {"title": "x", "scopes": ["read"]}),
    ("DELETE", "/v1/keys/<id:id>"): Route("admin", ids=("key",)),
    ("GET", "/v1/audit"): Route("admin"),
    ("GET", "/v1/tenant"): Route("read"),
    ("PATCH", "/v1/tenant"): Route("admin", {"name": "Nordlys"}),
    ("DELETE", "/v1/assets/<id:id>"): Route("admin", ids=("asset",)),
    ("DELETE", "/v1/tags/<id:id>"): Route("admin", ids=("tag",)),
    ("DELETE", "/v1/tenant"): Route("admin", query={"id": "{tenant}"}),
    ("GET", "/v1/receipts"): Route("admin"),
    ("GET", "/v1/receipts/<id:id>"): Route("admin", ids=("receipt",)),
}
