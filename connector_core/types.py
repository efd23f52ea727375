"""The words of the connectors as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asset:
    """One photo or video in a host; ``version`` changes when its bytes change, and only then."""

    id: str
    version: str
    name: str
    size: int = 0
    media_type: str = ""
    removed: bool = False
    """true: the asset is gone; only ``id`` means anything, or ``path`` where the host names no id"""
    path: str = ""
    """where it lies in the host, if the host says so: what else lay there is gone, and a removed path takes everything
    below it along. Removed paths of a page come before what is found on it"""
    modified: float = 0.0
    """seconds since 1970 when the host says that its bytes last changed; 0 where it does not say"""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of what changed, and where to go on."""

    assets: tuple[Asset, ...]
    cursor: str
    """hand it to ``changes`` to go on; it always moves while ``more`` is true"""
    more: bool
    notes: tuple[str, ...] = ()
    """what could not be looked at and is left out of this page, one sentence each"""


@dataclass(frozen=True, slots=True)
class Tag:
    """An entry of the vocabulary as a host is to show it."""

    name: str
    """what is written to the host"""
    group: str = "product"
    rank: float = field(default=0.0, compare=False)
    """where a host has room for few, the highest are written"""


@dataclass(frozen=True, slots=True)
class Written:
    """What ``retag`` did: the names that the host now shows because of us, and where they were written."""

    tags: frozenset[str]
    place: str
    """e.g. ``file`` or ``sidecar photo.png.xmp``"""
    changed: bool
    """false: everything was already as asked, nothing was written"""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """names that were asked for and that the host had no room for, and why, one sentence each"""


@dataclass(frozen=True, slots=True)
class Edits:
    """What people changed of an asset's tags since our last write."""

    added: frozenset[str] = frozenset()
    """words that people added, as the host spells them; of an asset that we never wrote to, all that it shows"""
    removed: frozenset[str] = frozenset()
    """names of ours that people took away"""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose account on a host it is."""

    account: str
    """the host's id of it: what its webhooks name"""
    title: str
    """what a person recognises it by"""
    settings: Mapping[str, str] = field(default_factory=dict)
    """what the host told of the account and the connector will need"""


@dataclass(frozen=True, slots=True)
class Hook:
    """A call of a host, as it came."""

    method: str
    headers: Mapping[str, str]
    """by their names in small letters"""
    query: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a host's call says, and what it wants to hear."""

    accounts: tuple[str, ...] = ()
    """those in which something changed"""
    answer: str = ""
    content_type: str = "text/plain; charset=utf-8"
