"""Trouble: a host that is busy, down or forgetful costs time, and neither tags nor people's trust."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector_core.connector import ReportsEdits
from connector_core.errors import RateLimited, Reconnect, Retry
from connector_core.types import Asset, Edits, Tag
from tests.contract.connector.platform import Platform, Suite, Trouble, need, picture
from tests.contract.connector.reader import Reader

WANTED = {Tag("Aurora"), Tag("SS26"), Tag("Storm Blue")}


class TroubleContract(Suite):
    """Promises of every verb where the host does not play along."""

    @pytest.mark.parametrize("what", ["busy", "down", "lost"])
    def test_a_write_that_failed_is_made_good_and_blamed_on_nobody(self, platform: Platform, what: Trouble) -> None:
        asset_id = platform.put("a.png", picture(1))
        platform.tag(asset_id, self.word("holiday"))
        platform.connect().retag(asset_id, add={Tag("Borealis")}, remove=set())
        need(platform.trouble(what), "has no such trouble")
        with pytest.raises(Retry):
            platform.connect().retag(asset_id, add=WANTED, remove={Tag("Borealis")})
        self._nobody_did_anything(platform, asset_id)
        written = platform.connect().retag(asset_id, add=WANTED, remove={Tag("Borealis")})
        assert written.tags == {"Aurora", "SS26", "Storm Blue"}
        assert platform.tags(asset_id) == self.shown("holiday", "Aurora", "SS26", "Storm Blue")
        self._nobody_did_anything(platform, asset_id)
        assert len(set(platform.writes())) == len(platform.writes()), "written twice"

    @pytest.mark.parametrize("what", ["busy", "down", "lost"])
    def test_a_write_that_failed_may_be_taken_back(self, platform: Platform, what: Trouble) -> None:
        asset_id = platform.put("a.png", picture(1))
        need(platform.trouble(what), "has no such trouble")
        with pytest.raises(Retry):
            platform.connect().retag(asset_id, add={Tag("Aurora")}, remove=set())
        written = platform.connect().retag(asset_id, add=set(), remove={Tag("Aurora")})
        assert (written.tags, platform.tags(asset_id)) == (frozenset(), set())
        self._nobody_did_anything(platform, asset_id)

    def test_a_busy_host_says_how_long_to_wait(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        need(platform.trouble("busy"), "is never busy")
        with pytest.raises(RateLimited) as caught:
            platform.connect().retag(asset_id, add={Tag("Aurora")}, remove=set())
        assert caught.value.after > 0

    def test_a_host_that_is_down_is_asked_again_where_we_stood(self, platform: Platform) -> None:
        ids = [platform.put(f"{number}.png", picture(number)) for number in range(3)]
        reader = Reader(platform)
        reader.catch_up(pages=1)
        need(platform.trouble("down"), "is never down")
        with pytest.raises(Retry):
            reader.catch_up()
        reader.catch_up()
        assert set(reader.versions) == set(ids)

    def test_a_download_that_breaks_off_leaves_nothing(self, platform: Platform, tmp_path: Path) -> None:
        platform.put("a.png", picture(1, size=500))
        connector = platform.connect()
        (asset,) = connector.changes().assets
        need(platform.trouble("broken"), "does not break off")
        place = tmp_path / "downloads"
        place.mkdir()
        with pytest.raises(Retry):
            connector.download(asset, place / "copy.png")
        assert list(place.iterdir()) == []
        connector.download(asset, place / "copy.png")
        assert (place / "copy.png").read_bytes() == picture(1, size=500)

    def test_a_token_that_ended_is_renewed(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        connector = platform.connect()
        need(platform.trouble("expired"), "has no tokens")
        assert [asset.id for asset in connector.changes().assets] == [asset_id]

    def test_without_authorisation_a_person_is_asked(self, platform: Platform, tmp_path: Path) -> None:
        asset_id = platform.put("a.png", picture(1))
        connector = platform.connect()
        page = connector.changes()
        need(platform.trouble("revoked"), "needs no authorisation")
        with pytest.raises(Reconnect):
            connector.changes(page.cursor)
        with pytest.raises(Reconnect):
            connector.download(page.assets[0], tmp_path / "copy.png")
        with pytest.raises(Reconnect):
            connector.retag(asset_id, add={Tag("Aurora")}, remove=set())
        assert not (tmp_path / "copy.png").exists()

    def _nobody_did_anything(self, platform: Platform, asset_id: str) -> None:
        connector = platform.connect()
        if isinstance(connector, ReportsEdits):
            assert connector.edits([Asset(asset_id, "", "a.png")]) == {asset_id: Edits()}
