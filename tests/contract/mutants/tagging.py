"""Bugs in how tags are written and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from connector_core.errors import Retry
from connector_core.types import Asset, Edits, Tag, Written
from plugins.dropbox.api import Api, Conflict
from plugins.dropbox.connector import Dropbox
from plugins.dropbox.ours import UNSURE
from plugins.dropbox.spelling import spell
from plugins.dropbox.tags import Tags
from tests.contract.mutants.mutant import Mutant


class NeverRemoves(Dropbox):
    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        return super().retag(asset_id, add=add, remove=set())


class RemovesPeoplesTags(Dropbox):
    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        for tag in remove:
            path = self._api.metadata(asset_id)["path_lower"]
            try:
                self._api.call("files/tags/remove", {"path": path, "tag_text": spell(tag.name)}, lane="write")
            except Conflict:
                continue
        return super().retag(asset_id, add=add, remove=remove)


class ReplacesAllTags(Dropbox):
    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        path = self._api.metadata(asset_id)["path_lower"]
        ours = {tag.name for tag in add} | super().retag(asset_id, add=set(), remove=set()).tags
        for word in self._tags._shown([path])[path] - {spell(name) for name in ours}:
            self._api.call("files/tags/remove", {"path": path, "tag_text": word}, lane="write")
        return super().retag(asset_id, add=add, remove=remove)


class WritesTwice(Dropbox):
    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        written = super().retag(asset_id, add=add, remove=remove)
        for tag in add:
            path = self._api.metadata(asset_id)["path_lower"]
            self._api.call("files/tags/add", {"path": path, "tag_text": spell(tag.name)}, lane="write")
        return written


class SaysItChangedSomething(Dropbox):
    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        return replace(super().retag(asset_id, add=add, remove=remove), changed=True)


class ClaimsPeoplesTags(Dropbox):
    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        self._tags._ledger.put(asset_id, {tag.name: spell(tag.name) for tag in add})
        return super().retag(asset_id, add=add, remove=remove)


class DropsWhatDoesNotFit(Dropbox):
    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        return replace(super().retag(asset_id, add=add, remove=remove), left_out={})


class WritesByTheAlphabet(Dropbox):
    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        return super().retag(asset_id, add={replace(tag, rank=0.0) for tag in add}, remove=remove)


class GivesUpWhereItIsFull(Dropbox):
    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        if len(add) > 20:
            raise Retry("too many")
        return super().retag(asset_id, add=add, remove=remove)


class _Swallowing(Api):
    def call(self, route: str, argument: Any = None, *, lane: str = "read") -> Any:
        try:
            return super().call(route, argument, lane=lane)
        except Retry:
            if lane == "write":
                return None
            raise


class TakesNoForDone(Dropbox):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._api.__class__ = _Swallowing


class _SureTooEarly:
    """A ledger in which nothing is ever on its way."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def rows(self, asset_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        found: Mapping[str, Mapping[str, str]] = self._ledger.rows(asset_ids)
        return found

    def put(self, asset_id: str, words: Mapping[str, str]) -> None:
        self._ledger.put(asset_id, {name: word.removeprefix(UNSURE) for name, word in words.items()})

    def drop(self, asset_id: str, names: Sequence[str]) -> None:
        self._ledger.drop(asset_id, names)


class BlamesPeopleForACrash(Dropbox):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._tags._ledger = _SureTooEarly(self._tags._ledger)


class _NotesAfterwards(_SureTooEarly):
    def put(self, asset_id: str, words: Mapping[str, str]) -> None:
        if not any(word.startswith(UNSURE) for word in words.values()):
            self._ledger.put(asset_id, words)


class TakesItsOwnForPeoples(Dropbox):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._tags._ledger = _NotesAfterwards(self._tags._ledger)


class TellsItsOwnAsEdits(Dropbox):
    def edits(self, assets: Sequence[Asset]) -> Mapping[str, Edits]:
        found = super().edits(assets)
        paths = {one.id: str(self._api.metadata(one.id)["path_lower"]) for one in assets if one.id in found}
        return {
            asset_id: replace(edits, added=frozenset(self._tags._shown([paths[asset_id]])[paths[asset_id]]))
            for asset_id, edits in found.items()
        }


class ForgetsWhatPeopleTookAway(Dropbox):
    def edits(self, assets: Sequence[Asset]) -> Mapping[str, Edits]:
        return {one: replace(edits, removed=frozenset()) for one, edits in super().edits(assets).items()}


class AsksForTheFirstFifty(Dropbox):
    def edits(self, assets: Sequence[Asset]) -> Mapping[str, Edits]:
        return super().edits(assets[:50])


class _Trusting(Tags):
    def _seen(self, asset: Asset, shown: Set[str] | None) -> Set[str] | None:
        return shown if shown is not None else super()._seen(asset, shown)


class BelievesOldPaths(Dropbox):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._tags.__class__ = _Trusting


TAGGING = (
    Mutant("never takes a tag away", NeverRemoves, "test_tags_are_shown_and_taken_away"),
    Mutant("takes people's tags away with its own", RemovesPeoplesTags, "test_what_people_wrote_stays"),
    Mutant("replaces people's tags", ReplacesAllTags, "test_what_people_wrote_stays"),
    Mutant("writes what is there already", WritesTwice, "test_twice_is_the_same_as_once"),
    Mutant("says that it changed something when it did not", SaysItChangedSomething, "test_twice_is_the_same_as_once"),
    Mutant("claims people's tags", ClaimsPeoplesTags, "test_what_people_wrote_is_not_claimed"),
    Mutant(
        "leaves out in silence what does not fit",
        DropsWhatDoesNotFit,
        "test_what_does_not_fit_is_told_and_people_come_first",
    ),
    Mutant(
        "writes by the alphabet where there is room for few",
        WritesByTheAlphabet,
        "test_what_does_not_fit_is_told_and_people_come_first",
    ),
    Mutant(
        "writes nothing where not all fits",
        GivesUpWhereItIsFull,
        "test_what_does_not_fit_is_told_and_people_come_first",
    ),
    Mutant(
        "takes a refused write for done",
        TakesNoForDone,
        "test_a_write_that_failed_is_made_good_and_blamed_on_nobody",
        {"what": "busy"},
    ),
    Mutant(
        "takes a write that never happened for a person's no",
        BlamesPeopleForACrash,
        "test_a_write_that_failed_is_made_good_and_blamed_on_nobody",
        {"what": "down"},
    ),
    Mutant(
        "takes its own tag for a person's after a lost answer",
        TakesItsOwnForPeoples,
        "test_a_write_that_failed_is_made_good_and_blamed_on_nobody",
        {"what": "lost"},
    ),
    Mutant("tells its own tags as people's", TellsItsOwnAsEdits, "test_our_own_writes_are_no_edits"),
    Mutant(
        "does not tell what people took away",
        ForgetsWhatPeopleTookAway,
        "test_what_people_changed_since_is_reported",
    ),
    Mutant(
        "asks for the tags of the first fifty",
        AsksForTheFirstFifty,
        "test_edits_of_many_are_asked_for_at_once_and_those_that_are_gone_left_out",
    ),
    Mutant(
        "believes that a file is where it was",
        BelievesOldPaths,
        "test_nobody_is_blamed_for_what_lies_at_an_old_path",
    ),
)
