"""Connections of a tenant: made, woken, followed, paused, and who is at work on them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from sqlalchemy import case, func, select

from connector_core.errors import Gone
from connector_core.store.owed import OPEN, followed, wants_scan
from connector_core.store.rows import Linked
from connector_core.store.scope import Scope, fresh
from connector_core.store.tables import assets, connections

MOST_QUIET = 15.0
"""seconds that a scan waits for a swarm of calls to end"""


class Connections(Scope):
    """The connections of one tenant."""

    def add(self, host: str, account: str, title: str, settings: Mapping[str, str], *, writes: bool = False) -> str:
        """The id of a new connection, which wants a first scan."""
        made = {"id": fresh(), "host": host, "account": account, "title": title, "settings": dict(settings)}
        self._insert(connections, [{**made, "writes": writes, "wanted": 1, "created": time.time()}])
        return made["id"]  # type: ignore[return-value]

    def get(self, connection: str) -> Linked:
        """One connection. Raises Gone."""
        row = self._db.execute(self._select(connections, connections.c.id == connection)).first()
        if row is None:
            raise Gone("There is no such connection.")
        return Linked.of(row)

    def all(self) -> list[Linked]:
        """Every connection, the oldest first."""
        return [Linked.of(row) for row in self._db.execute(self._select(connections).order_by(connections.c.id))]

    def wake(self, connection: str, *, quiet: float = 0.0) -> bool:
        """Note that there may be something new; true unless a scan was owed already, which will see it too.

        Where ``quiet`` seconds are asked for, the scan waits until nobody has called for so long, though not for
        more than MOST_QUIET in all: what hosts call out comes in swarms.
        """
        column, now = connections.c, time.time()
        here = self._update(connections, column.id == connection)
        # A scan that is at work may have passed it by: it is asked to look once more.
        fresh = here.where(column.wanted == column.begun)
        at = now + quiet if quiet else 0.0
        if self._db.execute(fresh.values(wanted=column.wanted + 1, woken=now, scan_at=at)).rowcount:
            return True
        most = column.woken + MOST_QUIET
        self._db.execute(here.values(scan_at=case((most < at, most), else_=at)))
        return False

    def is_owed(self, connection: str, *, quiet: float = 0.0) -> bool:
        """Whether a scan is owed that nobody has begun, and that waits for long enough. Raises Gone."""
        column, now = connections.c, time.time()
        what = [column.wanted, column.begun, column.scan_at, column.woken]
        row = self._db.execute(self._select(connections, column.id == connection, what=what)).first()
        if row is None:
            raise Gone("There is no such connection.")
        waits = not quiet or row.scan_at >= min(now + quiet / 2, row.woken + MOST_QUIET)
        return bool(row.wanted > row.begun and waits)

    def claim_scan(self, connection: str, *, lease: float | None = None) -> Linked | None:
        """The connection, if a scan is owed and nobody is at it; it is then ours for ``lease`` seconds."""
        now, column = time.time(), connections.c
        free = self._update(connections, column.id == connection, wants_scan(now))
        if not self._db.execute(free.values(scan_until=self._until(lease), begun=column.wanted)).rowcount:
            return None
        return self.get(connection)

    def waiting(self) -> list[str]:
        """Connections that are owed a scan that nobody is at."""
        asked = self._select(connections, wants_scan(time.time()), what=[connections.c.id])
        return list(self._db.scalars(asked))

    def scanned(self, connection: str, wanted: int, round: int | None = None) -> bool:
        """Let go after a scan that saw everything up to ``wanted``; true if another one is owed by now.

        One of an earlier round than the present one has seen nothing that counts.
        """
        column = connections.c
        here = self._update(connections, column.id == connection)
        self._db.execute(here.values(scan_until=0.0))
        done = here if round is None else here.where(column.round == round)
        self._db.execute(done.values(scanned=wanted, listed=time.time()))
        # Meanwhile a person may have to authorise again, or has switched it off.
        self._db.execute(here.where(column.state.in_(OPEN)).values(state="live", reason=""))
        now = self.get(connection)
        return now.wanted > now.scanned

    def moved(self, connection: str, cursor: str, round: int | None = None, *, lease: float | None = None) -> None:
        """Everything up to this cursor is in the store, unless another round has begun since."""
        mine = self._update(connections, connections.c.id == connection)
        here = mine if round is None else mine.where(connections.c.round == round)
        self._db.execute(here.values(cursor=cursor, scan_until=self._until(lease)))

    def let_go(self, connection: str) -> None:
        """A scan ended before its time: it is still owed, and anybody may take it up."""
        self._db.execute(self._update(connections, connections.c.id == connection).values(scan_until=0.0))

    def restart(self, connection: str) -> None:
        """The host forgot the cursor: list everything again and compare."""
        column = connections.c
        self._db.execute(
            self._update(connections, column.id == connection).values(cursor="", listed=0.0, round=column.round + 1)
        )

    def claim_push(self, connection: str, *, to_write: bool = True, lease: float | None = None) -> bool:
        """Take the lane in which this connection is written to; hosts serialise writes, so there is one writer.

        Not ``to_write``: only to be sure that nobody writes meanwhile.
        """
        now, column = time.time(), connections.c
        free = self._update(connections, column.id == connection, column.push_until <= now, followed(now))
        if to_write:
            free = free.where(column.writes.is_(True))
        return self._db.execute(free.values(push_until=self._until(lease))).rowcount > 0

    def keep_push(self, connection: str, *, lease: float | None = None) -> None:
        """Still writing; a lease of 0 lets go."""
        until = 0.0 if lease == 0.0 else self._until(lease)
        self._db.execute(self._update(connections, connections.c.id == connection).values(push_until=until))

    def listened(self, connection: str, up_to: str) -> None:
        """People's edits of the assets up to this one were asked for; an empty one ends the round."""
        done = {"heard": up_to} if up_to else {"heard": "", "heard_at": time.time()}
        self._db.execute(self._update(connections, connections.c.id == connection).values(done))

    def set(self, connection: str, **values: object) -> None:
        """Change state, reason, title, settings, writes, paused, retry_at, account or rates. Raises Gone."""
        allowed = {"state", "reason", "title", "settings", "writes", "paused", "retry_at", "account", "rates"}
        if extra := set(values) - allowed:
            raise ValueError(f"connections cannot be set {sorted(extra)}")
        if not self._db.execute(self._update(connections, connections.c.id == connection).values(values)).rowcount:
            raise Gone("There is no such connection.")

    def troubled(self, connection: str, **values: object) -> None:
        """Set what went wrong, or that nothing is wrong any more, unless only a person can end what is. Raises Gone.

        It may have been switched off, or somebody was asked to authorise again, while a job was at it.
        """
        if self.get(connection).state in OPEN:
            self.set(connection, **values)

    def secret(self, connection: str) -> bytes | None:
        """The sealed token. Raises Gone."""
        row = self._db.execute(
            self._select(connections, connections.c.id == connection, what=[connections.c.secret])
        ).first()
        if row is None:
            raise Gone("There is no such connection.")
        found: bytes | None = row.secret
        return found

    def keep_secret(self, connection: str, sealed: bytes | None) -> None:
        """Store a sealed token, and let go of the lease to renew it."""
        mine = self._update(connections, connections.c.id == connection)
        self._db.execute(mine.values(secret=sealed, renew_until=0.0))

    def reseal(self, connection: str, sealed: bytes) -> None:
        """Store the same token under another key."""
        self._db.execute(self._update(connections, connections.c.id == connection).values(secret=sealed))

    def claim_renewal(self, connection: str, *, lease: float) -> bool:
        """Whether the token is now ours to renew, for ``lease`` seconds; nobody else does it then."""
        now = time.time()
        free = self._update(connections, connections.c.id == connection, connections.c.renew_until <= now)
        return self._db.execute(free.values(renew_until=now + lease)).rowcount > 0

    def release_renewal(self, connection: str) -> None:
        """Let go without a new token."""
        self._db.execute(self._update(connections, connections.c.id == connection).values(renew_until=0.0))

    def counts(self, connection: str) -> dict[str, int]:
        """How many assets are in which state."""
        asked = (
            select(assets.c.state, func.count())
            .where(self._mine(assets, assets.c.connection == connection))
            .group_by(assets.c.state)
        )
        return {state: count for state, count in self._db.execute(asked)}

    def remove(self, connection: str) -> None:
        """Forget the connection and everything that came from it."""
        self._db.execute(self._delete(connections, connections.c.id == connection))
