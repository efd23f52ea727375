"""What we know of the tags of one file: which are ours, which were people's, and what is to change.

The ledger holds, by name, the word that we wrote. A word on its way to Dropbox or away from it has a mark in front, so
that after a crash nobody takes its absence for a person's no. Under the empty name are the words that people had at our
last write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from connector_core.types import Edits, Tag
from plugins.dropbox.spelling import spell

MOST = 20
"""tags of a file, whoever wrote them"""
UNSURE, KNOWN = "?", ""


@dataclass(frozen=True, slots=True)
class Ours:
    """What the ledger says of one file."""

    sure: Mapping[str, str]
    """by name, words that were shown because of us"""
    unsure: Mapping[str, str]
    """by name, words that were on their way"""
    known: frozenset[str]
    """words that people had at our last write"""

    @classmethod
    def of(cls, rows: Mapping[str, str]) -> Ours:
        """Read the rows of the ledger."""
        words = {name: word for name, word in rows.items() if name != KNOWN}
        return cls(
            {name: word for name, word in words.items() if not word.startswith(UNSURE)},
            {name: word.removeprefix(UNSURE) for name, word in words.items() if word.startswith(UNSURE)},
            frozenset(rows.get(KNOWN, "").split()),
        )

    def mine(self, shown: Set[str]) -> dict[str, str]:
        """By name, the words of ours that are among those shown."""
        return {name: word for name, word in {**self.unsure, **self.sure}.items() if word in shown}

    def people(self, shown: Set[str]) -> frozenset[str]:
        """The words that are not ours."""
        return frozenset(shown - set(self.mine(shown).values()))

    def edits(self, shown: Set[str]) -> Edits:
        """What people changed, if these words are shown now."""
        lost = frozenset(name for name, word in self.sure.items() if word not in shown)
        return Edits(self.people(shown) - self.known, lost)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of the tags of one file."""

    kept: Mapping[str, str]
    """by name, words of ours that stay"""
    gone: frozenset[str]
    """words to be taken away"""
    come: Mapping[str, str]
    """by name, words that are ours from now on"""
    fresh: frozenset[str]
    """those of them that are not shown yet"""
    left: Mapping[str, str]
    """names that there is no room for, and why"""

    @property
    def is_nothing(self) -> bool:
        """Whether all is as asked already."""
        return not self.gone and not self.fresh


def plan(ours: Ours, shown: Set[str], add: Iterable[Tag], remove: Set[str]) -> Change:
    """What to change so that the file shows these and no longer shows those, where both are ours to decide."""
    mine, people = ours.mine(shown), ours.people(shown)
    kept = {name: word for name, word in mine.items() if name not in remove}
    gone = set(mine.values()) - set(kept.values())
    room = MOST - len(shown - gone)
    come: dict[str, str] = {}
    left: dict[str, str] = {}
    for tag in sorted(add, key=lambda one: (-one.rank, one.name)):
        word = spell(tag.name)
        # What a person wrote is theirs, though we would have written the same.
        if tag.name in kept or word in people:
            continue
        is_there = word in kept.values() or word in come.values()
        if not is_there and room <= 0:
            left[tag.name] = no_room(tag.name)
            continue
        room -= not is_there
        come[tag.name] = word
    words = set(come.values())
    return Change(kept, frozenset(gone - words), come, frozenset(words - shown), left)


def no_room(name: str) -> str:
    """The sentence for a tag that does not fit."""
    return f"{name} was not written: the file has {MOST} tags already, and Dropbox takes no more."
