"""Bugs in how changes are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from connector_core.errors import StaleCursor
from connector_core.media import media_type
from connector_core.types import Asset, Page
from plugins.dropbox.api import Api
from plugins.dropbox.connector import Dropbox
from tests.contract.mutants.mutant import Mutant


class IgnoresMore(Dropbox):
    def changes(self, cursor: str = "") -> Page:
        return replace(super().changes(cursor), more=False)


class StopsAtAnEmptyPage(Dropbox):
    def changes(self, cursor: str = "") -> Page:
        page = super().changes(cursor)
        return replace(page, more=page.more and bool(page.assets))


class DropsTheCursor(Dropbox):
    def changes(self, cursor: str = "") -> Page:
        return super().changes("")


class KeepsTheOldCursor(Dropbox):
    def changes(self, cursor: str = "") -> Page:
        page = super().changes(cursor)
        return replace(page, cursor=cursor or page.cursor) if not page.more else page


class TakesAResetForNothing(Dropbox):
    def changes(self, cursor: str = "") -> Page:
        try:
            return super().changes(cursor)
        except StaleCursor:
            return Page((), cursor, more=False)


class BeginsAnewInSilence(Dropbox):
    def changes(self, cursor: str = "") -> Page:
        try:
            return super().changes(cursor)
        except StaleCursor:
            return super().changes()


class TakesACircleForTheEnd(Dropbox):
    def changes(self, cursor: str = "") -> Page:
        page = super().changes(cursor)
        return replace(page, more=False) if page.cursor == cursor else page


class ForgetsDeletions(Dropbox):
    def changes(self, cursor: str = "") -> Page:
        page = super().changes(cursor)
        return replace(page, assets=tuple(one for one in page.assets if not one.removed))


class ForgetsDeletedFolders(Dropbox):
    def changes(self, cursor: str = "") -> Page:
        page = super().changes(cursor)
        return replace(page, assets=tuple(one for one in page.assets if not one.removed or media_type(one.path)))


class TakesNeighboursAlong(Dropbox):
    def changes(self, cursor: str = "") -> Page:
        page = super().changes(cursor)
        beside = [replace(one, path=one.path.rsplit("/", 1)[0]) if one.removed else one for one in page.assets]
        return replace(page, assets=tuple(beside))


class _Told(Dropbox):
    """One whose assets are told wrongly."""

    tell: Callable[[Asset], Asset]

    def changes(self, cursor: str = "") -> Page:
        page = super().changes(cursor)
        tell = type(self).tell
        return replace(page, assets=tuple(one if one.removed else tell(one) for one in page.assets))


class VersionOfThePath(_Told):
    tell = staticmethod(lambda one: replace(one, version=one.path))


class VersionOfTheName(_Told):
    tell = staticmethod(lambda one: replace(one, version=f"{one.version}{one.id}"))


class VersionThatNeverChanges(_Told):
    tell = staticmethod(lambda one: replace(one, version="1"))


class PathsForIds(_Told):
    tell = staticmethod(lambda one: replace(one, id=f"id:{one.path}"))


class NoPaths(_Told):
    """Nobody can find what a removed path took along."""

    tell = staticmethod(lambda one: replace(one, path=""))


class _Everything(Api):
    """Reads entries as if every file were a picture."""

    def call(self, route: str, argument: Any = None, *, lane: str = "read") -> Any:
        found = super().call(route, argument, lane=lane)
        if route.startswith("files/list_folder"):
            for entry in found["entries"]:
                if entry[".tag"] == "file" and not media_type(entry["name"]):
                    entry["name"] += ".png"
        return found


class TakesEveryFileForAPicture(Dropbox):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._api.__class__ = _Everything


class TrustsFoldersThatAreCalledLikePictures(Dropbox):
    """A folder that took the place of a picture leaves the picture on the list."""

    def changes(self, cursor: str = "") -> Page:
        page = super().changes(cursor.replace("follow", "list"))
        return replace(page, cursor="list" + page.cursor[page.cursor.index(".") :])


LISTING = (
    Mutant("reads the first page and stops", IgnoresMore, "test_pages_of_one_bring_everything_exactly_once"),
    Mutant("takes an empty page for the end", StopsAtAnEmptyPage, "test_empty_pages_are_not_the_end"),
    Mutant("forgets the cursor and lists from the start", DropsTheCursor, "test_a_cursor_can_be_used_again"),
    Mutant(
        "hands out the old cursor at the end",
        KeepsTheOldCursor,
        "test_nothing_new_is_an_empty_page_however_often_asked",
    ),
    Mutant(
        "takes a forgotten cursor for nothing new",
        TakesAResetForNothing,
        "test_after_a_reset_everything_is_listed_and_nothing_has_changed",
    ),
    Mutant(
        "begins anew in silence, so what was removed meanwhile stays",
        BeginsAnewInSilence,
        "test_a_reset_in_the_middle_of_a_listing_is_told_as_well",
    ),
    Mutant(
        "takes a host that goes in circles for one that is done",
        TakesACircleForTheEnd,
        "test_a_host_that_sends_readers_in_circles_is_found_out",
    ),
    Mutant("forgets deletions", ForgetsDeletions, "test_a_removed_asset_is_told_and_no_longer_listed"),
    Mutant(
        "forgets deleted folders",
        ForgetsDeletedFolders,
        "test_a_removed_folder_takes_all_that_was_in_it_and_nothing_beside_it",
    ),
    Mutant(
        "takes along what lay beside a deleted folder",
        TakesNeighboursAlong,
        "test_a_removed_folder_takes_all_that_was_in_it_and_nothing_beside_it",
    ),
    Mutant("makes a new version of a renamed picture", VersionOfThePath, "test_a_rename_keeps_the_version"),
    Mutant("has no two pictures of one version", VersionOfTheName, "test_two_assets_may_be_the_same_picture"),
    Mutant("never tells a new version", VersionThatNeverChanges, "test_other_bytes_are_another_version"),
    Mutant("takes paths for ids", PathsForIds, "test_a_rename_keeps_the_version"),
    Mutant("tells no paths", NoPaths, "test_a_removed_asset_is_told_and_no_longer_listed"),
    Mutant("takes every file for a picture", TakesEveryFileForAPicture, "test_what_is_no_picture_is_not_told"),
    Mutant(
        "leaves a picture on the list where a folder is now",
        TrustsFoldersThatAreCalledLikePictures,
        "test_a_folder_may_take_the_place_of_a_picture",
    ),
)
