"""The words that hosts show because of us: kept for hosts that cannot say it themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from connector_core.store.scope import ROWS, Scope
from connector_core.store.tables import assets, marks


class Marks(Scope):
    """What we wrote to the assets of one tenant, in the words of their hosts."""

    def rows(self, connection: str, host_ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """Words by name, by the host's id of the asset."""
        found: dict[str, dict[str, str]] = {}
        home = (assets.c.id == marks.c.asset) & (assets.c.tenant == marks.c.tenant)
        for start in range(0, len(host_ids), ROWS):
            asked = select(assets.c.host_id, marks.c.name, marks.c.word).join_from(marks, assets, home)
            some = assets.c.host_id.in_(host_ids[start : start + ROWS])
            for row in self._db.execute(asked.where(self._mine(marks, assets.c.connection == connection, some))):
                found.setdefault(row.host_id, {})[row.name] = row.word
        return found

    def put(self, connection: str, host_id: str, words: Mapping[str, str]) -> None:
        """Note words by name; those of an asset that is not known are nobody's."""
        asset = self._asset(connection, host_id)
        if asset is not None:
            rows = [{"asset": asset, "name": name, "word": word} for name, word in words.items()]
            self._upsert(marks, rows, ["asset", "name"])

    def drop(self, connection: str, host_id: str, names: Sequence[str]) -> None:
        """Forget words by name."""
        asset = self._asset(connection, host_id)
        if asset is not None:
            self._db.execute(self._delete(marks, marks.c.asset == asset, marks.c.name.in_(list(names))))

    def _asset(self, connection: str, host_id: str) -> str | None:
        where = (assets.c.connection == connection, assets.c.host_id == host_id)
        found: str | None = self._db.execute(self._select(assets, *where, what=[assets.c.id])).scalar()
        return found
