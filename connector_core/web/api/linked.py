"""The shapes of connections: what is asked for, how far each is, and what would be written."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from connector_core.web.api.shapes import PRINTED, Body, Line, MaybeLine, Shape, When
from connector_core.web.api.tagged import Named


class ConnectionWish(Body):
    """A connection to be made."""

    host: Line
    title: MaybeLine = ""
    settings: dict[Line, MaybeLine] = Field(default_factory=dict, max_length=20)
    """of a folder: ``path``"""


class Scope(Body):
    """What of a connection is looked at."""

    folder: Annotated[str, Field(max_length=1000, pattern=PRINTED, description="empty: everything")] = ""
    since: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="a day; empty: however old")] = ""


class ConnectionChange(Body):
    """What is to be different; what is not named stays."""

    title: Line | None = None
    scope: Scope | None = None
    paused: bool | None = None
    writes: Annotated[bool | None, Field(description="false: a dry run, tags are only proposed")] = None


class Progress(Shape):
    """Where the reading of a connection stands."""

    state: str
    """``listing``, ``reading``, ``done``; or why nothing goes on: ``paused``, ``down``, ``reconnect``, ``off``"""
    counts: dict[str, int]
    """assets by state"""
    total: int
    done: int
    share: float
    rate: float
    """assets a second over the last minutes"""
    eta: float | None
    """seconds until all is read; null where nobody can say"""
    owed: int
    """assets whose tags are still to be written"""


class Connection(Shape):
    """An account on a host."""

    id: str
    host: str
    account: str
    title: str
    state: str
    """``live``, ``reconnect``, ``down`` or ``off``"""
    reason: str
    settings: dict[str, str]
    writes: bool
    paused: bool
    listed: When
    """when a listing last came to its end"""
    retry_at: When
    progress: Progress


class Connections(Shape):
    """Every connection."""

    items: list[Connection]


class Authorize(Shape):
    """Where a person is to go with a browser, within 15 minutes."""

    authorize_url: str


class TagPlan(Shape):
    """How many of a tag."""

    tag: Named
    added: int
    removed: int


class Plan(Shape):
    """What would be written if the connection were written to now."""

    sentence: str
    added: int
    photos: int
    """that these would be written to"""
    removed: int
    tags: list[TagPlan]


class Withdrawn(Shape):
    """What is taken back."""

    tags: int
