"""Dropbox in a person's hand: the twin, with our connector's road to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import requests

from connector_core.account import Account
from connector_core.apps import App
from connector_core.errors import Reconnect
from connector_core.http import Http, Lanes
from connector_core.manifest import load
from connector_core.pace import Pace
from connector_core.reach import Reach
from connector_core.types import Hook
from plugins.dropbox.connector import Dropbox
from tests.contract.connector import Platform, Trouble
from tests.twins.dropbox import Fault, Person, Twin


class Renewed:
    """An access token that is renewed at the twin."""

    def __init__(self, twin: Twin, person: Person) -> None:
        self._twin = twin
        self._tokens = person.tokens()

    def token(self, *, instead_of: str = "") -> str:
        """It, or a new one. Raises Reconnect."""
        if instead_of == self._tokens["access_token"]:
            said = {"grant_type": "refresh_token", "refresh_token": self._tokens["refresh_token"],
                    "client_id": self._twin.client}  # fmt: skip
            answer = requests.post(f"{self._twin.url}/oauth2/token", data=said, timeout=10)
            if answer.status_code != 200:
                raise Reconnect("The host no longer accepts our authorisation; connect it again.")
            self._tokens |= answer.json()
        return str(self._tokens["access_token"])


class Given:
    """An access token that nobody renews."""

    def __init__(self, access: str) -> None:
        self._access = access

    def token(self, *, instead_of: str = "") -> str:
        """It. Raises Reconnect where it is refused."""
        if instead_of:
            raise Reconnect("The host no longer accepts our authorisation; connect it again.")
        return self._access


class Notebook:
    """A ledger on paper."""

    def __init__(self) -> None:
        self.pages: dict[str, dict[str, str]] = {}

    def rows(self, asset_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """What is noted of these."""
        return {one: dict(self.pages[one]) for one in asset_ids if one in self.pages}

    def put(self, asset_id: str, words: Mapping[str, str]) -> None:
        """Note it."""
        self.pages.setdefault(asset_id, {}).update(words)

    def drop(self, asset_id: str, names: Sequence[str]) -> None:
        """Strike it out."""
        for name in names:
            self.pages.get(asset_id, {}).pop(name, None)


def road(twin: Twin, bearer: Renewed | Given) -> Http:
    """A road to the twin instead of to Dropbox, at full speed."""
    moved = dict.fromkeys(load("dropbox").origins, twin.url)
    return Http(Reach((), trusted=[twin.url]), bearer=bearer, lanes=Lanes(Pace(1e6), Pace(1e6)), moved=moved)


class OnTwin(Platform):
    """An account on the twin."""

    connector: ClassVar[type[Dropbox]] = Dropbox

    def __init__(self, twin: Twin, *, person: Person | None = None, settings: Mapping[str, str] | None = None) -> None:
        self.twin = twin
        self.person = person or twin
        self.settings = dict(settings or {})
        self.ledger = Notebook()
        self.bearer: Renewed | Given = Renewed(twin, self.person)

    def connect(self, *, page: int = 100, max_bytes: int = 2**20) -> Dropbox:
        account = Account(self.settings, road(self.twin, self.bearer), self.ledger, self.app)
        return self.connector(account, page=page, max_bytes=max_bytes)

    @property
    def app(self) -> App:
        """Our registration there."""
        return App(self.twin.client, self.twin.secret, self.twin.url)

    def put(self, name: str, data: bytes) -> str:
        return self.person.put(f"/{name}", data)

    def rename(self, asset_id: str, name: str) -> str:
        self.person.move(asset_id, f"/{name}")
        return asset_id

    def remove(self, asset_id: str) -> None:
        self.person.delete(asset_id)

    def rename_folder(self, name: str, to: str) -> None:
        self.person.move(f"/{name}", f"/{to}")

    def remove_folder(self, name: str) -> None:
        self.person.delete(f"/{name}")

    def tag(self, asset_id: str, name: str) -> None:
        self.person.tag(asset_id, name)

    def untag(self, asset_id: str, name: str) -> None:
        self.person.untag(asset_id, name)

    def tags(self, asset_id: str) -> set[str]:
        return self.person.tags(asset_id)

    def forget_cursors(self) -> None:
        self.twin.reset_cursors()

    def blank_pages(self, count: int) -> bool:
        self.twin.set(empty_pages=count)
        return True

    def stand_still(self) -> bool:
        self.twin.plan(Fault("still", "files/list_folder/continue"))
        return True

    def trouble(self, what: Trouble) -> bool:
        match what:
            case "busy":
                self.twin.plan(Fault("writes", "files/tags/add", seconds=2))
            case "down":
                self.twin.plan(Fault("error", "files/tags/add"), Fault("unavailable", "files/list_folder*", seconds=1))
            case "broken":
                self.twin.plan(Fault("cut", "files/download"))
            case "lost":
                self.twin.plan(Fault("lose", "files/tags/add"))
            case "expired":
                self.twin.expire_tokens()
            case "revoked":
                self.person.disconnect()
        return True

    def writes(self) -> Sequence[tuple[str, str]]:
        return [(one.route, f"{one.id} {one.tag}") for one in self.twin.writes]

    def hook(self, *, secret: str | None = None) -> tuple[App, Hook, str] | None:
        body, headers = self.twin.hook([self.person.id], secret=secret)
        return (
            self.app,
            Hook("POST", {name.lower(): value for name, value in headers.items()}, {}, body),
            self.person.id,
        )
