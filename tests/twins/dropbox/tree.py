"""Files and folders of a Dropbox: paths in any case, ids that survive moves, a log with the last word on each path."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from dataclasses import dataclass

from dropbox.content_hash import DropboxContentHasher

from tests.twins.dropbox.state import State

MOST_TAGS = 20


@dataclass(frozen=True, slots=True)
class Lookup(Exception):
    """There is nothing there, or not what was expected: a LookupError of the contract."""

    tag: str = "not_found"


class TooManyTags(Exception):
    """The item has as many tags as it may have."""


def content_hash(data: bytes) -> str:
    """As Dropbox hashes: over the hashes of blocks of 4 MiB."""
    hasher = DropboxContentHasher()
    hasher.update(data)
    return str(hasher.hexdigest())


class Tree:
    """The files below one root namespace; paths are from there."""

    def __init__(self, state: State, root: str) -> None:
        self._state = state
        self.root = root

    def put(self, path: str, data: bytes, *, downloadable: bool = True, again: bool = False) -> str:
        """Write a file, making folders; its id. The same bytes change nothing, unless a new revision is wanted."""
        found = content_hash(data)
        with self._state.all_or_nothing():
            old = self.at(path)
            if old is not None and old["kind"] == "folder":
                self._bury(old["path"], leave=False)
                old = None
            if old is not None and old["hash"] == found and not again:
                return str(old["id"])
            self.folder(path.rsplit("/", 1)[0])
            self._state.do("INSERT OR IGNORE INTO bytes VALUES (?, ?)", found, data)
            made = old["id"] if old is not None else _id()
            self._write(path, "file", made, found, len(data), downloadable)
            return str(made)

    def folder(self, path: str) -> None:
        """Make a folder and those above it; a file in the way is gone then."""
        if not path:
            return
        here = self.at(path)
        if here is not None and here["kind"] == "folder":
            return
        self.folder(path.rsplit("/", 1)[0])
        self._write(path, "folder", _id(), "", 0, True)

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all that is in it. Raises Lookup."""
        with self._state.all_or_nothing():
            self._bury(self.need(path)["path"], leave=True)

    def move(self, path: str, to: str) -> None:
        """Move or rename; ids, revisions of content and tags stay. Raises Lookup."""
        with self._state.all_or_nothing():
            rows = self.below(self.need(path)["path"])
            self._bury(path.lower(), leave=True, keeps_tags=True)
            self.folder(to.rsplit("/", 1)[0])
            for row in rows:
                place = to + row["display"][len(path) :]
                self._write(place, row["kind"], row["id"], row["hash"], row["size"], row["downloadable"], row["rev"])

    def at(self, path: str) -> sqlite3.Row | None:
        """What is at a path now."""
        return self._state.row(
            "SELECT * FROM entries WHERE root = ? AND path = ? AND kind != 'deleted'", self.root, path.lower()
        )

    def need(self, path: str, kind: str = "") -> sqlite3.Row:
        """What is at a path or has an id. Raises Lookup."""
        if path.startswith("id:"):
            found = self._state.row("SELECT * FROM entries WHERE root = ? AND id = ?", self.root, path)
        else:
            found = self.at(path)
        if found is None:
            raise Lookup()
        if kind and found["kind"] != kind:
            raise Lookup(f"not_{kind}")
        return found

    def below(self, path: str) -> list[sqlite3.Row]:
        """What is at a path and below it, folders before what is in them."""
        return self._state.rows(
            "SELECT * FROM entries WHERE root = ? AND (path = ? OR path >= ? AND path < ?) AND kind != 'deleted' "
            "ORDER BY path",
            self.root, path, path + "/", path + "0",
        )  # fmt: skip

    def data(self, row: sqlite3.Row) -> bytes:
        """The bytes of a file."""
        found = self._state.row("SELECT data FROM bytes WHERE hash = ?", row["hash"])
        assert found is not None
        return bytes(found["data"])

    def tags(self, row: sqlite3.Row) -> list[str]:
        """The tags of an item."""
        return [one["tag"] for one in self._state.rows("SELECT tag FROM tags WHERE id = ? ORDER BY tag", row["id"])]

    def tag(self, row: sqlite3.Row, text: str) -> bool:
        """Add a tag; false if it was there. Raises TooManyTags."""
        with self._state.all_or_nothing():
            tags = self.tags(row)
            if text.lower() in tags:
                return False
            if len(tags) >= MOST_TAGS:
                raise TooManyTags
            return self._state.do("INSERT INTO tags VALUES (?, ?)", row["id"], text.lower()) > 0

    def untag(self, row: sqlite3.Row, text: str) -> bool:
        """Take a tag away; false if it was not there."""
        return self._state.do("DELETE FROM tags WHERE id = ? AND tag = ?", row["id"], text.lower()) > 0

    def now(self) -> int:
        """The number of the latest change."""
        found = self._state.row("SELECT seq FROM clocks WHERE root = ?", self.root)
        return int(found["seq"]) if found is not None else 0

    def _write(self, path: str, kind: str, made: str, hash: str, size: int, downloadable: bool, rev: str = "") -> None:
        self._state.do("INSERT INTO clocks VALUES (?, 1) ON CONFLICT (root) DO UPDATE SET seq = seq + 1", self.root)
        modified = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._state.do(
            "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.root, path.lower(), kind, made, path, hash, size, rev or secrets.token_hex(8), modified,
            downloadable, self.now(),
        )  # fmt: skip

    def _bury(self, path: str, *, leave: bool, keeps_tags: bool = False) -> None:
        """Take away what is at a path and below it; ``leave`` a word that it was there: one, for all of it."""
        for row in self.below(path):
            if not keeps_tags:
                self._state.do("DELETE FROM tags WHERE id = ?", row["id"])
            self._state.do("DELETE FROM entries WHERE root = ? AND path = ?", self.root, row["path"])
        if leave:
            self._write(path, "deleted", "", "", 0, True)


def _id() -> str:
    return "id:" + hashlib.sha256(secrets.token_bytes(16)).hexdigest()[:22]
