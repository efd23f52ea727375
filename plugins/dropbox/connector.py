"""Dropbox as a host: listed by cursors, seen by thumbnails, tagged with its own tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Self

from connector_core.account import Account
from connector_core.apps import App
from connector_core.errors import Gone
from connector_core.types import Asset, Edits, Heard, Hook, Identity, Page, Tag, Written
from model_service.errors import Unreadable
from plugins.dropbox import hooks, listing, spelling
from plugins.dropbox.api import Api, Conflict, check_id
from plugins.dropbox.tags import Tags

MAX_BYTES = 4 * 2**30
THUMBNAILS = {"w2048h1536": 2048, "w1024h768": 1024, "w960h640": 960, "w640h480": 640, "w480h320": 480,
              "w256h256": 256, "w128h128": 128, "w64h64": 64, "w32h32": 32}  # fmt: skip
"""sizes that Dropbox makes, and their longer side"""
SHOWN = frozenset({"jpg", "jpeg", "png", "tiff", "tif", "gif", "webp", "bmp"})
"""endings of pictures that Dropbox makes thumbnails of"""
SEE_THROUGH = frozenset({"png", "gif", "webp"})
LARGEST = 20 * 2**20
"""bytes of a picture that Dropbox makes a thumbnail of"""


class Dropbox:
    """An account on Dropbox; an asset's id is Dropbox's own, which a move does not change.

    Settings: ``folder``, below which is looked; ``root``, the namespace of a team's space.
    """

    def __init__(self, account: Account, *, page: int = listing.MOST, max_bytes: int = MAX_BYTES) -> None:
        folder = account.settings.get("folder", "").strip().strip("/")
        self._folder = f"/{folder}" if folder else ""
        self._root = account.settings.get("root", "")
        self._api = Api(account.http, self._root)
        self._tags = Tags(self._api, account.ledger)
        self._page = page
        self._max_bytes = max_bytes

    @classmethod
    def open(cls, account: Account) -> Self:
        """The account's files below its setting ``folder``."""
        return cls(account)

    @classmethod
    def hear(cls, app: App, hook: Hook) -> Heard:
        """The accounts in which something changed. Raises BadSignature."""
        return hooks.hear(app, hook)

    def introduce(self) -> Identity:
        """Whose account it is, and the space of its team, if it has one."""
        said = self._api.call("users/get_current_account")
        info = said["root_info"]
        root = info["root_namespace_id"]
        settings = {"root": root} if root != info["home_namespace_id"] else {}
        return Identity(said["account_id"], said["email"], settings)

    def changes(self, cursor: str = "") -> Page:
        """What changed since ``cursor``; a removed asset is named by its path alone.

        Raises StaleCursor where Dropbox has forgotten it, Misconfigured where the folder is not there.
        """
        return listing.changes(self._api, self._folder, self._root, cursor, limit=self._page)

    def download(self, asset: Asset, to: Path) -> None:
        """The file as it is. Raises Gone, Unreadable."""
        check_id(asset.id)
        try:
            self._api.fetch("files/download", {"path": asset.id}, to, limit=self._max_bytes)
        except Conflict as error:
            raise _unreadable(asset, error) from error

    def preview(self, asset: Asset, to: Path, size: int) -> None:
        """A thumbnail that Dropbox makes. Raises Gone, Unreadable where it makes none of such a file."""
        check_id(asset.id)
        ending = asset.name.rsplit(".", 1)[-1].lower()
        fitting = [name for name, side in THUMBNAILS.items() if side <= size]
        if ending not in SHOWN or asset.size > LARGEST or not fitting:
            raise Unreadable(f"Dropbox shows no small picture of {asset.name}.")
        # JPEG has no transparency, and what lies behind a packshot is not for Dropbox to choose.
        asked = {"resource": {".tag": "path", "path": asset.id}, "size": fitting[0], "mode": "bestfit"}
        asked |= {"format": "png" if ending in SEE_THROUGH else "jpeg"}
        try:
            self._api.fetch("files/get_thumbnail_v2", asked, to, limit=self._max_bytes)
        except Conflict as error:
            raise _unreadable(asset, error) from error

    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        """Write tags, the highest rank first as far as there is room. Raises Gone."""
        return self._tags.retag(asset_id, add, remove)

    def edits(self, assets: Sequence[Asset]) -> Mapping[str, Edits]:
        """By id, tags that people added, in Dropbox's spelling, and names of ours that they took away."""
        return self._tags.edits(assets)

    @staticmethod
    def spell(name: str) -> str:
        """The tag that Dropbox shows for a name."""
        return spelling.spell(name)

    def opened(self, query: Mapping[str, str]) -> str:
        """The file that a person opened with us (``file_id``), if this account can see it. Raises Gone."""
        return str(self._api.metadata(query.get("file_id", ""))["id"])


def _unreadable(asset: Asset, error: Conflict) -> Gone | Unreadable:
    if error.is_missing:
        return Gone(f"{asset.name} is no longer in this Dropbox.")
    why = error.tags.split("/")[-1].replace("_", " ") or "no reason given"
    return Unreadable(f"Dropbox does not hand out {asset.name}: {why}.")
