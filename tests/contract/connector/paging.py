"""Pages: everything comes, once, however small they are; and a reader is never sent in circles."""

from __future__ import annotations

import itertools

import pytest

from connector_core import manifest
from connector_core.connector import ABILITIES, Connector, walk
from connector_core.errors import StaleCursor
from model_service.errors import TaggingError
from tests.contract.connector.platform import Platform, Suite, need, picture
from tests.contract.connector.reader import MANY, Reader, Still


class PagingContract(Suite):
    """Promises of ``changes`` as to pages and cursors."""

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

    def test_empty_pages_are_not_the_end(self, platform: Platform) -> None:
        need(platform.blank_pages(2), "gives no empty pages")
        ids = {platform.put(f"{number}.png", picture(number)) for number in range(3)}
        reader = Reader(platform)
        reader.catch_up()
        assert set(reader.versions) == ids
        new = platform.put("late.png", picture(9))
        assert [asset.id for asset in reader.catch_up()] == [new]

    def test_walk_goes_through_all_pages(self, platform: Platform) -> None:
        ids = {platform.put(f"{number}.png", picture(number)) for number in range(3)}
        pages = list(itertools.islice(walk(platform.connect(page=1)), MANY))
        assert {asset.id for page in pages for asset in page.assets} == ids
        assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]

    def test_walk_refuses_a_cursor_that_stands_still(self) -> None:
        with pytest.raises(TaggingError, match="same cursor"):
            list(walk(Still()))  # type: ignore[arg-type]

    def test_a_host_that_sends_readers_in_circles_is_found_out(self, platform: Platform) -> None:
        for number in range(3):
            platform.put(f"{number}.png", picture(number))
        need(platform.stand_still(), "cannot be made to give a cursor twice")
        with pytest.raises(TaggingError):
            list(itertools.islice(walk(platform.connect(page=1)), MANY))

    def test_nothing_new_is_an_empty_page_however_often_asked(self, platform: Platform) -> None:
        platform.put("a.png", picture(1))
        reader = Reader(platform)
        reader.catch_up()
        assert reader.catch_up() == []
        assert reader.catch_up() == []
        new = platform.put("b.png", picture(2))
        assert [asset.id for asset in reader.catch_up()] == [new]
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

    def test_after_a_reset_everything_is_listed_and_nothing_has_changed(self, platform: Platform) -> None:
        ids = [platform.put(f"{number}.png", picture(number)) for number in range(3)]
        reader = Reader(platform)
        reader.catch_up()
        known = dict(reader.versions)
        platform.forget_cursors()
        platform.remove(ids[0])
        new = platform.put("new.png", picture(7))
        with pytest.raises(StaleCursor):
            reader.catch_up()
        reader.list_anew()
        assert reader.gone == {ids[0]}
        assert reader.versions == {ids[1]: known[ids[1]], ids[2]: known[ids[2]], new: reader.versions[new]}

    def test_a_reset_in_the_middle_of_a_listing_is_told_as_well(self, platform: Platform) -> None:
        for number in range(4):
            platform.put(f"{number}.png", picture(number))
        reader = Reader(platform)
        reader.catch_up(pages=2)
        platform.forget_cursors()
        with pytest.raises(StaleCursor):
            reader.catch_up()
        reader.list_anew()
        assert len(reader.versions) == 4

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
