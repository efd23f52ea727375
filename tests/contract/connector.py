"""The suite that every connector passes: a host's test file is one subclass with one fixture, ``platform``."""

from __future__ import annotations

import io
import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image

from connector_core import manifest
from connector_core.connector import ABILITIES, Connector, ReportsEdits, walk
from connector_core.errors import Gone, StaleCursor
from connector_core.types import Asset, Edits, Page, Tag
from model_service.errors import Refuse, TaggingError, Unreadable

NAMES = ("aurora shell.png", "Größe — naïve.png", "cafe\u0301.png", "夏の 上着 🧥.png", "b'quote\" & <tag>.png")
MANY = 100
"""pages: more than any test needs"""
NEVER_GIVEN = ("../outside.png", "/etc/hosts", "", "a/../../b.png", "nothing like an id\x00.png")


def picture(colour: int = 0, *, size: int = 24) -> bytes:
    """A small PNG; another colour, other bytes."""
    out = io.BytesIO()
    Image.new("RGB", (size, size), (colour * 37 % 256, colour * 91 % 256, 60)).save(out, "PNG")
    return out.getvalue()


class Platform(ABC):
    """A host as people use it, by other means than the connector under test: a twin, a real account, a real tool."""

    @abstractmethod
    def connect(self, *, page: int = 100, max_bytes: int = 2**20) -> Connector:
        """The same account anew, as after a restart."""

    @abstractmethod
    def put(self, name: str, data: bytes) -> str:
        """Upload a picture, or overwrite the one of this name; its id."""

    @abstractmethod
    def rename(self, asset_id: str, name: str) -> str:
        """Rename; the id that it has from now on."""

    @abstractmethod
    def remove(self, asset_id: str) -> None:
        """Delete."""

    @abstractmethod
    def tag(self, asset_id: str, name: str) -> None:
        """A person adds a tag."""

    @abstractmethod
    def untag(self, asset_id: str, name: str) -> None:
        """A person takes a tag away."""

    @abstractmethod
    def tags(self, asset_id: str) -> set[str]:
        """What the host shows."""


class Reader:
    """Somebody who follows the changes of an account and believes what the pages say."""

    def __init__(self, platform: Platform, *, page: int = 1) -> None:
        self._platform = platform
        self._page = page
        self.cursor = ""
        self.versions: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def catch_up(self, *, pages: int = 0) -> list[Asset]:
        """Read on to the end, or for so many pages; what came."""
        came: list[Asset] = []
        # Every page by a connection of its own: nothing may depend on one that lives on.
        for _ in range(pages or MANY):
            page = self._platform.connect(page=self._page).changes(self.cursor)
            assert len(page.assets) <= self._page
            assert page.cursor != self.cursor or not page.more
            self.cursor = page.cursor
            for asset in page.assets:
                came.append(asset)
                self.versions.pop(asset.id, None)
                if not asset.removed:
                    self.versions[asset.id], self.names[asset.id] = asset.version, asset.name
            if not page.more:
                return came
        assert pages, f"the pages do not end: {MANY} and still more"
        return came


class Still:
    """A connector whose cursor does not move."""

    def changes(self, cursor: str = "") -> Page:
        return Page((), "same", more=True)


class ConnectorContract:
    """Every promise of the Connector protocol; deviations of a host are class attributes."""

    host: ClassVar[str]
    renames_keep_ids: ClassVar[bool] = False
    tag_names: ClassVar[tuple[str, ...]] = ("Größe 42", "夏の上着", "Йти", "a & b <c>", "50 % off")
    """names that the host can show as they are"""

    @pytest.fixture
    def platform(self, tmp_path: Path) -> Iterator[Platform]:
        raise NotImplementedError

    def test_the_manifest_says_what_the_code_can(self, platform: Platform) -> None:
        connector = platform.connect()
        assert type(connector) is manifest.connector_class(self.host)
        assert isinstance(connector, Connector)
        able = {ability.__name__ for ability in ABILITIES if isinstance(connector, ability)}
        assert able == set(manifest.load(self.host).abilities)

    def test_an_empty_account_is_an_empty_last_page(self, platform: Platform) -> None:
        page = platform.connect().changes()
        assert (page.assets, page.more) == ((), False)
        assert page.cursor

    def test_pages_of_one_bring_everything_exactly_once(self, platform: Platform) -> None:
        ids = [platform.put(f"{number}.png", picture(number)) for number in range(5)]
        assert sorted(asset.id for asset in Reader(platform).catch_up()) == sorted(ids)

    def test_large_and_small_pages_tell_the_same(self, platform: Platform) -> None:
        for number in range(4):
            platform.put(f"{number}.png", picture(number))
        small, large = Reader(platform), Reader(platform, page=100)
        small.catch_up()
        large.catch_up()
        assert small.versions == large.versions
        assert len(small.versions) == 4

    def test_walk_goes_through_all_pages(self, platform: Platform) -> None:
        ids = {platform.put(f"{number}.png", picture(number)) for number in range(3)}
        pages = list(itertools.islice(walk(platform.connect(page=1)), MANY))
        assert {asset.id for page in pages for asset in page.assets} == ids
        assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]

    def test_walk_refuses_a_cursor_that_stands_still(self) -> None:
        with pytest.raises(TaggingError, match="same cursor"):
            list(walk(Still()))  # type: ignore[arg-type]

    def test_nothing_new_is_an_empty_page_however_often_asked(self, platform: Platform) -> None:
        platform.put("a.png", picture(1))
        reader = Reader(platform)
        reader.catch_up()
        assert reader.catch_up() == []
        assert reader.catch_up() == []

    def test_a_cursor_can_be_used_again(self, platform: Platform) -> None:
        platform.put("a.png", picture(1))
        reader = Reader(platform)
        reader.catch_up()
        before = reader.cursor
        new = platform.put("b.png", picture(2))
        assert [asset.id for asset in reader.catch_up()] == [new]
        reader.cursor = before
        assert [asset.id for asset in reader.catch_up()] == [new]

    def test_a_cursor_that_nobody_gave_is_stale(self, platform: Platform) -> None:
        platform.put("a.png", picture(1))
        with pytest.raises(StaleCursor):
            platform.connect().changes("made up")

    def test_an_asset_says_what_it_is(self, platform: Platform) -> None:
        data = picture(3)
        platform.put("a.png", data)
        (asset,) = platform.connect().changes().assets
        assert (asset.name, asset.size, asset.media_type, asset.removed) == ("a.png", len(data), "image/png", False)
        assert asset.version

    def test_a_removed_asset_is_told_and_no_longer_listed(self, platform: Platform) -> None:
        gone, stays = platform.put("a.png", picture(1)), platform.put("b.png", picture(2))
        reader = Reader(platform)
        reader.catch_up()
        platform.remove(gone)
        assert [(asset.id, asset.removed) for asset in reader.catch_up()] == [(gone, True)]
        fresh = Reader(platform)
        assert [asset.id for asset in fresh.catch_up()] == [stays]

    def test_an_asset_that_comes_back_is_told_again(self, platform: Platform) -> None:
        data = picture(1)
        asset_id = platform.put("a.png", data)
        reader = Reader(platform)
        reader.catch_up()
        platform.remove(asset_id)
        reader.catch_up()
        again = platform.put("a.png", data)
        reader.catch_up()
        assert set(reader.versions) == {again}

    def test_a_rename_keeps_the_version(self, platform: Platform) -> None:
        old = platform.put("a.png", picture(1))
        reader = Reader(platform)
        reader.catch_up()
        version = reader.versions[old]
        new = platform.rename(old, "b.png")
        assert (new == old) == self.renames_keep_ids
        reader.catch_up()
        assert reader.versions == {new: version}
        assert reader.names[new] == "b.png"

    def test_two_assets_may_be_the_same_picture(self, platform: Platform) -> None:
        one, other = platform.put("a.png", picture(1)), platform.put("b.png", picture(1))
        assert one != other
        reader = Reader(platform)
        reader.catch_up()
        assert reader.versions[one] == reader.versions[other]

    def test_other_bytes_are_another_version(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        reader = Reader(platform)
        reader.catch_up()
        before = reader.versions[asset_id]
        platform.put("a.png", picture(2))
        reader.catch_up()
        assert reader.versions[asset_id] != before

    def test_a_reader_who_was_interrupted_ends_up_with_the_truth(self, platform: Platform) -> None:
        ids = [platform.put(f"{number}.png", picture(number)) for number in range(6)]
        reader = Reader(platform)
        reader.catch_up(pages=3)
        platform.remove(ids[0])
        platform.remove(ids[5])
        platform.put("2.png", picture(99))
        new = platform.put("late.png", picture(7))
        reader.catch_up()
        reader.catch_up()
        fresh = Reader(platform)
        fresh.catch_up()
        assert reader.versions == fresh.versions
        assert set(fresh.versions) == {*ids[1:5], new}

    def test_names_of_all_languages_survive(self, platform: Platform, tmp_path: Path) -> None:
        ids = {platform.put(name, picture(number)): number for number, name in enumerate(NAMES)}
        connector = platform.connect()
        page = connector.changes()
        assert {asset.id for asset in page.assets} == set(ids)
        assert {asset.name for asset in page.assets} == set(NAMES)
        for asset in page.assets:
            connector.download(asset, tmp_path / "copy")
            assert (tmp_path / "copy").read_bytes() == picture(ids[asset.id])

    def test_a_download_brings_the_bytes(self, platform: Platform, tmp_path: Path) -> None:
        data = picture(5)
        platform.put("a.png", data)
        connector = platform.connect()
        connector.download(connector.changes().assets[0], tmp_path / "copy.png")
        assert (tmp_path / "copy.png").read_bytes() == data

    def test_an_asset_that_is_gone_says_so(self, platform: Platform, tmp_path: Path) -> None:
        asset_id = platform.put("a.png", picture(1))
        connector = platform.connect()
        (asset,) = connector.changes().assets
        platform.remove(asset_id)
        with pytest.raises(Gone):
            connector.download(asset, tmp_path / "copy.png")
        with pytest.raises(Gone):
            connector.retag(asset_id, add={Tag("Aurora")}, remove=set())
        assert not (tmp_path / "copy.png").exists()

    def test_too_large_a_file_is_unreadable_and_leaves_nothing(self, platform: Platform, tmp_path: Path) -> None:
        platform.put("a.png", picture(1))
        connector = platform.connect(max_bytes=50)
        (asset,) = connector.changes().assets
        place = tmp_path / "downloads"
        place.mkdir()
        with pytest.raises(Unreadable):
            connector.download(asset, place / "copy.png")
        assert list(place.iterdir()) == []

    @pytest.mark.parametrize("asset_id", NEVER_GIVEN)
    def test_an_id_that_was_never_given_is_refused(self, platform: Platform, tmp_path: Path, asset_id: str) -> None:
        connector = platform.connect()
        with pytest.raises((Gone, Refuse)):
            connector.download(Asset(asset_id, "", ""), tmp_path / "copy.png")
        with pytest.raises((Gone, Refuse)):
            connector.retag(asset_id, add={Tag("Aurora")}, remove=set())

    def test_tags_are_shown_and_taken_away(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        connector = platform.connect()
        written = connector.retag(asset_id, add={Tag("Aurora"), Tag("SS26", group="season")}, remove=set())
        assert (written.tags, written.changed) == ({"Aurora", "SS26"}, True)
        assert platform.tags(asset_id) == {"Aurora", "SS26"}
        written = platform.connect().retag(asset_id, add={Tag("Borealis")}, remove={Tag("Aurora")})
        assert (written.tags, written.changed) == ({"Borealis", "SS26"}, True)
        assert platform.tags(asset_id) == {"Borealis", "SS26"}

    def test_twice_is_the_same_as_once(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        connector = platform.connect()
        connector.retag(asset_id, add={Tag("Aurora"), Tag("SS26")}, remove=set())
        connector.retag(asset_id, add=set(), remove={Tag("SS26")})
        for _ in range(2):
            again = platform.connect().retag(asset_id, add={Tag("Aurora")}, remove={Tag("SS26")})
            assert (again.tags, again.changed) == ({"Aurora"}, False)
        assert platform.tags(asset_id) == {"Aurora"}

    def test_nothing_asked_is_nothing_done(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        written = platform.connect().retag(asset_id, add=set(), remove={Tag("Aurora")})
        assert (written.tags, written.changed) == (frozenset(), False)

    def test_tags_of_all_languages_survive(self, platform: Platform) -> None:
        names = set(self.tag_names)
        asset_id = platform.put("a.png", picture(1))
        platform.connect().retag(asset_id, add={Tag(name) for name in names}, remove=set())
        assert platform.tags(asset_id) == names
        platform.connect().retag(asset_id, add=set(), remove={Tag(name) for name in names})
        assert platform.tags(asset_id) == set()

    def test_names_that_begin_alike_are_different_tags(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        platform.tag(asset_id, "Aurora")
        written = platform.connect().retag(asset_id, add={Tag("Auroras"), Tag("AuroraX")}, remove=set())
        assert written.tags == {"Auroras", "AuroraX"}
        platform.connect().retag(asset_id, add=set(), remove={Tag("Auroras")})
        assert platform.tags(asset_id) == {"Aurora", "AuroraX"}

    def test_what_people_wrote_stays(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        platform.tag(asset_id, "holiday")
        connector = platform.connect()
        connector.retag(asset_id, add={Tag("Aurora")}, remove=set())
        assert platform.tags(asset_id) == {"holiday", "Aurora"}
        written = connector.retag(asset_id, add=set(), remove={Tag("Aurora"), Tag("holiday")})
        assert written.tags == frozenset()
        assert platform.tags(asset_id) == {"holiday"}

    def test_what_people_wrote_is_not_claimed(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        platform.tag(asset_id, "Aurora")
        connector = platform.connect()
        written = connector.retag(asset_id, add={Tag("Aurora")}, remove=set())
        assert (written.tags, written.changed) == (frozenset(), False)
        written = connector.retag(asset_id, add={Tag("Aurora"), Tag("SS26")}, remove=set())
        assert written.tags == {"SS26"}
        connector.retag(asset_id, add=set(), remove={Tag("Aurora"), Tag("SS26")})
        assert platform.tags(asset_id) == {"Aurora"}

    def test_what_people_write_later_stays(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        platform.connect().retag(asset_id, add={Tag("Aurora"), Tag("SS26")}, remove=set())
        platform.tag(asset_id, "holiday")
        platform.connect().retag(asset_id, add={Tag("Borealis")}, remove={Tag("Aurora")})
        assert platform.tags(asset_id) == {"holiday", "SS26", "Borealis"}

    def test_our_own_write_wakes_nobody(self, platform: Platform, tmp_path: Path) -> None:
        asset_id = platform.put("a.png", picture(1))
        reader = Reader(platform)
        reader.catch_up()
        platform.connect().retag(asset_id, add={Tag("Aurora")}, remove=set())
        assert reader.catch_up() == []
        platform.connect().retag(asset_id, add={Tag("SS26")}, remove={Tag("Aurora")})
        platform.connect().retag(asset_id, add=set(), remove={Tag("SS26")})
        assert reader.catch_up() == []
        fresh = Reader(platform)
        fresh.catch_up()
        assert fresh.versions == reader.versions

    def test_a_change_beside_our_own_write_is_told(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        reader = Reader(platform)
        reader.catch_up()
        platform.connect().retag(asset_id, add={Tag("Aurora")}, remove=set())
        platform.put("a.png", picture(2))
        assert [asset.id for asset in reader.catch_up()] == [asset_id]

    def test_what_people_changed_since_is_reported(self, platform: Platform) -> None:
        connector = platform.connect()
        if not isinstance(connector, ReportsEdits):
            pytest.skip(f"{self.host} does not report what people changed")
        asset_id = platform.put("a.png", picture(1))
        platform.tag(asset_id, "holiday")
        connector.retag(asset_id, add={Tag("Aurora"), Tag("SS26")}, remove=set())
        asset = Asset(asset_id, "", "a.png")
        assert connector.edits([asset]) == {asset_id: Edits()}
        platform.tag(asset_id, "Borealis")
        platform.untag(asset_id, "Aurora")
        assert connector.edits([asset]) == {asset_id: Edits(frozenset({"Borealis"}), frozenset({"Aurora"}))}
        connector.retag(asset_id, add={Tag("packshot")}, remove=set())
        assert connector.edits([asset]) == {asset_id: Edits()}
        assert platform.tags(asset_id) == {"holiday", "SS26", "Borealis", "packshot"}
