"""Bytes: a download brings them, a preview brings fewer, and what cannot be had says so and leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from connector_core.connector import Previews
from connector_core.errors import Gone
from connector_core.types import Asset, Tag
from model_service.errors import Refuse, Skip, Unreadable
from tests.contract.connector.platform import Platform, Suite, picture

NAMES = ("aurora shell.png", "Größe — naïve.png", "cafe\u0301.png", "夏の 上着 🧥.png", "b'quote\" & <tag>.png")
NEVER_GIVEN = ("../outside.png", "/etc/hosts", "", "a/../../b.png", "nothing like an id\x00.png")


class ReadingContract(Suite):
    """Promises of ``download`` and ``preview``."""

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

    def test_a_download_finds_what_was_moved_meanwhile(self, platform: Platform, tmp_path: Path) -> None:
        asset_id = platform.put("a.png", picture(1))
        connector = platform.connect()
        (asset,) = connector.changes().assets
        moved = platform.rename(asset_id, "b.png")
        platform.put("a.png", picture(2))
        if moved != asset_id:
            pytest.skip("this host calls a file that moved another one")
        connector.download(asset, tmp_path / "copy.png")
        assert (tmp_path / "copy.png").read_bytes() == picture(1)

    def test_an_asset_that_is_gone_says_so(self, platform: Platform, tmp_path: Path) -> None:
        asset_id = platform.put("a.png", picture(1))
        connector = platform.connect()
        (asset,) = connector.changes().assets
        platform.remove(asset_id)
        with pytest.raises(Gone):
            connector.download(asset, tmp_path / "copy.png")
        with pytest.raises(Gone):
            connector.retag(asset_id, add={Tag("Aurora")}, remove=set())
        if isinstance(connector, Previews):
            with pytest.raises(Gone):
                connector.preview(asset, tmp_path / "copy.png", 640)
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

    def test_a_preview_is_a_small_picture_of_the_same(self, platform: Platform, tmp_path: Path) -> None:
        connector = self._previews(platform)
        platform.put("a.png", picture(1, size=1500))
        (asset,) = platform.connect().changes().assets
        for most in (640, 320):
            connector.preview(asset, tmp_path / "small", most)
            with Image.open(tmp_path / "small") as small:
                assert most // 2 <= max(small.size) <= most
                colour = small.convert("RGB").getpixel((small.width // 2, small.height // 2))
            assert all(abs(a - b) < 6 for a, b in zip(colour, (37, 91, 60), strict=True))  # type: ignore[arg-type]

    def test_where_there_is_no_preview_it_says_so_and_leaves_nothing(self, platform: Platform, tmp_path: Path) -> None:
        connector = self._previews(platform)
        platform.put("a.heic", b"no picture")
        platform.put("b.png", b"no picture either")
        place = tmp_path / "previews"
        place.mkdir()
        for asset in platform.connect().changes().assets:
            with pytest.raises(Skip):
                connector.preview(asset, place / "small", 640)
        assert list(place.iterdir()) == []

    def _previews(self, platform: Platform) -> Previews:
        connector = platform.connect()
        if not isinstance(connector, Previews):
            pytest.skip(f"{self.host} gives no previews")
        return connector
