"""Spelling: names of all languages are shown so that people read them, and no two are taken for one."""

from __future__ import annotations

import itertools
from typing import ClassVar

import pytest

from connector_core import manifest
from connector_core.connector import ReportsEdits, Spells
from connector_core.types import Asset, Tag
from tests.contract.connector.platform import Platform, Suite, picture

ALIKE = (
    "Aurora Shell", "Aurora Shell!", "Aurora Shell?", "50 % off", "50 & off", "50 off", "🧥", "👗", "&", "Größe",
    "Grosse", "a" * 40, "a" * 41, "a" * 39 + "b", "夏の上着", "夏の上着!", "C++", "C#", "C",
)  # fmt: skip
"""names that lose something or come near one another"""


class SpellingContract(Suite):
    """Promises as to how a host shows names."""

    tag_names: ClassVar[tuple[str, ...]] = ("Größe 42", "夏の上着", "Йти", "a & b <c>", "50 % off")
    """names that are written to the host in one go"""

    def test_tags_of_all_languages_survive(self, platform: Platform) -> None:
        names = set(self.tag_names)
        asset_id = platform.put("a.png", picture(1))
        written = platform.connect().retag(asset_id, add={Tag(name) for name in names}, remove=set())
        assert written.tags == names
        assert platform.tags(asset_id) == self.shown(*names)
        platform.connect().retag(asset_id, add=set(), remove={Tag(name) for name in names})
        assert platform.tags(asset_id) == set()

    def test_no_two_names_are_shown_alike(self) -> None:
        words = [self.word(name) for name in ALIKE]
        assert len(set(words)) == len(ALIKE), words

    def test_letters_of_all_languages_are_still_letters(self) -> None:
        for name, part in (("Größe 42", "größe"), ("夏の上着", "夏の上着"), ("Йти", "йти"), ("Crème Brûlée", "brûlée")):
            assert part in self.word(name).lower()

    def test_a_word_is_spelled_as_it_is_and_within_the_limits(self) -> None:
        longest = manifest.load(self.host).limits.get("tag_length", 1000)
        for name in (*ALIKE, *self.tag_names):
            word = self.word(name)
            assert self.word(word) == word
            assert 0 < len(word) <= longest

    def test_two_names_that_are_shown_alike_share_a_word_until_the_last_goes(self, platform: Platform) -> None:
        names = ("Storm Blue", "storm-blue")
        if self.word(names[0]) != self.word(names[1]):
            pytest.skip("this host shows them as two")
        asset_id = platform.put("a.png", picture(1))
        written = platform.connect().retag(asset_id, add={Tag(name) for name in names}, remove=set())
        assert written.tags == set(names)
        for gone, left in itertools.pairwise((*names, "")):
            assert platform.tags(asset_id) == self.shown(names[0])
            written = platform.connect().retag(asset_id, add=set(), remove={Tag(gone)})
            assert written.tags == ({left} if left else set())
        assert platform.tags(asset_id) == set()

    def test_what_people_do_to_a_spelled_word_is_said_of_its_name(self, platform: Platform) -> None:
        connector = platform.connect()
        if not isinstance(connector, ReportsEdits) or not isinstance(connector, Spells):
            pytest.skip(f"{self.host} shows names as they are")
        asset_id, names = platform.put("a.png", picture(1)), ("Crème Brûlée & more", "a" * 50)
        platform.connect().retag(asset_id, add={Tag(name) for name in names}, remove=set())
        platform.untag(asset_id, self.word(names[0]))
        platform.tag(asset_id, self.word("50 % off"))
        edits = connector.edits([Asset(asset_id, "", "a.png")])[asset_id]
        assert edits.removed == {names[0]}
        assert edits.added == {connector.spell("50 % off")}
