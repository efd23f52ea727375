"""What changed in a folder: walk it, read what looks different, tell it page by page."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from connector_core.errors import Gone, PlatformDown
from connector_core.types import Asset, Page
from model_service.errors import TaggingError
from plugins.folder import disk, tree
from plugins.folder.cursor import Cursor
from plugins.folder.media import media_type
from plugins.folder.memory import Memory, Reading, Row
from plugins.folder.version import version

MAX_READ = 2**30
"""bytes read for one page, give or take one file"""
MAX_NOTES = 100
TICK = 2 * 10**9
"""the coarsest clock of a file system, in nanoseconds"""


def changes(root: Path, memory: Memory, text: str, *, size: int, progress: Callable[[int], None]) -> Page:
    """The page behind a cursor. The tree is walked at the beginning of every row of pages, not within it."""
    notes: list[str] = []
    cursor = Cursor.parse(text, memory.id) if text else Cursor(memory.id)
    if not cursor.step:
        notes += _scan(root, memory, is_first=not text)
        cursor = Cursor(memory.id, cursor.seq, removals_after=0 if text else memory.last())
    notes += _read(root, memory, size, progress)
    rows = memory.rows(cursor.seq, removals_after=cursor.removals_after, limit=size + 1)
    more = len(rows) > size or memory.waiting() > 0
    rows = rows[:size]
    seq = rows[-1].seq if rows else cursor.seq
    if not more:
        seq = max(seq, cursor.removals_after)
    ahead = Cursor(memory.id, seq, cursor.removals_after, cursor.step + 1) if more else Cursor(memory.id, seq)
    return Page(tuple(map(_asset, rows)), str(ahead), more, _few(notes))


def _scan(root: Path, memory: Memory, *, is_first: bool) -> list[str]:
    blind = tree.Blind()
    if not is_first and root.is_dir() and not any(root.iterdir()):
        raise PlatformDown(
            f"The folder {root} is empty; is its disk connected? If it is meant to be empty, put any file there.",
            after=60.0,
        )
    memory.see(tree.walk(root, blind), blind.places)
    return [memory.note, *blind.notes] if memory.note else blind.notes


def _read(root: Path, memory: Memory, size: int, progress: Callable[[int], None]) -> list[str]:
    """Find the versions of files that wait for it, as many as one page bears."""
    notes: list[str] = []
    readings: list[Reading] = []
    left, done = memory.waiting(), 0
    for path in memory.pending(size):
        reading, cost = _one(root, memory, path, notes)
        readings.append(reading)
        done, left = done + cost, left - 1
        progress(left)
        if done > MAX_READ:
            break
    if readings:
        memory.settle(readings)
    return notes


def _one(root: Path, memory: Memory, path: str, notes: list[str]) -> tuple[Reading, int]:
    try:
        with disk.opened(root / path) as file:
            found = os.fstat(file.fileno())
            if known := memory.same_file(found):
                return Reading(path, known, found), 0
            result = version(file)
            after = os.fstat(file.fileno())
    except Gone:
        return Reading(path, "", None), 0
    except TaggingError as error:
        notes.append(str(error))
        return Reading(path, "", None), 0
    except OSError as error:
        notes.append(f"{path} cannot be read: {error.strerror}.")
        return Reading(path, "", None), 0
    is_quiet = (found.st_mtime_ns, found.st_size) == (after.st_mtime_ns, after.st_size)
    is_old = time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > TICK
    return Reading(path, result, found, is_quiet and is_old), found.st_size


def _asset(row: Row) -> Asset:
    name = row.path.rsplit("/", 1)[-1]
    if row.removed:
        return Asset(row.path, "", name, removed=True)
    return Asset(row.path, row.version, name, row.size, media_type(name), path=row.path)


def _few(notes: list[str]) -> tuple[str, ...]:
    if len(notes) <= MAX_NOTES:
        return tuple(notes)
    return (*notes[:MAX_NOTES], f"and {len(notes) - MAX_NOTES} more like these.")
