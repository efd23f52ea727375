"""Who called and wrote what: the figures for measures, and the proof that nothing was written twice."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.twins.dropbox.state import State


@dataclass(frozen=True, slots=True)
class Write:
    """A write that came over the API and was accepted; what people did is not among these."""

    route: str
    account: str
    path: str
    id: str
    tag: str
    changed: bool
    """false: the tag was there already"""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a route was used for."""

    calls: int
    sent: int
    """bytes of bodies that came in"""
    answered: int
    """bytes of bodies that went out"""


def note_call(state: State, route: str, account: str, status: int, sent: int, answered: int, argument: str) -> None:
    """Count a call."""
    state.do(
        "INSERT INTO calls (at, route, account, status, sent, answered, argument) VALUES (?, ?, ?, ?, ?, ?, ?)",
        time.time(), route, account, status, sent, answered, argument,
    )  # fmt: skip


def note_write(state: State, route: str, account: str, path: str, entry: str, tag: str, changed: bool) -> None:
    """Note a write."""
    state.do(
        "INSERT INTO writes (at, route, account, path, id, tag, changed) VALUES (?, ?, ?, ?, ?, ?, ?)",
        time.time(), route, account, path, entry, tag, changed,
    )  # fmt: skip


def calls(state: State) -> dict[str, int]:
    """By route, how often it was called."""
    return {route: one.calls for route, one in traffic(state).items()}


def traffic(state: State) -> dict[str, Traffic]:
    """By route, calls and bytes."""
    rows = state.rows("SELECT route, count(*) n, sum(sent) s, sum(answered) a FROM calls GROUP BY route ORDER BY route")
    return {row["route"]: Traffic(row["n"], row["s"], row["a"]) for row in rows}


def writes(state: State) -> list[Write]:
    """Every write, in its order."""
    rows = state.rows("SELECT route, account, path, id, tag, changed FROM writes ORDER BY number")
    return [Write(*tuple(row)[:5], bool(row["changed"])) for row in rows]
