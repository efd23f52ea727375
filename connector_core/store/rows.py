"""What the store hands out: rows as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import Row


class State(StrEnum):
    """Where an asset stands; the reason beside it is a sentence for people."""

    PENDING = "pending"
    """to be read, or read again"""
    PROCESSING = "processing"
    """being read by a worker; if that one dies, it is pending again after a while"""
    READY = "ready"
    """read; there is no model yet that could say something"""
    REVIEW = "review"
    """waits for a person"""
    APPLIED = "applied"
    """every group is decided, and what was decided is written or on its way"""
    UNKNOWN = "unknown"
    """looks like none of the tags"""
    SKIPPED = "skipped"
    """can never work as it is"""
    FAILED = "failed"
    """failed too often; it is tried again when a person asks, or when the file changes"""
    GONE = "gone"
    """no longer in the host"""


@dataclass(frozen=True, slots=True)
class _Row:
    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """The dataclass of a row that has at least its columns."""
        return cls(**{one.name: getattr(row, one.name) for one in fields(cls)})


@dataclass(frozen=True, slots=True)
class Tenant(_Row):
    """A customer."""

    id: str
    name: str
    locale: str
    risk: float
    lesson: int
    judged: str
    """the model that the whole library was last judged by"""
    judged_lesson: int
    """and the last lesson that it knew"""
    encoder: str
    """the one that all photos are to be looked at with"""


@dataclass(frozen=True, slots=True)
class Linked(_Row):
    """A connection: a tenant's account on a host, and how far it has been followed."""

    id: str
    host: str
    account: str
    title: str
    state: str
    """``live``, ``reconnect`` (a person must authorise again), ``down`` (the host does not answer) or ``off``"""
    reason: str
    settings: Mapping[str, str]
    writes: bool
    """false: tags are only proposed, nothing is written (a dry run)"""
    paused: bool
    cursor: str
    round: int
    """which listing from the beginning it is"""
    wanted: int
    scanned: int
    listed: float
    """when a listing last came to its end"""
    retry_at: float
    heard: str
    """the asset up to which people's edits were asked for, in the round that is going on"""
    heard_at: float
    """when such a round last came to its end"""
    rates: Mapping[str, float]
    """calls a second that the host lets us make, by lane"""


@dataclass(frozen=True, slots=True)
class Kept(_Row):
    """An asset as the store keeps it."""

    id: str
    connection: str
    host_id: str
    version: str
    name: str
    path: str
    size: int
    media_type: str
    state: str
    reason: str
    attempts: int
    encoder: str
    """who looked at it last; another one's vectors of it may be kept, too"""
    batch: str
    modified: float
    """when the host says that its bytes last changed; 0 where it does not say"""
    outside: bool
    """skipped because it lies outside the scope of its connection"""
    created: float
    updated: float


@dataclass(frozen=True, slots=True)
class Word(_Row):
    """An entry of the vocabulary."""

    id: str
    group: str
    name: str
    sku: str
    parent: str | None
    archived: bool


@dataclass(frozen=True, slots=True)
class Lesson(_Row):
    """An example that was added or taken away, in the order in which it happened."""

    number: int
    asset: str
    tag: str
    group: str
    added: bool
    shoot: str


@dataclass(frozen=True, slots=True)
class Trained(_Row):
    """A model: wanted, being trained, a candidate, live, retired or failed."""

    id: str
    number: int
    state: str
    reason: str
    encoder: str
    risk: float
    lesson: int
    """the last lesson that it was trained on; later ones are added when it is used"""
    created: float
    promoted: float
    report: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Predicted(_Row):
    """What a model said of an asset in one group of tags."""

    asset: str
    group: str
    tag: str
    probability: float
    decision: str
    reason: str
    evidence: Mapping[str, Any]
    model: str


@dataclass(frozen=True, slots=True)
class Look(_Row):
    """A picture that a caller sent: ``waiting``, ``done`` or ``failed``, and what was seen on it."""

    id: str
    state: str
    reason: str
    result: Mapping[str, Any] | None
    tries: int
    created: float


@dataclass(frozen=True, slots=True)
class Owed(_Row):
    """A push: an asset whose native metadata is not yet as it should be."""

    asset: str
    connection: str
    batch: str
    wanted: int
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class Wrote(_Row):
    """A tag that the host shows because of us; not ``sure``: we meant to write it, and may have."""

    asset: str
    tag: str
    name: str
    before: Sequence[str]
    """names that it had, and that the host may still show as well"""
    batch: str
    sure: bool

    @property
    def names(self) -> frozenset[str]:
        """Every name that the host may show."""
        return frozenset((self.name, *self.before))


@dataclass(frozen=True, slots=True)
class Receipt(_Row):
    """What was asked to be erased, and what came of it."""

    id: str
    tenant: str
    kind: str
    """``asset``, ``tag`` or ``tenant``"""
    object: str
    """the id of what was erased"""
    asked: float
    finished: float
    """0: it is still being erased"""
    counts: Mapping[str, int]
    """how many rows, vectors and files; ``tags_left``: tags that hosts go on showing"""
    hash: str
    """of everything above, once it is finished; see ``connector_core.store.receipts.hashed``"""
    detail: Mapping[str, Any]
    """what is needed to go on; empty in the end"""
