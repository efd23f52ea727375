"""Somebody with a Dropbox, working in it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.twins.dropbox import accounts, oauth
from tests.twins.dropbox.state import State
from tests.twins.dropbox.tree import Tree

OURS = ("account_info.read", "files.metadata.read", "files.metadata.write", "files.content.read")
"""the scopes that Propernoun asks for"""


class Person:
    """Somebody with a Dropbox, who works in it by hand. Paths are from their home."""

    def __init__(self, state: State, account: accounts.Account) -> None:
        self._state = state
        self.account = account

    @property
    def id(self) -> str:
        """The account id, ``dbid:…``, as webhooks name it."""
        return self.account.id

    @property
    def tree(self) -> Tree:
        """The files of this person, or of the whole team."""
        return Tree(self._state, self.account.root)

    def put(self, path: str, data: bytes, *, downloadable: bool = True, again: bool = False) -> str:
        """Upload or overwrite a file; its id. ``again``: a new revision even of the same bytes."""
        return self.tree.put(self._from_root(path), data, downloadable=downloadable, again=again)

    def folder(self, path: str) -> None:
        """Make a folder."""
        self.tree.folder(self._from_root(path))

    def move(self, path: str, to: str) -> None:
        """Move or rename a file or a folder; ids and tags stay. A path may be an id."""
        self.tree.move(self.tree.need(self._from_root(path))["display"], self._from_root(to))

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all in it. A path may be an id."""
        self.tree.delete(self.tree.need(self._from_root(path))["display"])

    def tag(self, path: str, text: str) -> None:
        """Add a tag by hand."""
        self.tree.tag(self.tree.need(self._from_root(path)), text)

    def untag(self, path: str, text: str) -> None:
        """Take a tag away by hand; that must be there."""
        assert self.tree.untag(self.tree.need(self._from_root(path)), text), f"{path} has no tag {text}"

    def tags(self, path: str) -> set[str]:
        """The tags that people see."""
        return set(self.tree.tags(self.tree.need(self._from_root(path))))

    def id_of(self, path: str) -> str:
        """The id of what is at a path. Raises Lookup."""
        return str(self.tree.need(self._from_root(path))["id"])

    def path_of(self, entry: str) -> str:
        """Where a file is, as people write it, from the root of their space. Raises Lookup."""
        return str(self.tree.need(entry)["display"])

    def all_tags(self) -> dict[str, set[str]]:
        """By path, the tags of every file: to compare two ends."""
        return {row["display"]: set(self.tree.tags(row)) for row in self.tree.below("") if row["kind"] == "file"}

    def token(self, scopes: Sequence[str] = OURS) -> str:
        """An access token for these scopes, as if this person had allowed them."""
        return str(self.tokens(scopes)["access_token"])

    def tokens(self, scopes: Sequence[str] = OURS) -> dict[str, Any]:
        """What ``/oauth2/token`` answers for a code, refresh token included, without the pages."""
        refresh = oauth.grant_refresh(self._state, self.id, " ".join(scopes), challenged=True)
        answer = oauth.grant(self._state, self.id, " ".join(scopes), refresh=refresh)
        return {**answer, "refresh_token": refresh, "scope": " ".join(scopes), "account_id": self.id}

    def disconnect(self) -> None:
        """Take the app's authorisation away, as in Dropbox's own settings."""
        self._state.do("UPDATE tokens SET revoked = 1 WHERE account = ?", self.id)
        self._state.do("UPDATE refreshes SET revoked = 1 WHERE account = ?", self.id)

    def _from_root(self, path: str) -> str:
        return path if path.startswith("id:") else self.account.home_path + path
