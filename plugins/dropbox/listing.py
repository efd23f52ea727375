"""Listing: pages of what is in a Dropbox and of what changed, and the cursor between them."""

from __future__ import annotations

import calendar
import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from connector_core.errors import StaleCursor
from connector_core.media import media_type
from connector_core.types import Asset, Page
from model_service.errors import Misconfigured, Refuse
from plugins.dropbox.api import Api, Conflict, NotUnderstood

MOST = 2000
"""entries that Dropbox gives at once"""
STEPS = {"list": (True, False), "list-odd": (True, True), "follow": (False, False), "follow-odd": (False, True)}
"""how a cursor begins: whether it is of the first listing, and whether folders are called like pictures"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reader stands, in a text of ours around Dropbox's own: it is no good for another folder or root."""

    is_listing: bool
    """the first listing has not come to its end"""
    is_odd: bool
    """there are folders that are called like pictures, so a picture may take the place of a folder"""
    scope: str
    theirs: str

    @classmethod
    def parse(cls, text: str, scope: str) -> Self:
        """Raises StaleCursor where the text is none of ours, or of something else that was followed."""
        step, _, rest = text.partition(".")
        of, _, theirs = rest.partition(".")
        if step not in STEPS or of != scope or not theirs:
            raise StaleCursor("What is followed in this Dropbox has changed; its files are listed again.")
        return cls(*STEPS[step], scope, theirs)

    def __str__(self) -> str:
        (step,) = (name for name, found in STEPS.items() if found == (self.is_listing, self.is_odd))
        return f"{step}.{self.scope}.{self.theirs}"


def changes(api: Api, folder: str, root: str, text: str, *, limit: int = MOST) -> Page:
    """The page behind a cursor. Raises StaleCursor, Misconfigured where the folder is not there."""
    scope = hashlib.sha256(f"{root}\n{folder.lower()}".encode()).hexdigest()[:8]
    cursor = Cursor.parse(text, scope) if text else Cursor(True, False, scope, "")
    found = _ask(api, folder, cursor, limit)
    more = bool(found["has_more"])
    page = _Fold(cursor.is_listing, cursor.is_odd)
    page.read(found["entries"])
    ahead = Cursor(cursor.is_listing and more, page.is_odd, scope, str(found["cursor"]))
    removed = [Asset("", "", path.rsplit("/", 1)[-1], removed=True, path=path) for path in page.removed]
    return Page((*removed, *page.assets.values()), str(ahead), more, tuple(page.notes))


def _ask(api: Api, folder: str, cursor: Cursor, limit: int) -> Mapping[str, Any]:
    try:
        if cursor.theirs:
            found = api.call("files/list_folder/continue", {"cursor": cursor.theirs})
        else:
            asked = {"path": folder, "recursive": True, "include_deleted": False, "limit": limit}
            found = api.call("files/list_folder", asked)
    except Conflict as error:
        if error.tags.startswith("reset"):
            raise StaleCursor("Dropbox no longer knows where we stood; the files are listed again.") from error
        if error.tags.startswith("path"):
            raise Misconfigured(f"There is no folder {folder or '/'} in this Dropbox; choose another one.") from error
        raise Refuse(f"Dropbox does not list {folder or '/'} ({error.tags}).") from error
    except NotUnderstood as error:
        if not cursor.theirs:
            raise
        raise StaleCursor("Dropbox does not know this place in its changes; the files are listed again.") from error
    assert isinstance(found, dict)
    return found


@dataclass(slots=True)
class _Fold:
    """What entries come to, one after the other: paths that are no more, then what is there.

    A file takes the place of what was at its path; a folder that is no more takes along all that was in it.
    """

    is_listing: bool
    is_odd: bool
    removed: dict[str, None] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def read(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Take entries in, in the order of Dropbox."""
        for entry in entries:
            path, name = str(entry["path_lower"]), str(entry["name"])
            match entry[".tag"]:
                case "file":
                    self._clear(path)
                    if self.is_odd and media_type(name):
                        self._clear(path + "/")
                        self.removed[path] = None
                    self._file(entry, path, name)
                case "folder" if media_type(name):
                    self._clear(path)
                    self.is_odd = True
                    if not self.is_listing:
                        # A picture may have been here; what is in the folder is not told, so no path can be removed.
                        raise StaleCursor(f"{name} has become a folder; the files are listed again.")
                case "deleted":
                    self._clear(path)
                    self._clear(path + "/")
                    self.removed[path] = None

    def _file(self, entry: Mapping[str, Any], path: str, name: str) -> None:
        if not media_type(name) or any(step.startswith(".") for step in path.split("/")):
            return
        if entry.get("is_downloadable") is False:
            self.removed[path] = None
            self.notes.append(f"{name} cannot be downloaded from Dropbox and was left out.")
            return
        asset_id = str(entry["id"])
        self.assets.pop(asset_id, None)
        self.assets[asset_id] = Asset(
            asset_id,
            str(entry.get("content_hash") or entry["rev"]),
            name,
            int(entry["size"]),
            media_type(name),
            path=path,
            modified=_seconds(str(entry["server_modified"])),
        )

    def _clear(self, path: str) -> None:
        """Nothing of this page is at a path any more; below it, if it ends in a slash."""
        below = path.endswith("/")
        gone = [one.id for one in self.assets.values() if one.path == path or (below and one.path.startswith(path))]
        for asset_id in gone:
            del self.assets[asset_id]


def _seconds(text: str) -> float:
    try:
        return float(calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")))
    except ValueError:
        return 0.0
