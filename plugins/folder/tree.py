"""The pictures and videos of a directory tree, as they lie on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connector_core.errors import PlatformDown
from plugins.folder.disk import sweep
from plugins.folder.media import is_hidden, media_type

MAX_DEPTH = 200


@dataclass(slots=True)
class Blind:
    """What a walk could not see."""

    notes: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    """directories, ending with a slash, about whose files nothing is known"""


def walk(root: Path, blind: Blind) -> Iterator[tuple[str, os.stat_result]]:
    """Path from the root, with slashes, and state of every picture and video. Raises PlatformDown without a root.

    No link is followed: one that stays inside leads to what is found anyway, one that leaves is noted in ``blind``.
    """
    todo = [""]
    while todo:
        place = todo.pop()
        try:
            with os.scandir(root / place) as entries:
                for entry in entries:
                    found = _look(root, place, entry, todo, blind)
                    if found is not None:
                        yield found
        except OSError as error:
            if not place:
                raise PlatformDown(f"The folder {root} cannot be opened; is its disk connected?", after=60.0) from error
            blind.places.append(place)
            blind.notes.append(f"The directory {place} cannot be opened ({error.strerror}); what is in it is left out.")


def _look(
    root: Path, place: str, entry: os.DirEntry[str], todo: list[str], blind: Blind
) -> tuple[str, os.stat_result] | None:
    if is_hidden(entry.name):
        sweep(entry)
        return None
    path = place + entry.name
    if not path.isprintable() and not _is_unicode(path):
        shown = path.encode("utf-8", "replace").decode()
        blind.notes.append(f"The name {shown} is not written in Unicode; rename it and it will be seen.")
        return None
    if entry.is_symlink():
        if not Path(os.path.realpath(entry.path)).is_relative_to(root):
            blind.notes.append(f"{path} is a link that leaves the folder; it was not followed.")
        return None
    if entry.is_dir(follow_symlinks=False):
        if path.count("/") >= MAX_DEPTH:
            blind.places.append(path + "/")
            blind.notes.append(f"The directory {path} lies too deep; what is in it is left out.")
        else:
            todo.append(path + "/")
        return None
    if not media_type(entry.name) or not entry.is_file(follow_symlinks=False):
        return None
    try:
        return path, entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None


def _is_unicode(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
