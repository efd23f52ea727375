"""Reading and replacing whole files, so that a crash leaves the old one or the new one and never half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from connector_core.errors import Gone, ReadOnly, Retry
from model_service.errors import Unreadable

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)

BLOCK = 2**20
DRAFT = (".", ".propernoun")
"""how the names of files begin and end that are about to replace another"""
STALE = 24 * 3600.0
"""seconds after which nobody works on a draft any more"""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A regular file, opened for reading; a link is not followed. Raises Gone, Unreadable."""
    try:
        handle = os.open(path, os.O_RDONLY | NO_FOLLOW)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise Gone(f"{path.name} is no file any more.")
        with os.fdopen(handle, "rb") as file:
            yield file
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Gone(f"{path.name} is no longer in the folder.") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Gone(f"{path.name} is a link, and links are not followed.") from error
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}. Check who may read it.") from error


def copy(source: BinaryIO, to: Path, *, limit: int) -> bool:
    """Copy to a file that is whole or absent; false, and nothing there, past ``limit`` bytes. Raises Retry."""
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".", dir=to.parent)
        left = limit
        with os.fdopen(handle, "wb") as file:
            while block := source.read(BLOCK):
                left -= len(block)
                if left < 0:
                    return False
                file.write(block)
        os.replace(temporary, to)
        temporary = None
        return True
    except OSError as error:
        raise Retry(f"{to.name} could not be copied: {error.strerror}.", after=60.0) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def replace(path: Path, data: bytes, *, seen: os.stat_result | None) -> os.stat_result:
    """Put ``data`` in the place of the file, keeping its mode, owner and extended attributes.

    The modification time moves: backups and sync tools find changes by it. ``seen`` is the file as it was when read,
    None where it is new; raises Retry if somebody else has written it since, ReadOnly where it cannot be written.
    """
    temporary: str | None = None
    try:
        # Hidden, so that neither people nor a scan take it for a picture.
        handle, temporary = tempfile.mkstemp(prefix=DRAFT[0], suffix=DRAFT[1], dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _dress(Path(temporary), path, seen)
        if _now(path) != (None if seen is None else _mark(seen)):
            raise Retry(f"{path.name} was changed by another program just now; it will be tried again.", after=10.0)
        written = os.stat(temporary)
        os.replace(temporary, path)
        temporary = None
        _sync_directory(path.parent)
        return written if os.name == "nt" else os.lstat(path)
    except OSError as error:
        raise ReadOnly(f"{path.name} cannot be written: {error.strerror}. Nothing was changed.") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def sweep(entry: os.DirEntry[str]) -> None:
    """Remove the entry if it is a draft of ours that a killed program left behind; what cannot be removed stays."""
    if entry.name.startswith(DRAFT[0]) and entry.name.endswith(DRAFT[1]):
        with contextlib.suppress(OSError):
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > STALE:
                os.unlink(entry.path)


def remove(path: Path) -> None:
    """Take away a file that only we had made."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ReadOnly(f"{path.name} cannot be removed: {error.strerror}.") from error


def _dress(temporary: Path, path: Path, seen: os.stat_result | None) -> None:
    if seen is None:
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        return
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(temporary, seen.st_uid, seen.st_gid)
    with contextlib.suppress(OSError):
        shutil.copystat(path, temporary)
    os.utime(temporary)


def _mark(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def may_write(path: Path) -> bool:
    """Whether the file itself, rather than its folder, lets us write."""
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _now(path: Path) -> tuple[int, int, int] | None:
    try:
        return _mark(os.lstat(path))
    except FileNotFoundError:
        return None


def _sync_directory(directory: Path) -> None:
    """Make the new name itself survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
