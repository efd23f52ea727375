"""Whose a tag is, whatever people and we do in turn and whatever breaks: nobody loses a word or is blamed wrongly."""

from __future__ import annotations

import contextlib
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from connector_core.errors import Retry
from connector_core.types import Asset, Edits, Tag
from plugins.dropbox.ours import UNSURE
from plugins.dropbox.spelling import spell
from tests.contract.connector import picture
from tests.plugins.dropbox import OnTwin
from tests.twins.dropbox import Fault, Twin

NAMES = ("Aurora", "SS26", "Storm Blue", "storm-blue")
WORDS = ("holiday", "aurora", "ss26", "storm_blue")
Broken = Literal["error", "lose", "drop", "rate"]
SOME = st.frozensets(st.sampled_from(NAMES), max_size=3)
DEEDS = st.one_of(
    st.tuples(st.just("tag"), st.sampled_from(WORDS)),
    st.tuples(st.just("untag"), st.sampled_from(WORDS)),
    st.tuples(st.just("retag"), SOME, SOME),
    st.tuples(st.just("retag"), SOME, SOME),
    st.tuples(st.just("break"), st.sampled_from(("error", "lose", "drop", "rate")), st.integers(0, 2)),
    st.tuples(st.just("hear")),
)


class Photo:
    """One file, and the truth about its tags."""

    def __init__(self, platform: OnTwin) -> None:
        self._platform = platform
        self._id = platform.put("a.png", picture(1))
        self._theirs: set[str] = set()
        self._refused: set[str] = set()
        """words of ours that a person took away"""

    @property
    def shown(self) -> set[str]:
        return self._platform.tags(self._id)

    def tag(self, word: str) -> None:
        """A person adds a word. One that is just on its way may be either's, so nobody adds it now.

        One of ours that a person took away, and gives back before we wrote again, is ours as before.
        """
        ours = {said for name, said in self._platform.ledger.pages.get(self._id, {}).items() if name}
        if word not in self.shown and UNSURE + word not in ours:
            self._platform.tag(self._id, word)
            self._refused.discard(word)
            if word not in ours:
                self._theirs.add(word)

    def untag(self, word: str) -> None:
        """A person takes a word away."""
        if word in self.shown:
            self._platform.untag(self._id, word)
            if word not in self._theirs:
                self._refused.add(word)
            self._theirs.discard(word)

    def retag(self, add: frozenset[str], remove: frozenset[str]) -> None:
        """We write, and it may break."""
        add, before = add - remove, self.shown
        with contextlib.suppress(Retry):
            written = self._platform.connect().retag(
                self._id, add={Tag(name) for name in add}, remove={Tag(name) for name in remove}
            )
            ours = {spell(name) for name in written.tags}
            assert ours == self.shown - self._theirs
            assert {spell(name) for name in add} <= self.shown
            assert not remove & written.tags
            assert written.changed == (before != self.shown)
        assert self._theirs <= self.shown, "a person's word is gone"

    def hear(self) -> None:
        """We ask what people changed."""
        found = self._platform.connect().edits([Asset(self._id, "", "a.png", path="/a.png")])
        edits = found.get(self._id, Edits())
        assert edits.added <= self._theirs
        assert {spell(name) for name in edits.removed} <= self._refused - self.shown


@settings(max_examples=30, deadline=None)
@given(st.lists(DEEDS, max_size=20))
def test_people_lose_nothing_and_are_blamed_for_nothing(deeds: list[tuple[object, ...]]) -> None:
    with Twin() as twin:
        photo = Photo(OnTwin(twin))
        for deed in deeds:
            match deed:
                case ("tag", str(word)):
                    photo.tag(word)
                case ("untag", str(word)):
                    photo.untag(word)
                case ("retag", frozenset() as add, frozenset() as remove):
                    photo.retag(add, remove)
                case ("break", str(kind), int(after)):
                    twin.plan(Fault(kind, "files/tags/[ar]*", after=after))  # type: ignore[arg-type]
                case ("hear",):
                    photo.hear()
        twin.unplan()
        photo.retag(frozenset(NAMES), frozenset())
        photo.hear()
        photo.retag(frozenset(), frozenset(NAMES))
        photo.hear()
        assert all(one.changed for one in twin.writes), "written although it was there"
