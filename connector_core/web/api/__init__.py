"""API v1: the blueprint for programs that hold a key of a tenant. A resource a file."""

from __future__ import annotations

from typing import Any

from flask_openapi3.blueprint import APIBlueprint

from connector_core.web import gate
from connector_core.web.api import (
    assets,
    audit,
    batches,
    connections,
    erasure,
    examples,
    exports,
    groups,
    keys,
    look,
    models,
    tags,
    tenants,
    verdicts,
)

RESOURCES = (
    look,
    assets,
    groups,
    tags,
    examples,
    verdicts,
    models,
    connections,
    batches,
    exports,
    keys,
    audit,
    tenants,
    erasure,
)
_SAID = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
ANSWERS = {
    400: "The request is wrong.",
    401: "The key is missing or opens nothing.",
    403: "The key may not do this.",
    404: "There is no such thing of yours.",
    409: "A person must connect again.",
    413: "The request is too large.",
    415: "The request is of a kind that is not taken.",
    422: "The request does not fit its description, or its picture cannot be read.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "Try again later; Retry-After says when.",
}


def make_api() -> APIBlueprint:
    """The blueprint with every resource; made anew for each app."""
    responses: dict[Any, Any] = {status: {"description": said, "content": _SAID} for status, said in ANSWERS.items()}
    api = APIBlueprint(
        "api",
        __name__,
        url_prefix="/v1",
        abp_security=[{"key": []}],
        abp_responses=responses,
        operation_id_callback=_named,
    )
    api.before_request(gate.admit)
    api.after_request(gate.tell_pace)
    for resource in RESOURCES:
        resource.add(api)
    return api


def _named(*, name: str, **_: str) -> str:
    """What generated clients call an operation: as its function is called."""
    return name
