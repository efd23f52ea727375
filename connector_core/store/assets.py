"""Assets of a tenant: what the host has, what state each is in and why, and who is at work on it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import exists, func, select

from connector_core.errors import Gone
from connector_core.fold import searched
from connector_core.store.owed import wants_ingest
from connector_core.store.rows import Kept, State
from connector_core.store.scope import ROWS, Scope, fresh
from connector_core.store.tables import assets, connections, erased, outbox
from connector_core.store.within import Within
from connector_core.types import Asset

TRIES = 5
"""after which an asset has failed"""
A = assets.c
AFRESH: dict[str, Any] = {"state": State.PENDING, "reason": "", "attempts": 0, "due": 0.0, "until": 0.0}
"""what makes an asset be read"""
EVERYTHING = Within()


class Assets(Scope):
    """The assets of one tenant."""

    def seen(self, connection: str, found: Sequence[Asset], round: int, batch: str, within: Within = EVERYTHING) -> int:
        """Note a page of changes; how many of them have bytes to be read. Twice is the same as once."""
        now, latest = time.time(), {one.id: one for one in found if not one.removed}
        for host_id in self._erased(connection, list(latest)):
            del latest[host_id]
        removed = [one for one in found if one.removed and one.id not in latest]
        known = {row.host_id: row for row in self._known(connection, list(latest))}
        fresh_rows, same, changed = [], [], 0
        for one in latest.values():
            row, reason, facts = known.get(one.id), within.outside(one), _facts(one)
            facts["outside"] = bool(reason)
            if row is None:
                made = {"id": fresh(), "connection": connection, "host_id": one.id, "batch": batch, "round": round}
                state = {"state": State.SKIPPED if reason else State.PENDING, "reason": reason}
                fresh_rows.append({**made, **facts, **state, "created": now, "updated": now})
                changed += not reason
                continue
            if reason:
                facts |= {"state": State.SKIPPED, "reason": reason}
            elif row.version != one.version or row.state == State.GONE or row.outside:
                facts |= AFRESH
                changed += 1
            if all(getattr(row, name, None) == value for name, value in facts.items() if name != "folded"):
                same.append(row.id)
            else:
                mine = self._update(assets, A.id == row.id)
                self._db.execute(mine.values(**facts, round=round, updated=now))
        for start in range(0, len(same), ROWS):
            older = self._update(assets, A.id.in_(same[start : start + ROWS]), A.round != round)
            self._db.execute(older.values(round=round))
        self._upsert(assets, fresh_rows, ["connection", "host_id"])
        self.gone(connection, [one.id for one in removed if one.id])
        for one in removed:
            if not one.id:
                here = [each.id for each in latest.values() if f"{each.path}/".startswith(f"{one.path}/")]
                self.gone_below(connection, one.path, but=here)
        self._make_room(connection, latest)
        return changed

    def gone(self, connection: str, host_ids: Sequence[str]) -> None:
        """The host no longer has these; a path stands for everything below it, too."""
        now = time.time()
        values = {"state": State.GONE, "reason": "It is no longer there.", "updated": now}
        for start in range(0, len(host_ids), ROWS):
            some = host_ids[start : start + ROWS]
            self._db.execute(self._update(assets, A.connection == connection, A.host_id.in_(some)).values(values))

    def gone_below(self, connection: str, path: str, *, but: Sequence[str] = ()) -> None:
        """The host no longer has what was at this path, nor anything below it, but for those that came there since."""
        here = self._update(
            assets, A.connection == connection, (A.path == path) | A.path.startswith(path + "/", autoescape=True)
        )
        values = {"state": State.GONE, "reason": "It is no longer there.", "updated": time.time()}
        self._db.execute(here.where(A.host_id.not_in(but)).values(values))

    def _make_room(self, connection: str, latest: Mapping[str, Asset]) -> None:
        """Where an asset lies now, no other one does: a host that tells of the new one may not tell of the old."""
        paths = [one.path for one in latest.values() if one.path]
        for start in range(0, len(paths), ROWS):
            there = (A.connection == connection, A.path.in_(paths[start : start + ROWS]), A.state != State.GONE)
            lying = self._db.scalars(self._select(assets, *there, what=[A.host_id]))
            self.gone(connection, [host_id for host_id in lying if host_id not in latest])

    def gone_since(self, connection: str, round: int) -> int:
        """After a whole listing: what it did not show is gone; how many that were."""
        known = (A.state != State.GONE, A.outside.is_(False))  # hosts may list what is inside the scope alone
        unseen = self._update(assets, A.connection == connection, A.round < round, *known)
        values = {"state": State.GONE, "reason": "It is no longer there.", "updated": time.time()}
        return self._db.execute(unseen.values(values)).rowcount

    def claim(self, connection: str, count: int, *, lease: float | None = None) -> list[Kept]:
        """Up to ``count`` assets that are to be read, now ours for ``lease`` seconds; nobody else gets them."""
        now = time.time()
        left = self._select(
            assets, A.connection == connection, A.state == State.PROCESSING, A.until <= now, what=[A.id]
        )
        waits = self._select(assets, A.connection == connection, A.state == State.PENDING, A.due <= now, what=[A.id])
        # Two questions, for each is a stretch of an index; those that a dead worker left come first.
        old = list(self._db.scalars(left.limit(count)))
        new = list(self._db.scalars(waits.order_by(A.due, A.id).limit(count - len(old))))
        mine = {"state": State.PROCESSING, "until": self._until(lease)}
        # Who died tried nothing: only what a host answers counts as a try.
        for ids, tries in ((old, A.attempts), (new, A.attempts + 1)):
            if ids:
                self._db.execute(self._update(assets, A.id.in_(ids)).values(**mine, attempts=tries))
        return self.get(old + new)

    def done(self, one: Kept, state: State, reason: str = "", *, due: float = 0.0, **more: Any) -> bool:
        """What became of a claimed asset; false, and nothing is changed, if it has changed in the host meanwhile."""
        mine = self._update(assets, A.id == one.id, A.version == one.version, A.state == State.PROCESSING)
        values = {"state": state, "reason": reason, "due": due, "until": 0.0, "updated": time.time(), **more}
        if state != State.PENDING:
            values = {"attempts": 0, "read": time.time(), **values}
        return self._db.execute(mine.values(values)).rowcount > 0

    def set_state(self, ids: Sequence[str], state: State, reason: str = "") -> None:
        """Move assets that nobody is at work on; what waits to be read, or is gone, stays as it is."""
        still = A.state.not_in((State.PENDING, State.PROCESSING, State.GONE, State.SKIPPED, State.FAILED))
        values = {"state": state, "reason": reason, "updated": time.time()}
        for start in range(0, len(ids), ROWS):
            self._db.execute(self._update(assets, A.id.in_(ids[start : start + ROWS]), still).values(values))

    def wait(self, ids: Sequence[str], reason: str) -> None:
        """Say of those that nobody has judged yet why that is."""
        for start in range(0, len(ids), ROWS):
            here = self._update(assets, A.id.in_(ids[start : start + ROWS]), A.state == State.READY)
            self._db.execute(here.values(reason=reason, updated=time.time()))

    def gone_now(self, asset: str, reason: str) -> None:
        """The host said, when asked for it, that it is no longer there."""
        self._db.execute(
            self._update(assets, A.id == asset).values(state=State.GONE, reason=reason, updated=time.time())
        )

    def unwritten(self, asset: str, reason: str) -> None:
        """It is known what it shows, but the host will not have it."""
        self._db.execute(self._update(assets, A.id == asset).values(reason=reason, updated=time.time()))

    def again(self, ids: Iterable[str]) -> None:
        """A person asks to try these once more."""
        here = (A.id.in_(list(ids)), A.state != State.GONE, A.outside.is_(False))
        self._db.execute(self._update(assets, *here).values(AFRESH))

    def bring_in(self, connection: str, within: Within) -> int:
        """Read what was outside and is inside this scope; how many that are."""
        here = (A.connection == connection, A.state != State.GONE, A.outside.is_(True), within.inside())
        return self._db.execute(self._update(assets, *here).values(**AFRESH, outside=False)).rowcount

    def leave_out(self, connection: str, within: Within) -> int:
        """Skip what is outside this scope; how many were inside so far."""
        count = 0
        for reason, holds in within.reasons():
            values = {"state": State.SKIPPED, "reason": reason, "outside": True}
            here = (A.connection == connection, A.state != State.GONE, A.outside.is_(False), holds)
            count += self._db.execute(self._update(assets, *here).values(values)).rowcount
        return count

    def pace(self, connection: str, since: float) -> tuple[int, float]:
        """How many assets were read since then, and when the first of them was."""
        asked = self._select(assets, A.connection == connection, A.read > since, what=[func.count(), func.min(A.read)])
        count, first = self._db.execute(asked).one()
        return int(count), float(first or 0.0)

    def get(self, ids: Sequence[str]) -> list[Kept]:
        """Those that exist, in the order of their ids."""
        found: list[Kept] = []
        for start in range(0, len(ids), ROWS):
            asked = self._select(assets, A.id.in_(ids[start : start + ROWS]))
            found += [Kept.of(row) for row in self._db.execute(asked)]
        return sorted(found, key=lambda one: one.id)

    def one(self, asset: str) -> Kept:
        """One asset. Raises Gone."""
        found = self.get([asset])
        if not found:
            raise Gone("There is no such asset.")
        return found[0]

    def of_host(self, connection: str, host_id: str) -> Kept | None:
        """The asset that a host calls so."""
        found = self._known(connection, [host_id])
        return found[0] if found else None

    def page(self, after: str = "", limit: int = 100, *, state: str = "", connection: str = "") -> list[Kept]:
        """Assets by id, beginning after one."""
        asked = self._select(assets, A.id > after)
        if state:
            asked = asked.where(A.state == state)
        if connection:
            asked = asked.where(A.connection == connection)
        return [Kept.of(row) for row in self._db.execute(asked.order_by(A.id).limit(limit))]

    def read_after(self, connection: str, after: str, limit: int, *, owed: bool) -> list[Kept]:
        """Assets that have been read, by id, beginning after one; with those that are owed something, or without."""
        read = A.state.in_((State.READY, State.REVIEW, State.APPLIED, State.UNKNOWN))
        asked = self._select(assets, A.connection == connection, A.id > after, read)
        if not owed:
            asked = asked.where(~exists().where(outbox.c.tenant == A.tenant, outbox.c.asset == A.id))
        return [Kept.of(row) for row in self._db.execute(asked.order_by(A.id).limit(limit))]

    def waiting(self) -> list[str]:
        """Connections with assets to be read by now, which are not paused."""
        asked = self._select(connections, wants_ingest(time.time()), what=[connections.c.id])
        return list(self._db.scalars(asked))

    def next_due(self, connection: str) -> float:
        """When the next asset wants to be read; 0 if none does."""
        asked = select(func.min(A.due)).where(self._mine(assets, A.connection == connection, A.state == State.PENDING))
        return float(self._db.scalar(asked) or 0.0)

    def _erased(self, connection: str, host_ids: Sequence[str]) -> list[str]:
        """Those of which nothing is to be kept, whatever their host shows."""
        by_mark, found = {mark(connection, one): one for one in host_ids}, list[str]()
        marks = list(by_mark)
        for start in range(0, len(marks), ROWS):
            asked = self._select(erased, erased.c.id.in_(marks[start : start + ROWS]), what=[erased.c.id])
            found += [by_mark[one] for one in self._db.scalars(asked)]
        return found

    def _known(self, connection: str, host_ids: Sequence[str]) -> list[Kept]:
        found: list[Kept] = []
        for start in range(0, len(host_ids), ROWS):
            asked = self._select(assets, A.connection == connection, A.host_id.in_(host_ids[start : start + ROWS]))
            found += [Kept.of(row) for row in self._db.execute(asked)]
        return found


def _facts(one: Asset) -> dict[str, Any]:
    """What a host says of an asset."""
    told = {"name": one.name, "folded": searched(one.name), "path": one.path, "size": one.size}
    return {**told, "media_type": one.media_type, "version": one.version, "modified": one.modified}


def mark(connection: str, host_id: str) -> str:
    """What is kept of an asset that was erased: enough to know it again, and nothing else."""
    return hashlib.sha256(f"{connection}:{host_id}".encode()).hexdigest()
