"""What becomes of assets: removed, renamed, replaced, come back, changed; and what does not count as a change."""

from __future__ import annotations

from connector_core.types import Asset, Tag
from tests.contract.connector.platform import Platform, Suite, picture
from tests.contract.connector.reader import Reader


class ChangingContract(Suite):
    """Promises of ``changes`` as to what it tells."""

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
        assert reader.catch_up() == []
        assert reader.gone == {gone}
        fresh = Reader(platform)
        assert [asset.id for asset in fresh.catch_up()] == [stays]

    def test_a_removed_folder_takes_all_that_was_in_it_and_nothing_beside_it(self, platform: Platform) -> None:
        inside = {platform.put("shoot/a.png", picture(1)), platform.put("shoot/deep/b.png", picture(2))}
        beside = {platform.put("shoot 2/a.png", picture(3)), platform.put("shoot.png", picture(4))}
        reader = Reader(platform)
        reader.catch_up()
        assert set(reader.versions) == inside | beside
        platform.remove_folder("shoot")
        reader.catch_up()
        assert reader.gone == inside
        assert set(reader.versions) == beside

    def test_a_renamed_folder_takes_all_that_is_in_it_along(self, platform: Platform) -> None:
        ids = {platform.put("shoot/a.png", picture(1)), platform.put("shoot/deep/b.png", picture(2))}
        reader = Reader(platform)
        reader.catch_up()
        before = sorted(reader.versions.values())
        platform.rename_folder("shoot", "campaign")
        reader.catch_up()
        assert (set(reader.versions) == ids) == self.renames_keep_ids
        assert sorted(reader.versions.values()) == before
        fresh = Reader(platform)
        fresh.catch_up()
        assert reader.versions == fresh.versions

    def test_a_move_out_of_a_folder_that_is_then_removed_is_survived(self, platform: Platform) -> None:
        asset_id = platform.put("shoot/a.png", picture(1))
        reader = Reader(platform, page=100)
        reader.catch_up()
        moved = platform.rename(asset_id, "kept.png")
        platform.remove_folder("shoot")
        reader.catch_up()
        assert set(reader.versions) == {moved}

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

    def test_another_picture_of_the_same_name_takes_its_place(self, platform: Platform) -> None:
        old = platform.put("a.png", picture(1))
        reader = Reader(platform)
        reader.catch_up()
        version = reader.versions[old]
        platform.remove(old)
        new = platform.put("a.png", picture(2))
        reader.catch_up()
        assert set(reader.versions) == {new}
        assert reader.versions[new] != version

    def test_a_folder_may_take_the_place_of_a_picture(self, platform: Platform) -> None:
        old = platform.put("a.png", picture(1))
        reader = Reader(platform)
        reader.catch_up()
        platform.remove(old)
        inside = platform.put("a.png/b.png", picture(2))
        self._follow(reader)
        assert set(reader.versions) == {inside}

    def test_a_picture_may_take_the_place_of_a_folder(self, platform: Platform) -> None:
        inside, other = platform.put("a.png/b.png", picture(1)), platform.put("c.png", picture(2))
        reader = Reader(platform)
        reader.catch_up()
        assert set(reader.versions) == {inside, other}
        platform.remove_folder("a.png")
        new = platform.put("a.png", picture(3))
        self._follow(reader)
        assert set(reader.versions) == {new, other}

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

    def test_two_that_swap_their_names_stay_themselves(self, platform: Platform) -> None:
        one, other = platform.put("a.png", picture(1)), platform.put("b.png", picture(2))
        reader = Reader(platform)
        reader.catch_up()
        versions = sorted(reader.versions.values())
        aside = platform.rename(one, "aside.png")
        platform.rename(other, "a.png")
        platform.rename(aside, "b.png")
        reader.catch_up()
        assert sorted(reader.versions.values()) == versions
        if self.renames_keep_ids:
            assert (reader.names[one], reader.names[other]) == ("b.png", "a.png")

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
        platform.put("a.png", picture(1))
        reader.catch_up()
        assert reader.versions[asset_id] == before

    def test_what_is_no_picture_is_not_told(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        for name in ("notes.txt", "report.pdf", "no ending", ".hidden.png"):
            platform.put(name, picture(2))
        reader = Reader(platform, page=100)
        assert [asset.id for asset in reader.catch_up()] == [asset_id]

    def test_our_own_write_wakes_nobody(self, platform: Platform) -> None:
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

    @staticmethod
    def _follow(reader: Reader) -> list[Asset]:
        """Read on, and begin again where that is asked for."""
        from connector_core.errors import StaleCursor

        try:
            return reader.catch_up()
        except StaleCursor:
            reader.list_anew()
            return []
