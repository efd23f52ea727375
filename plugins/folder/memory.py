"""What was seen in a folder and when, in a small SQLite file, so that unchanged files are not read again."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector_core.errors import Retry

log = logging.getLogger(__name__)

FORMAT = 1
UNSURE = -1
SCHEMA = """
create table if not exists meta (id text not null);
create table if not exists files (
    path text primary key, size integer, mtime integer, ctime integer, inode text,
    version text not null, seq integer not null, removed integer not null, pending integer not null
) without rowid;
create index if not exists files_seq on files (seq);
create index if not exists files_pending on files (path) where pending = 1;
create index if not exists files_inode on files (inode);
"""
SEEN = """
create temp table if not exists seen (
    path text primary key, size integer, mtime integer, ctime integer, inode text
) without rowid;
create temp table if not exists blind (place text not null);
"""
NEW = """
insert into files select path, size, mtime, ctime, inode, '', 0, 0, 1 from seen
where path not in (select path from files)
"""
CHANGED = """
update files set pending = 1, version = case removed when 1 then '' else version end, removed = 0
from seen where seen.path = files.path
and (removed = 1 or (files.size, files.mtime, files.ctime, files.inode)
     is not (seen.size, seen.mtime, seen.ctime, seen.inode))
"""
ABSENT = """
path not in (select path from seen) and removed = 0
and not exists (select 1 from blind where substr(files.path, 1, length(place)) = place)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A file as it was last seen; ``seq`` grows with every change of any file."""

    path: str
    version: str
    size: int
    seq: int
    removed: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: its state, and its version. ``version`` is empty where it could not be read."""

    path: str
    version: str
    found: os.stat_result | None
    is_sure: bool = True
    """false: it may have changed in the very moment of reading, so the next scan reads it again"""


class Memory:
    """The memory of one folder. Safe for threads and processes.

    Where ``path`` cannot be written it forgets at the end, and ``note`` says so.
    """

    def __init__(self, path: Path) -> None:
        self.note = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _open(str(path))
        except (OSError, sqlite3.OperationalError):
            self.note = f"{path} cannot be written, so what was seen is forgotten when the program ends."
            self._db = _open(":memory:")
        except sqlite3.DatabaseError:
            log.warning("%s was damaged and is begun anew", path)
            path.unlink()
            self._db = _open(str(path))
        weakref.finalize(self, self._db.close)
        (self.id,) = self._db.execute("select id from meta").fetchone()

    def see(self, found: Iterable[tuple[str, os.stat_result]], places: Sequence[str]) -> None:
        """Take in a walk: files that look different become pending, absent ones removed.

        ``places`` is read after ``found``: nothing below these directories is known.
        """
        with self._writing(begin="begin"):
            self._db.execute("delete from seen")
            self._db.execute("delete from blind")
            rows = ((path, s.st_size, s.st_mtime_ns, s.st_ctime_ns, str(s.st_ino)) for path, s in found)
            self._db.executemany("insert or replace into seen values (?, ?, ?, ?, ?)", rows)
            self._db.executemany("insert into blind values (?)", ((place,) for place in places))
        with self._writing():
            self._db.execute(NEW)
            self._db.execute(CHANGED)
            self._db.execute(f"delete from files where seq = 0 and {ABSENT}")
            absent = self._db.execute(f"select path from files where {ABSENT} order by path").fetchall()
            self._db.executemany(
                "update files set removed = 1, pending = 0, seq = ? where path = ?",
                ((seq, path) for seq, (path,) in enumerate(absent, self._last() + 1)),
            )

    def pending(self, limit: int) -> list[str]:
        """Some of the files that wait to be read."""
        found = self._db.execute("select path from files where pending = 1 order by path limit ?", (limit,))
        return [path for (path,) in found]

    def waiting(self) -> int:
        """How many files wait to be read."""
        (count,) = self._db.execute("select count(*) from files where pending = 1").fetchone()
        return int(count)

    def same_file(self, found: os.stat_result) -> str:
        """The version of this very file under an earlier name, empty if there was none: a move costs no reading."""
        # Unpacked archives give many files one full second, and disks give inodes anew: too little to go by.
        if not found.st_ino or not found.st_mtime_ns % 10**9:
            return ""
        row = self._db.execute(
            "select version from files where inode = ? and size = ? and mtime = ? and pending = 0 and version != ''",
            (str(found.st_ino), found.st_size, found.st_mtime_ns),
        ).fetchone()
        return str(row[0]) if row else ""

    def settle(self, readings: Sequence[Reading]) -> None:
        """Take in what was read; a version that differs is a change."""
        with self._writing():
            seq = self._last()
            for one in readings:
                known = self._db.execute("select version from files where path = ?", (one.path,)).fetchone()
                if one.found is None or known is None:
                    self._db.execute("update files set pending = 0, mtime = ? where path = ?", (UNSURE, one.path))
                    continue
                if known[0] != one.version:
                    seq += 1
                    self._db.execute(
                        "update files set version = ?, seq = ?, removed = 0 where path = ?",
                        (one.version, seq, one.path),
                    )
                self._keep(one.path, one.found, one.is_sure)

    def rewrote(self, path: str, version: str, found: os.stat_result) -> None:
        """We wrote metadata ourselves and the version stayed: no reason to read the file again."""
        with self._writing():
            known = self._db.execute(
                "select 1 from files where path = ? and version = ? and removed = 0 and pending = 0", (path, version)
            ).fetchone()
            if known:
                self._keep(path, found, True)

    def rows(self, after: int, *, removals_after: int, limit: int) -> list[Row]:
        """What changed after ``after``, oldest first; removals only if they are newer than ``removals_after``."""
        found = self._db.execute(
            "select path, version, size, seq, removed from files where seq > ? and (removed = 0 or seq > ?)"
            " order by seq limit ?",
            (after, removals_after, limit),
        )
        return [Row(path, version, size, seq, bool(removed)) for path, version, size, seq, removed in found]

    def last(self) -> int:
        """The newest change."""
        return self._last()

    def _keep(self, path: str, found: os.stat_result, is_sure: bool) -> None:
        mtime = found.st_mtime_ns if is_sure else UNSURE
        self._db.execute(
            "update files set size = ?, mtime = ?, ctime = ?, inode = ?, pending = 0 where path = ?",
            (found.st_size, mtime, found.st_ctime_ns, str(found.st_ino), path),
        )

    def _last(self) -> int:
        (last,) = self._db.execute("select coalesce(max(seq), 0) from files").fetchone()
        return int(last)

    @contextlib.contextmanager
    def _writing(self, begin: str = "begin immediate") -> Iterator[None]:
        try:
            self._db.execute(begin)
            try:
                yield
            except BaseException:
                self._db.execute("rollback")
                raise
            self._db.execute("commit")
        except sqlite3.OperationalError as error:
            raise Retry(f"What was seen in the folder could not be written down ({error}).", after=30.0) from error


def _open(place: str) -> sqlite3.Connection:
    db = sqlite3.connect(place, timeout=30.0, isolation_level=None, check_same_thread=False)
    try:
        (found,) = db.execute("pragma user_version").fetchone()
        if found not in (0, FORMAT):
            db.executescript("drop table if exists meta; drop table if exists files;")
        db.executescript(SCHEMA + SEEN)
        db.execute(f"pragma user_version = {FORMAT}")
        db.execute("pragma synchronous = normal")
        db.execute("begin immediate")
        if db.execute("select 1 from meta").fetchone() is None:
            db.execute("insert into meta values (?)", (secrets.token_hex(6),))
        db.execute("commit")
    except sqlite3.Error:
        db.close()
        raise
    return db
