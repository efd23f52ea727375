"""Tags of Dropbox: read many files at once, written one by one, and taken away only where they are ours."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence, Set

from connector_core.account import Ledger
from connector_core.errors import Gone, PlatformDown, ReadOnly, Retry
from connector_core.types import Asset, Edits, Tag, Written
from model_service.errors import Refuse
from plugins.dropbox.api import Api, Conflict
from plugins.dropbox.ours import KNOWN, UNSURE, Ours, no_room, plan

TOGETHER = 50
"""paths a call; Dropbox does not say how many it takes"""
PLACE = "Dropbox tags"


class Tags:
    """The tags of an account's files. Tags go by path there, files by id here: paths are looked up when it matters."""

    def __init__(self, api: Api, ledger: Ledger) -> None:
        self._api = api
        self._ledger = ledger
        self._told: dict[str, Edits] = {}
        """edits that somebody has been told of: only these are settled by the next write"""

    def edits(self, assets: Sequence[Asset]) -> Mapping[str, Edits]:
        """By id, what people changed since our last write."""
        rows = self._ledger.rows([one.id for one in assets])
        found: dict[str, Edits] = {}
        for start in range(0, len(assets), TOGETHER):
            for one, shown in self._read(assets[start : start + TOGETHER]):
                ours = Ours.of(rows.get(one.id, {}))
                seen: Set[str] | None = shown
                if one.path and ours.edits(shown) != Edits():
                    # Another file may lie at that path by now: nobody is blamed before that is looked at.
                    seen = self._seen(one, shown)
                if seen is not None:
                    found[one.id] = ours.edits(seen)
        self._told |= found
        return found

    def retag(self, asset_id: str, add: Set[Tag], remove: Set[Tag]) -> Written:
        """Add and remove; a file that is moved meanwhile is found again. Raises Gone, ReadOnly, Refuse."""
        names = {one.name for one in remove}
        if both := names & {one.name for one in add}:
            raise Refuse(f"The tag {min(both)} cannot be added and removed at once.")
        if not all(name.strip() for name in names | {one.name for one in add}):
            raise Refuse("A tag without a name cannot be written.")
        for _ in range(2):
            path = str(self._api.metadata(asset_id)["path_lower"])
            try:
                return self._retag(asset_id, path, add, names)
            except Conflict as error:
                if not error.is_missing:
                    raise ReadOnly(f"Dropbox lets nobody tag this file ({error.tags}).") from error
        raise Retry("The file is being moved in Dropbox.", after=1.0)

    def _retag(self, asset_id: str, path: str, add: Set[Tag], remove: Set[str]) -> Written:
        ours = Ours.of(self._ledger.rows([asset_id]).get(asset_id, {}))
        shown = self._shown([path])[path]
        told, lost = self._told.pop(asset_id, None), ours.edits(shown).removed
        change = plan(ours, shown, add, remove)
        away = {name: word for name, word in ours.mine(shown).items() if word in change.gone}
        come, left = dict(change.come), dict(change.left)
        if not change.is_nothing:
            on_their_way = {**away, **{name: word for name, word in come.items() if word in change.fresh}}
            self._ledger.put(asset_id, {name: UNSURE + word for name, word in on_their_way.items()})
            for name in self._write(path, change.gone, come, change.fresh):
                left[name] = no_room(name)
                del come[name]
        sure = {**{name: word for name, word in change.kept.items() if name in ours.unsure}, **come}
        forgotten = {*(remove & (ours.sure.keys() | ours.unsure.keys())), *(ours.unsure.keys() - change.kept.keys())}
        forgotten |= {*(told.removed & lost)} if told is not None else ({*lost} if not change.is_nothing else set())
        if not change.is_nothing:
            people = ours.people(shown)
            known = people if told is None else people & (ours.known | told.added)
            sure[KNOWN] = " ".join(sorted(known))
        self._settle(asset_id, sure, (forgotten | left.keys()) - sure.keys())
        return Written(frozenset({**change.kept, **come}), PLACE, not change.is_nothing, left)

    def _write(self, path: str, gone: Set[str], come: Mapping[str, str], fresh: Set[str]) -> list[str]:
        """Bring it to Dropbox, one tag a call; names that there was no room for after all."""
        full: set[str] = set()
        for word in sorted(gone):
            try:
                self._api.call("files/tags/remove", {"path": path, "tag_text": word}, lane="write")
            except Conflict as error:
                if not error.tags.startswith("tag_not_present"):
                    raise
        for word in dict.fromkeys(word for word in come.values() if word in fresh):
            try:
                self._api.call("files/tags/add", {"path": path, "tag_text": word}, lane="write")
            except Conflict as error:
                if not error.tags.startswith("too_many_tags"):
                    raise
                full.add(word)
        return [name for name, word in come.items() if word in full]

    def _settle(self, asset_id: str, sure: Mapping[str, str], forgotten: Set[str]) -> None:
        if sure:
            self._ledger.put(asset_id, sure)
        if forgotten:
            self._ledger.drop(asset_id, sorted(forgotten))

    def _read(self, assets: Sequence[Asset]) -> list[tuple[Asset, Set[str]]]:
        """The words of files, but for those that Dropbox tells none of: one such file fails a call, so it is found."""
        if not assets:
            return []
        if all(one.path for one in assets):
            with contextlib.suppress(Conflict):
                shown = self._shown([one.path for one in assets])
                return [(one, shown[one.path]) for one in assets]
        if len(assets) > 1:
            half = len(assets) // 2
            return self._read(assets[:half]) + self._read(assets[half:])
        here = self._seen(assets[0], None)
        return [] if here is None else [(assets[0], here)]

    def _seen(self, asset: Asset, shown: Set[str] | None) -> Set[str] | None:
        """The words of a file wherever it is now: those ``shown`` at its path, if it is still there. None: gone."""
        try:
            path = str(self._api.metadata(asset.id)["path_lower"])
            return shown if shown is not None and path == asset.path else self._shown([path])[path]
        except (Gone, Conflict):
            return None

    def _shown(self, paths: Sequence[str]) -> Mapping[str, Set[str]]:
        """The words at these paths. Raises Conflict if one of them leads nowhere."""
        said = self._api.call("files/tags/get", {"paths": list(paths)})
        words = [{tag["tag_text"].lower() for tag in one["tags"] if "tag_text" in tag} for one in said["paths_to_tags"]]
        told = [str(one["path"]).lower() for one in said["paths_to_tags"]]
        if len(told) == len(paths) and set(told) != {path.lower() for path in paths}:
            told = list(paths)  # spelled otherwise, in the order of the question
        found = dict(zip(told, words, strict=True))
        if missing := [path for path in paths if path.lower() not in found and path not in found]:
            # No answer is no empty one: whose tags are not told has not lost them.
            raise PlatformDown(f"Dropbox does not tell the tags of {missing[0]}.", after=30.0)
        return {path: found[path if path in found else path.lower()] for path in paths}
