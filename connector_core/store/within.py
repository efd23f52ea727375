"""The scope of a connection: a folder, and how far back. What lies outside is skipped, until the scope is widened."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from sqlalchemy import ColumnElement, and_, func, or_, true

from connector_core.store.tables import assets
from connector_core.types import Asset
from model_service.errors import Refuse

A = assets.c
LONGEST = 1000
"""characters of a folder"""


@dataclass(frozen=True, slots=True)
class Within:
    """What of a connection is looked at; where a host does not say where a photo lies or how old it is, it is."""

    folder: str = ""
    """a path without ``/`` at its ends, in any case; empty: everything"""
    since: str = ""
    """a day, as 2026-01-31: what last changed before it is outside; empty: however old"""

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Self:
        """The scope that the settings of a connection name. Raises Refuse for a day that is none."""
        folder, since = settings.get("folder", "").strip().strip("/"), settings.get("since", "").strip()
        if len(folder) > LONGEST:
            raise Refuse(f"A folder has at most {LONGEST} characters.")
        if since:
            _seconds(since)
        return cls(folder, since)

    def outside(self, one: Asset) -> str:
        """Why this asset is outside, as a sentence; empty if it is inside."""
        path, folder = one.path.strip("/").lower(), self.folder.lower()
        if folder and path and not path.startswith(folder + "/"):
            return self._elsewhere
        if self.since and 0 < one.modified < _seconds(self.since):
            return self._too_old
        return ""

    def reasons(self) -> list[tuple[str, ColumnElement[bool]]]:
        """Why assets are outside, and the condition for it."""
        return [(self._elsewhere, ~self._there()), (self._too_old, ~self._young())]

    def inside(self) -> ColumnElement[bool]:
        """The condition for an asset to be inside."""
        return and_(self._there(), self._young())

    @property
    def _elsewhere(self) -> str:
        return f"It lies outside the folder {self.folder}, which is all that is looked at."

    @property
    def _too_old(self) -> str:
        return f"It last changed before {self.since}, and nothing that old is looked at."

    def _there(self) -> ColumnElement[bool]:
        if not self.folder:
            return true()
        path, place = func.lower(func.ltrim(A.path, "/")), self.folder + "/"
        # SQLite makes only A to Z small: what a host has made small itself, and what it has not, are both met.
        spelled = [path.startswith(one, autoescape=True) for one in (place.lower(), _small(place))]
        return or_(A.path == "", *spelled)

    def _young(self) -> ColumnElement[bool]:
        return or_(A.modified == 0.0, A.modified >= _seconds(self.since)) if self.since else true()


def _small(text: str) -> str:
    return "".join(one.lower() if one.isascii() else one for one in text)


def _seconds(day: str) -> float:
    try:
        return datetime.datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=datetime.UTC).timestamp()
    except ValueError as error:
        raise Refuse(f"{day[:20]!r} is no day; write it as 2026-01-31.") from error
