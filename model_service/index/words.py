"""How assets and facts are written into Qdrant: any string, kept exactly, also what UTF-8 cannot say."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid5

ASSETS = UUID("5e6f8c1c-8a0b-5d0e-9d5f-1f6f0a7b2c31")
"""The namespace of point ids; changing it orphans every index there is."""


def named(text: str) -> str:
    """The text in ASCII: file names may hold bytes that are no UTF-8, which Qdrant would refuse."""
    return json.dumps(text)


def unnamed(text: str) -> Any:
    """What ``named`` or ``word`` was given."""
    return json.loads(text)


def word(key: str, value: str) -> str:
    """A fact as one keyword, so that one payload index serves keys of any name."""
    return json.dumps([key, value])


def point_id(asset: str, *, partition: str | None = None) -> UUID:
    """The point of an asset: the same asset, the same point, so putting twice replaces.

    Where partitions share a collection, each has points of its own.
    """
    home = ASSETS if partition is None else uuid5(ASSETS, named(partition))
    return uuid5(home, named(asset))
