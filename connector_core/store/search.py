"""Search among the assets of a tenant: by tag, by words, by state and time; a page takes as long at any depth."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import case
from sqlalchemy.sql import ColumnElement

from connector_core.fold import words
from connector_core.store.rows import Kept
from connector_core.store.scope import Scope
from connector_core.store.shown import Shown
from connector_core.store.tables import assets
from model_service.errors import Refuse

MOST = 1000
"""assets a page"""
LONGEST, WORDS = 250, 8
"""characters and words that are searched for at once"""
STRIDE = 2000
"""candidates that are looked at together, at most"""
A = assets.c


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for; what is empty does not matter, and everything else must hold."""

    tag: str = ""
    """its id. The asset shows it: the model says so or asks, nobody contradicts; or a person said so; or we wrote it"""
    words: str = ""
    """each begins a word of the asset's name, or of a name, SKU, label or alias of a tag that it shows"""
    decision: str = ""
    """of a prediction: of this tag or in this group, if these are asked for"""
    group: str = ""
    """its id: a prediction in it that is not ``reject``, or of the decision asked for"""
    state: str = ""
    connection: str = ""
    batch: str = ""
    since: float = 0.0
    until: float = 0.0
    """seconds since 1970, the latter not included: last changed in the host, or first seen where it does not say"""
    order: Literal["newest", "oldest"] = "newest"
    """by when we first saw them, which is the order of ids"""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found."""

    assets: tuple[Kept, ...]
    cursor: str
    """hand it in to go on; empty at the end"""
    more: bool


class Search(Scope):
    """Assets of one tenant by what they show and where they stand."""

    def page(self, query: Query, cursor: str = "", limit: int = 100) -> Found:
        """A page of assets. Raises Refuse for a cursor that is none, or of another query, and for a limit beyond MOST.

        Pages follow the ids of assets, so nothing is shown twice or left out, whatever changes meanwhile.
        """
        if not 1 <= limit <= MOST:
            raise Refuse(f"A page has 1 to {MOST} assets.")
        shown = Shown(self._db, self.tenant, query, _words(query.words), _facts(query))
        found: list[Kept] = []
        last, stride = _opened(cursor, query), limit + 1
        while len(found) <= limit:
            ids = shown.candidates(last, stride)
            found += self._kept(shown, ids)
            if len(ids) < stride:
                break
            last, stride = ids[-1], min(2 * stride, STRIDE)
        page = tuple(found[:limit])
        more = len(found) > limit
        return Found(page, _sealed(page[-1].id, query) if more else "", more)

    def _kept(self, shown: Shown, ids: Sequence[str]) -> list[Kept]:
        rows = self._db.execute(self._select(assets, A.id.in_(ids), *shown.holds())) if ids else ()
        place = {asset: at for at, asset in enumerate(ids)}
        return sorted((Kept.of(row) for row in rows), key=lambda one: place[one.id])


def _facts(query: Query) -> list[ColumnElement[bool]]:
    """What the query asks of the asset itself."""
    when = case((A.modified > 0, A.modified), else_=A.created)
    told = [
        (query.state, A.state == query.state),
        (query.connection, A.connection == query.connection),
        (query.batch, A.batch == query.batch),
        (query.since, when >= query.since),
        (query.until, when < query.until),
    ]
    return [holds for asked, holds in told if asked]


def _words(text: str) -> list[str]:
    if len(text) > LONGEST:
        raise Refuse(f"A search has at most {LONGEST} characters.")
    found = list(dict.fromkeys(words(text)))
    if len(found) > WORDS:
        raise Refuse(f"A search has at most {WORDS} words.")
    if text.strip() and not found:
        raise Refuse("A search needs a letter or a digit.")
    return found


def _sealed(last: str, query: Query) -> str:
    return base64.urlsafe_b64encode(f"{last}{_mark(query)}".encode()).decode()


def _opened(cursor: str, query: Query) -> str:
    """The last id that was shown; empty at the beginning. It names a place in an order, and opens nothing."""
    if not cursor:
        return ""
    try:
        text = base64.b64decode(cursor[:100].encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError) as error:
        raise Refuse("This cursor is none of ours; begin again without one.") from error
    if not re.fullmatch(r"[0-9a-f]{34}", text):
        raise Refuse("This cursor is none of ours; begin again without one.")
    if text[26:] != _mark(query):
        raise Refuse("This cursor belongs to another search; begin again without one.")
    return text[:26]


def _mark(query: Query) -> str:
    return hashlib.sha256(repr(query).encode()).hexdigest()[:8]
