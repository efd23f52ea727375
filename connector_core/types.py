"""The words of the connectors as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass


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
    """where it lies in the host, if the host says so; a removed path takes everything below it along"""


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


@dataclass(frozen=True, slots=True)
class Written:
    """What ``retag`` did: the names that the host now shows because of us, and where they were written."""

    tags: frozenset[str]
    place: str
    """e.g. ``file`` or ``sidecar photo.png.xmp``"""
    changed: bool
    """false: everything was already as asked, nothing was written"""
