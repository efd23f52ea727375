"""Faults on order: what goes wrong, on which route, after how many calls, and how often."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import Literal

from tests.twins.dropbox.state import State

Kind = Literal[
    "error", "unavailable", "rate", "writes", "hang", "drop", "lose", "cut", "expire", "refuse", "reset", "still"
]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong.

    ===============  ==============================================================================
    ``error``        500, nothing was done
    ``unavailable``  503 with Retry-After, nothing was done
    ``rate``         429 too_many_requests
    ``writes``       429 too_many_write_operations
    ``hang``         the answer takes ``seconds``
    ``drop``         the connection breaks before anything was done
    ``lose``         it was done, then the connection breaks: nobody hears the answer
    ``cut``          the connection breaks in the middle of the answer
    ``expire``       the access token ends just now
    ``refuse``       401 invalid_access_token, whatever the token
    ``reset``        the cursor is no longer known
    ``still``        the page is empty, promises more, and its cursor is the one that was handed in
    ===============  ==============================================================================
    """

    kind: Kind
    route: str = "*"
    """such as ``files/tags/add``, ``files/list_folder*``, ``oauth2/token``"""
    after: int = 0
    """calls of the route that come first"""
    times: int = 1
    """calls of the route that go wrong then; of several faults that are due, the first planned comes first"""
    seconds: float = 0.0
    """of Retry-After, or how long it hangs"""


def plan(state: State, fault: Fault) -> None:
    """Have it go wrong."""
    state.do(
        "INSERT INTO faults (route, kind, skip, times, seconds) VALUES (?, ?, ?, ?, ?)",
        fault.route, fault.kind, fault.after, fault.times, fault.seconds,
    )  # fmt: skip


def strike(state: State, route: str) -> Fault | None:
    """What goes wrong with this call; whatever it is has then happened once more."""
    if state.row("SELECT 1 FROM faults LIMIT 1") is None:
        return None
    with state.all_or_nothing():
        planned = [row for row in state.rows("SELECT * FROM faults ORDER BY number") if _is_of(row["route"], route)]
        for row in planned:
            state.do("UPDATE faults SET skip = max(skip - 1, 0) WHERE number = ?", row["number"])
        for row in planned:
            if not row["skip"]:
                state.do("UPDATE faults SET times = times - 1 WHERE number = ?", row["number"])
                state.do("DELETE FROM faults WHERE number = ? AND times <= 0", row["number"])
                return Fault(row["kind"], row["route"], seconds=row["seconds"])
    return None


def _is_of(pattern: str, route: str) -> bool:
    return fnmatch.fnmatchcase(route, pattern)
