"""One at a time: a lock on a folder, for a process that must be the only one to work in it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model_service.errors import Misconfigured


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder. Raises Misconfigured where another process does; a process that is killed lets go."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "serving", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _locked(handle):
            raise Misconfigured(
                f"Another service works in {folder} already. Stop it, name another folder in PROPERNOUN_DATA, "
                f"or set PROPERNOUN_REDIS and PROPERNOUN_QDRANT, with which several processes share the work."
            )
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
