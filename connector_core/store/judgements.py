"""What the model and people say of assets: predictions, appearances, verdicts, and what is withheld."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from connector_core.store.rows import Predicted
from connector_core.store.scope import ROWS, Scope
from connector_core.store.tables import examples, predictions, tags, verdicts, withheld

P, V = predictions.c, verdicts.c


class Judgements(Scope):
    """Predictions and verdicts of one tenant."""

    def predict(self, found: Sequence[Mapping[str, Any]]) -> None:
        """Store predictions, one an asset and group; what was said before is replaced."""
        now = time.time()
        self._upsert(predictions, [{**one, "created": now} for one in found], ["asset", "group"])

    def of(self, assets: Sequence[str]) -> dict[str, list[Predicted]]:
        """The predictions of assets, by asset."""
        found: dict[str, list[Predicted]] = {}
        for start in range(0, len(assets), ROWS):
            for row in self._db.execute(self._select(predictions, P.asset.in_(assets[start : start + ROWS]))):
                found.setdefault(row.asset, []).append(Predicted.of(row))
        return found

    def queue(self, decision: str, *, limit: int = 50, after: tuple[float, str] | None = None) -> list[Predicted]:
        """Predictions of a decision, the least certain first, beginning after one."""
        asked = self._select(predictions, P.decision == decision).order_by(P.probability, P.asset)
        if after is not None:
            sure, asset = after
            asked = asked.where((P.probability > sure) | ((P.probability == sure) & (P.asset > asset)))
        return [Predicted.of(row) for row in self._db.execute(asked.limit(limit))]

    def counts(self) -> dict[str, int]:
        """How many predictions there are of each decision."""
        asked = select(P.decision, func.count()).where(self._mine(predictions)).group_by(P.decision)
        return {decision: count for decision, count in self._db.execute(asked)}

    def drop(self, assets: Sequence[str]) -> None:
        """Forget what was predicted of these assets."""
        for start in range(0, len(assets), ROWS):
            self._db.execute(self._delete(predictions, P.asset.in_(assets[start : start + ROWS])))

    def say(self, asset: str, tag: str, *, yes: bool, person: str, source: str) -> None:
        """A person's yes or no; the latest counts. A yes lifts what was withheld."""
        row = {"asset": asset, "tag": tag, "yes": yes, "person": person, "source": source, "created": time.time()}
        self._upsert(verdicts, [row], ["asset", "tag"])
        if yes:
            self._db.execute(self._delete(withheld, withheld.c.asset == asset, withheld.c.tag == tag))

    def unsay(self, asset: str, tag: str) -> bool:
        """Take a verdict back; false if there was none."""
        return self._db.execute(self._delete(verdicts, V.asset == asset, V.tag == tag)).rowcount > 0

    def said(self, assets: Sequence[str]) -> dict[str, dict[str, bool]]:
        """What people say, by asset and tag: their verdicts, and the examples that they gave."""
        found: dict[str, dict[str, bool]] = {}
        for start in range(0, len(assets), ROWS):
            some = assets[start : start + ROWS]
            for row in self._db.execute(self._select(examples, examples.c.asset.in_(some))):
                found.setdefault(row.asset, {})[row.tag] = row.yes
            for row in self._db.execute(self._select(verdicts, V.asset.in_(some))):
                found.setdefault(row.asset, {})[row.tag] = row.yes
        return found

    def withhold(self, pairs: Sequence[tuple[str, str]], batch: str) -> None:
        """These tags are not to be written to these assets, until a person says yes."""
        self._upsert(withheld, [{"asset": a, "tag": t, "batch": batch} for a, t in pairs], ["asset", "tag"])

    def release(self, batch: str) -> None:
        """Write again what was withheld by a batch."""
        self._db.execute(self._delete(withheld, withheld.c.batch == batch))

    def wanted(self, assets: Sequence[str]) -> dict[str, dict[str, str]]:
        """The tags that each asset should show: ids, and the names of their groups' ids.

        What a person said counts; what the model would apply counts where nobody contradicts: neither a no, nor a
        yes to another tag of the same group, nor a withdrawal.
        """
        said, kept, guessed = self.said(assets), self._withheld(assets), self.of(assets)
        named = {tag for verdict in said.values() for tag, yes in verdict.items() if yes}
        named |= {one.tag for guesses in guessed.values() for one in guesses if one.decision == "apply"}
        group_of = self.groups(named)
        found: dict[str, dict[str, str]] = {asset: {} for asset in assets}
        for asset in assets:
            verdict = said.get(asset, {})
            for tag in (tag for tag, yes in verdict.items() if yes and (asset, tag) not in kept):
                found[asset][tag] = group_of[tag]
        for asset, guesses in guessed.items():
            settled = set(found[asset].values())
            for one in guesses:
                if one.decision != "apply" or one.group in settled or said.get(asset, {}).get(one.tag) is False:
                    continue
                if one.tag in group_of and (asset, one.tag) not in kept:
                    found[asset][one.tag] = one.group
        return found

    def groups(self, known: Collection[str]) -> dict[str, str]:
        """The group of each of these tags that exists."""
        found: dict[str, str] = {}
        some = sorted(known)
        for start in range(0, len(some), ROWS):
            asked = self._select(tags, tags.c.id.in_(some[start : start + ROWS]), what=[tags.c.id, tags.c.group])
            found |= {row.id: row.group for row in self._db.execute(asked)}
        return found

    def _withheld(self, assets: Sequence[str]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for start in range(0, len(assets), ROWS):
            asked = self._select(withheld, withheld.c.asset.in_(assets[start : start + ROWS]))
            found |= {(row.asset, row.tag) for row in self._db.execute(asked)}
        return found
