"""Somebody who follows the changes of an account, and believes what the pages say."""

from __future__ import annotations

from connector_core.types import Asset, Page
from tests.contract.connector.platform import Platform

MANY = 150
"""pages: more than any test needs"""


class Reader:
    """What a careful reader knows after so many pages.

    ``gone`` are those that it took off its list in the last round and that did not come back.
    """

    def __init__(self, platform: Platform, *, page: int = 1) -> None:
        self._platform = platform
        self._page = page
        self.cursor = ""
        self.versions: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.gone: set[str] = set()
        self._paths: dict[str, str] = {}

    def catch_up(self, *, pages: int = 0) -> list[Asset]:
        """Read on to the end, or for so many pages; what came and is there."""
        came: list[Asset] = []
        before = set(self.versions)
        # Every page by a connection of its own: nothing may depend on one that lives on.
        for _ in range(pages or MANY):
            page = self._platform.connect(page=self._page).changes(self.cursor)
            assert sum(not one.removed for one in page.assets) <= self._page
            assert page.cursor != self.cursor or not page.more
            came += self._believe(page)
            if not page.more:
                break
        else:
            assert pages, f"the pages do not end: {MANY} and still more"
        self.gone = before - set(self.versions)
        return came

    def list_anew(self) -> None:
        """Begin again and compare, as whoever hears that a cursor is stale must: what is not listed is gone."""
        before = set(self.versions)
        self.cursor, self.versions, self.names, self._paths = "", {}, {}, {}
        self.catch_up()
        self.gone = before - set(self.versions)

    def _believe(self, page: Page) -> list[Asset]:
        self.cursor = page.cursor
        for one in page.assets:
            if one.removed and not one.id:
                assert one.path, "a removed asset has an id or a path"
                for asset_id in [i for i, path in self._paths.items() if f"{path}/".startswith(f"{one.path}/")]:
                    self._drop(asset_id)
                continue
            self._drop(one.id)
            if not one.removed:
                for asset_id in [i for i, path in self._paths.items() if path == one.path]:
                    self._drop(asset_id)
                self.versions[one.id], self.names[one.id] = one.version, one.name
                if one.path:
                    self._paths[one.id] = one.path
        return [one for one in page.assets if not one.removed]

    def _drop(self, asset_id: str) -> None:
        self.versions.pop(asset_id, None)
        self._paths.pop(asset_id, None)


class Still:
    """A connector whose cursor does not move."""

    def changes(self, cursor: str = "") -> Page:
        """The same page for ever."""
        return Page((), "same", more=True)
