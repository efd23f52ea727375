"""Bugs in spelling, in bytes and in what is believed of a host's calls."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from connector_core.apps import App
from connector_core.errors import BadSignature, PlatformDown
from connector_core.types import Asset, Heard, Hook
from model_service.errors import Skip
from plugins.dropbox import hooks
from plugins.dropbox.connector import Dropbox
from plugins.dropbox.spelling import spell
from tests.contract.mutants.mutant import Mutant


class OnlyAscii(Dropbox):
    @staticmethod
    def spell(name: str) -> str:
        return spell(name.encode("ascii", "ignore").decode()).strip("_")


class CutsWithoutAMark(Dropbox):
    @staticmethod
    def spell(name: str) -> str:
        return "_".join("".join(sign if sign.isalnum() else " " for sign in name.lower()).split())[:32] or "tag"


class SpellsTooLong(Dropbox):
    @staticmethod
    def spell(name: str) -> str:
        return spell(name) if len(name) <= 32 else name


class BelievesEverybody(Dropbox):
    @classmethod
    def hear(cls, app: App, hook: Hook) -> Heard:
        with contextlib.suppress(BadSignature):
            return hooks.hear(app, hook)
        return Heard(("dbid:anybody",))


class BelievesWithoutASecret(Dropbox):
    @classmethod
    def hear(cls, app: App, hook: Hook) -> Heard:
        return super().hear(app, hook) if app.secret else Heard(("dbid:anybody",))


class NamesNobody(Dropbox):
    @classmethod
    def hear(cls, app: App, hook: Hook) -> Heard:
        super().hear(app, hook)
        return Heard()


class LeavesHalfADownload(Dropbox):
    def download(self, asset: Asset, to: Path) -> None:
        try:
            super().download(asset, to)
        except Exception:
            to.write_bytes(b"half")
            raise


class TakesAMissingFileForABadDay(Dropbox):
    def download(self, asset: Asset, to: Path) -> None:
        try:
            super().download(asset, to)
        except Skip as error:
            raise PlatformDown(str(error)) from error


class DownloadsFromTheOldPath(Dropbox):
    def download(self, asset: Asset, to: Path) -> None:
        self._api.fetch("files/download", {"path": asset.path or asset.id}, to, limit=self._max_bytes)


class ReadsWithoutALimit(Dropbox):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._max_bytes = 2**40


class PreviewsAtAnySize(Dropbox):
    def preview(self, asset: Asset, to: Path, size: int) -> None:
        super().preview(asset, to, 2048)


class PreviewsNothing(Dropbox):
    def preview(self, asset: Asset, to: Path, size: int) -> None:
        with contextlib.suppress(Skip):
            super().preview(asset, to, size)


OTHERS = (
    Mutant("loses letters that are not ASCII", OnlyAscii, "test_letters_of_all_languages_are_still_letters"),
    Mutant("shows two names as one", CutsWithoutAMark, "test_no_two_names_are_shown_alike"),
    Mutant("spells longer than the host takes", SpellsTooLong, "test_a_word_is_spelled_as_it_is_and_within_the_limits"),
    Mutant("believes a forged call", BelievesEverybody, "test_a_forged_call_is_refused"),
    Mutant(
        "believes everybody where no secret is set",
        BelievesWithoutASecret,
        "test_an_app_without_a_secret_believes_nobody",
    ),
    Mutant("hears a call and wakes nobody", NamesNobody, "test_a_signed_call_names_the_account"),
    Mutant("leaves half a download", LeavesHalfADownload, "test_a_download_that_breaks_off_leaves_nothing"),
    Mutant(
        "takes a missing file for a host that is down",
        TakesAMissingFileForABadDay,
        "test_an_asset_that_is_gone_says_so",
    ),
    Mutant(
        "downloads what lies at the old path", DownloadsFromTheOldPath, "test_a_download_finds_what_was_moved_meanwhile"
    ),
    Mutant("downloads files of any size", ReadsWithoutALimit, "test_too_large_a_file_is_unreadable_and_leaves_nothing"),
    Mutant("gives previews larger than asked for", PreviewsAtAnySize, "test_a_preview_is_a_small_picture_of_the_same"),
    Mutant(
        "gives no preview and says nothing",
        PreviewsNothing,
        "test_where_there_is_no_preview_it_says_so_and_leaves_nothing",
    ),
)
