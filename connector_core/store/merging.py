"""Merging: what is said of a tag is said of another one from now on."""

from __future__ import annotations

from sqlalchemy import select, union

from connector_core.store.scope import Scope
from connector_core.store.tables import ledger, predictions, tags, verdicts, withheld

P, V, L, W = predictions.c, verdicts.c, ledger.c, withheld.c


class Merging(Scope):
    """Rows of one tenant that speak of tags."""

    def take_over(self, tag: str, into: str) -> list[str]:
        """Predictions, verdicts and what is withheld now speak of ``into``; the assets that they speak of.

        Where both were spoken of, what was said of ``into`` stays. The ledger stays: it says what hosts show.
        """
        touched = union(
            *(self._select(one, one.c.tag == tag, what=[one.c.asset]) for one in (predictions, verdicts, ledger))
        )
        assets = list(self._db.scalars(touched))
        self._db.execute(self._update(predictions, P.tag == tag).values(tag=into))
        for table in (verdicts, withheld):
            both = select(table.c.asset).where(self._mine(table, table.c.tag == into))
            self._db.execute(self._delete(table, table.c.tag == tag, table.c.asset.in_(both)))
            self._db.execute(self._update(table, table.c.tag == tag).values(tag=into))
        return assets

    def lift(self, tag: str, into: str) -> None:
        """What stood below the one stands below the other."""
        self._db.execute(self._update(tags, tags.c.parent == tag, tags.c.id != into).values(parent=into))
