"""What is owed to hosts, and what they show because of us: the outbox and the ledger; and batches, to undo."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from connector_core.errors import Gone
from connector_core.store.owed import wants_push
from connector_core.store.rows import Owed, Wrote
from connector_core.store.scope import ROWS, Scope, fresh
from connector_core.store.tables import assets, batches, connections, ledger, outbox

O, L = outbox.c, ledger.c  # noqa: E741


class Pushes(Scope):
    """Outbox and ledger of one tenant."""

    def owe(self, ids: Sequence[str], batch: str = "") -> None:
        """The metadata of these assets is to be looked at; what exactly is to change is found when it is done."""
        now = time.time()
        for start in range(0, len(ids), ROWS):
            some = ids[start : start + ROWS]
            where = self._mine(assets, assets.c.id.in_(some))
            homes = self._db.execute(select(assets.c.id, assets.c.connection).where(where)).all()
            known = set(self._db.scalars(self._select(outbox, O.asset.in_(some), what=[O.asset])))
            again = self._update(outbox, O.asset.in_(list(known)))
            self._db.execute(again.values(wanted=O.wanted + 1, batch=batch, due=0.0, attempts=0))
            rows = [{"asset": row.id, "connection": row.connection, "batch": batch, "since": now} for row in homes]
            self._insert(outbox, [row for row in rows if row["asset"] not in known])

    def claim(self, connection: str, count: int, *, lease: float | None = None) -> list[Owed]:
        """Up to ``count`` pushes that are due, now ours for ``lease`` seconds."""
        now = time.time()
        asked = self._select(outbox, O.connection == connection, O.due <= now, O.until <= now).order_by(O.due, O.asset)
        found = [Owed.of(row) for row in self._db.execute(asked.limit(count))]
        ids = [one.asset for one in found]
        self._db.execute(
            self._update(outbox, O.asset.in_(ids)).values(until=self._until(lease), attempts=O.attempts + 1)
        )
        return found

    def paid(self, one: Owed) -> None:
        """The host has it, unless something new is owed since the claim."""
        self._db.execute(self._delete(outbox, O.asset == one.asset, O.wanted == one.wanted))
        self._db.execute(self._update(outbox, O.asset == one.asset).values(until=0.0, attempts=0))

    def later(self, one: Owed, due: float, reason: str) -> None:
        """Not now: try again when it is due."""
        self._db.execute(self._update(outbox, O.asset == one.asset).values(until=0.0, due=due, reason=reason))

    def drop(self, asset: str) -> None:
        """Nothing is owed to this asset any more."""
        self._db.execute(self._delete(outbox, O.asset == asset))

    def waiting(self) -> list[str]:
        """Connections that are written to, with pushes that are due."""
        asked = self._select(connections, wants_push(time.time()), what=[connections.c.id])
        return list(self._db.scalars(asked))

    def count(self, connection: str) -> int:
        """How many assets are owed something."""
        asked = self._select(outbox, O.connection == connection, what=[func.count()])
        return int(self._db.execute(asked).scalar_one())

    def owed(self, connection: str, after: str = "", limit: int = 1000) -> list[str]:
        """Assets that are owed something, by id, beginning after one."""
        asked = self._select(outbox, O.connection == connection, O.asset > after, what=[O.asset])
        return list(self._db.scalars(asked.order_by(O.asset).limit(limit)))

    def written(self, ids: Sequence[str]) -> dict[str, dict[str, Wrote]]:
        """What assets show because of us, by asset and tag."""
        found: dict[str, dict[str, Wrote]] = {}
        for start in range(0, len(ids), ROWS):
            for row in self._db.execute(self._select(ledger, L.asset.in_(ids[start : start + ROWS]))):
                found.setdefault(row.asset, {})[row.tag] = Wrote.of(row)
        return found

    def shown(self, tags: Collection[str]) -> list[Wrote]:
        """Everything that hosts show of these tags because of us."""
        found: list[Wrote] = []
        some = sorted(tags)
        for start in range(0, len(some), ROWS):
            rows = self._db.execute(self._select(ledger, L.tag.in_(some[start : start + ROWS])))
            found += [Wrote.of(row) for row in rows]
        return found

    def note(self, asset: str, tags: dict[str, str], batch: str, *, sure: bool) -> None:
        """Tags, id to name, that we are about to write to an asset, or have written."""
        now = time.time()
        rows = [
            {"asset": asset, "tag": tag, "name": name, "batch": batch, "sure": sure, "created": now}
            for tag, name in tags.items()
        ]
        self._upsert(ledger, rows, ["asset", "tag"])

    def rename(self, asset: str, tag: str, name: str, before: Collection[str]) -> None:
        """A tag is about to be shown by another name; those it had are kept until the host shows them no more."""
        mine = self._update(ledger, L.asset == asset, L.tag == tag)
        self._db.execute(mine.values(name=name, before=sorted(before), sure=False))

    def confirm(self, asset: str, tags: Sequence[str]) -> None:
        """The host shows these now, by their names alone."""
        mine = self._update(ledger, L.asset == asset, L.tag.in_(list(tags)))
        self._db.execute(mine.values(sure=True, before=[]))

    def erase(self, asset: str, tags: Sequence[str]) -> None:
        """The asset no longer shows these because of us."""
        self._db.execute(self._delete(ledger, L.asset == asset, L.tag.in_(list(tags))))

    def in_batch(self, batch: str) -> list[tuple[str, str]]:
        """Asset and tag of everything that a batch wrote and that is still there."""
        asked = self._select(ledger, L.batch == batch, what=[L.asset, L.tag])
        return [(row.asset, row.tag) for row in self._db.execute(asked)]

    def by_us(self, connection: str) -> list[tuple[str, str]]:
        """Asset and tag of everything that we ever wrote to a connection and that is still there."""
        home = (assets.c.id == L.asset) & (assets.c.tenant == L.tenant)
        asked = select(L.asset, L.tag).join_from(ledger, assets, home)
        found = self._db.execute(asked.where(self._mine(ledger, assets.c.connection == connection)))
        return [(row.asset, row.tag) for row in found]

    def batch(self, kind: str, title: str, person: str = "") -> str:
        """Open a batch: what is written in it can be undone together."""
        made = fresh()
        row = {"id": made, "kind": kind, "title": title, "person": person, "created": time.time()}
        self._insert(batches, [row])
        return made

    def batch_of(self, kind: str, title: str) -> str:
        """The batch of this title that nobody has undone, opened if there is none."""
        column = batches.c
        known = self._select(
            batches, column.kind == kind, column.title == title, column.undone == 0.0, what=[column.id]
        )
        found = self._db.execute(known.order_by(column.id.desc())).scalar()
        return str(found) if found is not None else self.batch(kind, title)

    def batches(self, limit: int = 100) -> list[dict[str, object]]:
        """Batches, the latest first, and how many tags of each are still there."""
        here = (L.batch == batches.c.id) & (L.tenant == batches.c.tenant)
        count = select(func.count()).select_from(ledger).where(here).scalar_subquery().label("written")
        columns = [one for one in batches.c if one.name != "tenant"]
        asked = self._select(batches, what=[*columns, count]).order_by(batches.c.id.desc()).limit(limit)
        return [dict(row._mapping) for row in self._db.execute(asked)]

    def undone(self, batch: str) -> None:
        """Note that a batch was undone. Raises Gone."""
        mine = self._update(batches, batches.c.id == batch)
        if not self._db.execute(mine.values(undone=time.time())).rowcount:
            raise Gone("There is no such batch.")
