"""Photos on this machine's disk: which files of a folder are pictures, and what day they were taken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from model_service.errors import Misconfigured

SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .webp .heic .heif .avif .tif .tiff .gif .bmp".split(),
)
MOST = 1_000_000


def is_photo(name: str) -> bool:
    """Whether a file of this name is a picture that people see as theirs."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES


def find_photos(root: Path) -> list[Path]:
    """Every picture below a folder, in the order of their names; hidden ones and links to folders are left alone.

    Raises Misconfigured where there is no such folder, or where it holds more than anyone means.
    """
    if not root.is_dir():
        raise Misconfigured(f"There is no folder {root}; write the path of one that exists.")
    found = []
    for path in _walk(root):
        found.append(path)
        if len(found) > MOST:
            raise Misconfigured(f"{root} holds more than {MOST:,} photos; name a folder inside it.")
    return found


def _walk(root: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if is_photo(name))
