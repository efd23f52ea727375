"""list_folder: pages of what is there, then of what changed; cursors that know where they stand."""

from __future__ import annotations

import base64
import json
import sqlite3
from dataclasses import asdict, dataclass, replace
from typing import Any

from tests.twins.dropbox.state import State
from tests.twins.dropbox.tree import Lookup, Tree

LIMIT = 500
"""entries of a page where nobody says how many"""


class Reset(Exception):
    """The cursor is no longer known."""


class Nonsense(Exception):
    """That is no cursor."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a listing stands: all changes up to ``seq`` are told, ``since`` it began by listing."""

    root: str
    base: str
    """what is cut off the front of paths: a member's home within the space of the team"""
    folder: str
    recursive: bool
    limit: int
    all_files: bool
    generation: int
    seq: int = 0
    since: int = 0
    blank: int = 0
    """pages without entries given since the last one with some"""

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(list(asdict(self).values())).encode()).decode()

    @classmethod
    def parse(cls, text: str) -> Cursor:
        try:
            return cls(*json.loads(base64.urlsafe_b64decode(text)))
        except (ValueError, TypeError) as error:
            raise Nonsense from error


@dataclass(frozen=True, slots=True)
class Listed:
    """A page."""

    rows: list[sqlite3.Row]
    cursor: Cursor
    more: bool


def begin(state: State, tree: Tree, base: str, folder: str, *, recursive: bool, limit: int, all_files: bool) -> Cursor:
    """A cursor before everything. Raises Lookup where there is no such folder."""
    if folder:
        tree.need(folder, "folder")
    generation = state.knob("generation", 0)
    return Cursor(tree.root, base, folder.lower(), recursive, limit, all_files, generation, since=tree.now())


def page(state: State, cursor: Cursor) -> Listed:
    """The page behind a cursor. Raises Reset; Lookup where the folder itself is gone."""
    if cursor.generation != state.knob("generation", 0):
        raise Reset
    tree = Tree(state, cursor.root)
    if cursor.folder and tree.at(cursor.folder) is None:
        raise Lookup
    limit = min(cursor.limit, state.knob("page_size", 0) or cursor.limit)
    rows = _rows(state, cursor, limit + 1)
    if rows and cursor.blank < state.knob("empty_pages", 0):
        return Listed([], replace(cursor, blank=cursor.blank + 1), True)
    more = len(rows) > limit
    rows = rows[:limit]
    # A listing that came to its end has told what changed meanwhile, too.
    seq = rows[-1]["seq"] if more else tree.now()
    return Listed(rows, replace(cursor, seq=seq, blank=0), more)


def _rows(state: State, cursor: Cursor, count: int) -> list[sqlite3.Row]:
    folder = cursor.folder
    where = "root = ? AND seq > ? AND (kind != 'deleted' OR seq > ?)"
    values: list[Any] = [cursor.root, cursor.seq, cursor.since]
    if not cursor.all_files:
        where += " AND downloadable"
    if folder and cursor.recursive:
        where += " AND (path = ? OR path >= ? AND path < ?)"
        values += [folder, folder + "/", folder + "0"]
    elif folder:
        where += " AND path >= ? AND path < ?"
        values += [folder + "/", folder + "0"]
    if not cursor.recursive:
        where += " AND instr(substr(path, ?), '/') = 0"
        values.append(len(folder) + 2)
    return state.rows(f"SELECT * FROM entries WHERE {where} ORDER BY seq LIMIT ?", *values, count)


def told(row: sqlite3.Row, base: str) -> dict[str, Any]:
    """An entry as the API writes it."""
    display = row["display"][len(base) :]
    name = display.rsplit("/", 1)[-1]
    entry = {".tag": row["kind"], "name": name, "path_lower": row["path"][len(base) :], "path_display": display}
    if row["kind"] == "folder":
        entry["id"] = row["id"]
    elif row["kind"] == "file":
        entry |= {
            "id": row["id"], "client_modified": row["modified"], "server_modified": row["modified"],
            "rev": row["rev"], "size": row["size"], "is_downloadable": bool(row["downloadable"]),
        }  # fmt: skip
        if row["downloadable"]:
            entry["content_hash"] = row["hash"]
        else:
            entry["export_info"] = {"export_as": "pdf"}
    return entry
