"""Tags: ours come and go as asked, people's stay, and what people changed since is heard."""

from __future__ import annotations

import pytest

from connector_core import manifest
from connector_core.connector import ReportsEdits
from connector_core.types import Asset, Edits, Tag
from tests.contract.connector.platform import Platform, Suite, need, picture


class TaggingContract(Suite):
    """Promises of ``retag`` and ``edits``."""

    def test_tags_are_shown_and_taken_away(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        connector = platform.connect()
        written = connector.retag(asset_id, add={Tag("Aurora"), Tag("SS26", group="season")}, remove=set())
        assert (written.tags, written.changed) == ({"Aurora", "SS26"}, True)
        assert platform.tags(asset_id) == self.shown("Aurora", "SS26")
        written = platform.connect().retag(asset_id, add={Tag("Borealis")}, remove={Tag("Aurora")})
        assert (written.tags, written.changed) == ({"Borealis", "SS26"}, True)
        assert platform.tags(asset_id) == self.shown("Borealis", "SS26")

    def test_twice_is_the_same_as_once(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        connector = platform.connect()
        connector.retag(asset_id, add={Tag("Aurora"), Tag("SS26")}, remove=set())
        connector.retag(asset_id, add=set(), remove={Tag("SS26")})
        before = list(platform.writes())
        for _ in range(2):
            again = platform.connect().retag(asset_id, add={Tag("Aurora")}, remove={Tag("SS26")})
            assert (again.tags, again.changed) == ({"Aurora"}, False)
        assert platform.tags(asset_id) == self.shown("Aurora")
        assert list(platform.writes()) == before

    def test_nothing_asked_is_nothing_done(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        written = platform.connect().retag(asset_id, add=set(), remove={Tag("Aurora")})
        assert (written.tags, written.changed) == (frozenset(), False)
        assert not platform.writes()

    def test_asking_for_nothing_tells_what_is_ours(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        platform.tag(asset_id, self.word("holiday"))
        platform.connect().retag(asset_id, add={Tag("Aurora")}, remove=set())
        assert platform.connect().retag(asset_id, add=set(), remove=set()).tags == {"Aurora"}

    def test_names_that_begin_alike_are_different_tags(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        platform.tag(asset_id, self.word("Aurora"))
        written = platform.connect().retag(asset_id, add={Tag("Auroras"), Tag("AuroraX")}, remove=set())
        assert written.tags == {"Auroras", "AuroraX"}
        platform.connect().retag(asset_id, add=set(), remove={Tag("Auroras")})
        assert platform.tags(asset_id) == self.shown("Aurora", "AuroraX")

    def test_what_people_wrote_stays(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        platform.tag(asset_id, self.word("holiday"))
        connector = platform.connect()
        connector.retag(asset_id, add={Tag("Aurora")}, remove=set())
        assert platform.tags(asset_id) == self.shown("holiday", "Aurora")
        written = connector.retag(asset_id, add=set(), remove={Tag("Aurora"), Tag("holiday")})
        assert written.tags == frozenset()
        assert platform.tags(asset_id) == self.shown("holiday")

    def test_what_people_wrote_is_not_claimed(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        platform.tag(asset_id, self.word("Aurora"))
        connector = platform.connect()
        written = connector.retag(asset_id, add={Tag("Aurora")}, remove=set())
        assert (written.tags, written.changed) == (frozenset(), False)
        written = connector.retag(asset_id, add={Tag("Aurora"), Tag("SS26")}, remove=set())
        assert written.tags == {"SS26"}
        connector.retag(asset_id, add=set(), remove={Tag("Aurora"), Tag("SS26")})
        assert platform.tags(asset_id) == self.shown("Aurora")

    def test_what_people_write_later_stays(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        platform.connect().retag(asset_id, add={Tag("Aurora"), Tag("SS26")}, remove=set())
        platform.tag(asset_id, self.word("holiday"))
        platform.connect().retag(asset_id, add={Tag("Borealis")}, remove={Tag("Aurora")})
        assert platform.tags(asset_id) == self.shown("holiday", "SS26", "Borealis")

    def test_tags_find_what_was_moved_meanwhile(self, platform: Platform) -> None:
        asset_id = platform.put("a.png", picture(1))
        connector = platform.connect()
        connector.changes()
        moved = platform.rename(asset_id, "moved/b.png")
        other = platform.put("a.png", picture(2))
        connector.retag(moved, add={Tag("Aurora")}, remove=set())
        assert (platform.tags(moved), platform.tags(other)) == (self.shown("Aurora"), set())

    def test_what_does_not_fit_is_told_and_people_come_first(self, platform: Platform) -> None:
        most = manifest.load(self.host).limits.get("tags", 0)
        need(most, "has room for any number of tags")
        asset_id = platform.put("a.png", picture(1))
        platform.tag(asset_id, self.word("holiday"))
        platform.tag(asset_id, self.word("beach"))
        wanted = {Tag(f"Tag {number}", rank=number / 100) for number in range(most + 3)}
        written = platform.connect().retag(asset_id, add=wanted, remove=set())
        fitting = {f"Tag {number}" for number in range(5, most + 3)}
        assert written.tags == fitting
        assert written.left_out.keys() == {f"Tag {number}" for number in range(5)}
        assert all(name in why for name, why in written.left_out.items())
        assert platform.tags(asset_id) == self.shown("holiday", "beach", *fitting)
        again = platform.connect().retag(asset_id, add=wanted, remove={Tag("Tag 99")})
        assert (again.changed, again.left_out.keys()) == (False, written.left_out.keys())
        written = platform.connect().retag(asset_id, add={Tag("Tag 4")}, remove={Tag("Tag 5")})
        assert platform.tags(asset_id) == self.shown("holiday", "beach", "Tag 4", *fitting - {"Tag 5"})
        assert not written.left_out

    def test_what_people_changed_since_is_reported(self, platform: Platform) -> None:
        connector, asset_id = self._edited(platform)
        platform.tag(asset_id, self.word("holiday"))
        platform.connect().retag(asset_id, add={Tag("Aurora"), Tag("SS26")}, remove=set())
        asset = Asset(asset_id, "", "a.png")
        assert connector.edits([asset]) == {asset_id: Edits()}
        platform.tag(asset_id, self.word("Borealis"))
        platform.untag(asset_id, self.word("Aurora"))
        told = Edits(frozenset(self.shown("Borealis")), frozenset({"Aurora"}))
        assert connector.edits([asset]) == {asset_id: told}
        assert connector.edits([asset]) == {asset_id: told}
        connector.retag(asset_id, add={Tag("packshot")}, remove=set())
        assert connector.edits([asset]) == {asset_id: Edits()}
        assert platform.tags(asset_id) == self.shown("holiday", "SS26", "Borealis", "packshot")

    def test_of_an_asset_that_we_never_wrote_to_everything_is_reported(self, platform: Platform) -> None:
        connector, asset_id = self._edited(platform)
        platform.tag(asset_id, self.word("holiday"))
        assert connector.edits([Asset(asset_id, "", "a.png")]) == {asset_id: Edits(frozenset(self.shown("holiday")))}

    def test_our_own_writes_are_no_edits(self, platform: Platform) -> None:
        connector, asset_id = self._edited(platform)
        asset = Asset(asset_id, "", "a.png")
        for add, remove in (({"Aurora", "SS26"}, set()), ({"Borealis"}, {"Aurora"}), (set(), {"Borealis", "SS26"})):
            platform.connect().retag(asset_id, add={Tag(name) for name in add}, remove={Tag(name) for name in remove})
            assert connector.edits([asset]) == {asset_id: Edits()}
            assert platform.connect().edits([asset]) == {asset_id: Edits()}  # type: ignore[attr-defined]

    def test_edits_of_many_are_asked_for_at_once_and_those_that_are_gone_left_out(self, platform: Platform) -> None:
        connector, _ = self._edited(platform)
        ids = [platform.put(f"{number}.png", picture(number)) for number in range(60)]
        known = {asset.id: asset for asset in platform.connect().changes().assets}
        assert set(ids) <= set(known)
        writer = platform.connect()
        for number in (3, 41):
            writer.retag(ids[number], add={Tag("Aurora"), Tag("SS26")}, remove=set())
        platform.untag(ids[3], self.word("Aurora"))
        platform.tag(ids[50], self.word("holiday"))
        platform.remove(ids[7])
        moved = platform.rename(ids[41], "elsewhere.png")
        found = connector.edits([known[asset_id] for asset_id in ids])
        assert ids[7] not in found
        assert {asset_id: edits for asset_id, edits in found.items() if edits != Edits()} == {
            ids[3]: Edits(removed=frozenset({"Aurora"})),
            ids[50]: Edits(added=frozenset(self.shown("holiday"))),
        }
        if moved == ids[41]:
            assert found[moved] == Edits()

    def test_nobody_is_blamed_for_what_lies_at_an_old_path(self, platform: Platform) -> None:
        connector, asset_id = self._edited(platform)
        platform.connect().retag(asset_id, add={Tag("Aurora")}, remove=set())
        known = [asset for asset in platform.connect().changes().assets if asset.id == asset_id]
        moved = platform.rename(asset_id, "b.png")
        if moved != asset_id:
            pytest.skip("this host calls a file that moved another one")
        platform.put("a.png", picture(2))
        assert connector.edits(known) == {asset_id: Edits()}

    def _edited(self, platform: Platform) -> tuple[ReportsEdits, str]:
        connector = platform.connect()
        if not isinstance(connector, ReportsEdits):
            pytest.skip(f"{self.host} does not report what people changed")
        return connector, platform.put("a.png", picture(1))
