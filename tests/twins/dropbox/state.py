"""What the twin holds: one SQLite database, in memory or in a file that other processes may open, too."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS knobs (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (
  id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, root TEXT NOT NULL, home TEXT NOT NULL, home_path TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
  root TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, display TEXT NOT NULL,
  hash TEXT NOT NULL, size INTEGER NOT NULL, rev TEXT NOT NULL, modified TEXT NOT NULL,
  downloadable INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (root, path)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS entries_seq ON entries (root, seq);
CREATE INDEX IF NOT EXISTS entries_id ON entries (id);
CREATE TABLE IF NOT EXISTS clocks (root TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS bytes (hash TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tags (id TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (id, tag)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS codes (
  code TEXT PRIMARY KEY, account TEXT, client TEXT, redirect TEXT, challenge TEXT, scope TEXT, offline INTEGER,
  born REAL);
CREATE TABLE IF NOT EXISTS tokens (
  access TEXT PRIMARY KEY, refresh TEXT, account TEXT, scope TEXT, ends REAL, revoked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS refreshes (
  refresh TEXT PRIMARY KEY, account TEXT, scope TEXT, challenged INTEGER, revoked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS faults (
  number INTEGER PRIMARY KEY, route TEXT, kind TEXT, skip INTEGER, times INTEGER, seconds REAL);
CREATE TABLE IF NOT EXISTS calls (
  number INTEGER PRIMARY KEY, at REAL, route TEXT, account TEXT, status INTEGER, sent INTEGER, answered INTEGER,
  argument TEXT);
CREATE TABLE IF NOT EXISTS writes (
  number INTEGER PRIMARY KEY, at REAL, route TEXT, account TEXT, path TEXT, id TEXT, tag TEXT, changed INTEGER);
"""


class State:
    """The database. Safe for threads; of several processes that hold the same file, too."""

    def __init__(self, place: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._deep = 0
        self._db = sqlite3.connect(place or ":memory:", check_same_thread=False, isolation_level=None, timeout=30)
        self._db.row_factory = sqlite3.Row
        for said in ("journal_mode=WAL", "synchronous=OFF", "busy_timeout=30000"):
            self._db.execute(f"PRAGMA {said}")
        self._db.executescript(SCHEMA)

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What is done within happens at once, or not at all."""
        with self._lock:
            if not self._deep:
                self._db.execute("BEGIN IMMEDIATE")
            self._deep += 1
            try:
                yield
            except BaseException:
                if self._deep == 1:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if self._deep == 1:
                    self._db.execute("COMMIT")
            finally:
                self._deep -= 1

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Everything that a statement finds."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first that a statement finds."""
        with self._lock:
            found: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
            return found

    def do(self, sql: str, *values: Any) -> int:
        """Change something; how many rows that were."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def knob(self, name: str, default: Any) -> Any:
        """How the twin is set."""
        found = self.row("SELECT value FROM knobs WHERE name = ?", name)
        return default if found is None else json.loads(found["value"])

    def turn(self, name: str, value: Any) -> None:
        """Set the twin otherwise."""
        self.do("INSERT OR REPLACE INTO knobs VALUES (?, ?)", name, json.dumps(value))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()
