"""Searching: what stands behind the question mark becomes a search among the caller's own assets."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from connector_core.errors import Gone
from connector_core.store.rows import State
from connector_core.store.search import Query as Search
from connector_core.store.store import TenantStore
from connector_core.web.api.shapes import Cursor, InWords, Known, Limit, MaybeLine, Query
from model_service.errors import Refuse
from model_service.types import Decision


def _iso(said: object) -> object:
    """Only a date with a time is a moment; a bare number would be taken for seconds."""
    if isinstance(said, str) and not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:", said):
        raise ValueError("write a moment as 2026-01-31T00:00:00Z")
    return said


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, BeforeValidator(_iso), AfterValidator(_utc)]


class Searched(Query):
    """What to look for; everything that is given must hold."""

    tag: Annotated[MaybeLine, Field(description="id, name, label, alias or SKU of a tag that it shows")] = ""
    q: Annotated[MaybeLine, Field(description="words; each begins a word of the name, or of any word for a tag")] = ""
    decision: Decision | Literal[""] = ""
    group: Known | Literal[""] = ""
    state: State | Literal[""] = ""
    connection: Known | Literal[""] = ""
    batch: Known | Literal[""] = ""
    since: Annotated[Moment | None, Field(description="changed in the host, or first seen, at or after this")] = None
    until: Annotated[Moment | None, Field(description="and before this")] = None


class SearchPage(Searched, InWords):
    """A page of what is found."""

    order: Literal["newest", "oldest"] = "newest"
    cursor: Cursor = ""
    limit: Limit = 50


def search_for(store: TenantStore, query: Searched) -> Search | None:
    """The search that was asked for; None where nothing can be found. Raises Gone, Refuse."""
    if query.connection:
        store.connections.get(query.connection)
    if query.batch:
        store.lists.batch(query.batch)
    if query.group and query.group not in store.vocabulary.groups():
        raise Gone("There is no such group.")
    tag = _tag(store, query.tag)
    if query.tag and not tag:
        return None
    return Search(
        tag=tag,
        words=query.q,
        decision=query.decision,
        group=query.group,
        state=query.state,
        connection=query.connection,
        batch=query.batch,
        since=query.since.timestamp() if query.since else 0.0,
        until=query.until.timestamp() if query.until else 0.0,
        order=query.order if isinstance(query, SearchPage) else "oldest",
    )


def _tag(store: TenantStore, said: str) -> str:
    """The id of the tag that is meant; empty where there is none. Raises Gone for a foreign id, Refuse for several."""
    if len(said) == 26 and not set(said) - set("0123456789abcdef"):
        return store.vocabulary.one(said).id
    found = store.vocabulary.find(said) if said else []
    if len(found) > 1:
        raise Refuse(f"{len(found)} tags are called so; use an id: {', '.join(found[:5])}.")
    return found[0] if found else ""
