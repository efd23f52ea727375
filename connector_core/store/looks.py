"""Looks: pictures that a caller sent to have them tagged, and what was seen; kept for a short while."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func

from connector_core.errors import Gone, Retry
from connector_core.store.rows import Look
from connector_core.store.scope import Scope
from connector_core.store.tables import looks

MOST = 64
"""pictures of a tenant that wait at once"""
KEPT = 3600.0
"""seconds that a result is kept"""
LOST = 30.0
"""seconds after which the job of a picture that still waits is put again"""
TRIES = 3
K = looks.c


class Looks(Scope):
    """The looks of one tenant."""

    def add(self, look: str) -> None:
        """A picture waits under this id. Raises Retry where too many do."""
        waiting = self._db.execute(self._select(looks, K.state == "waiting", what=[func.count()])).scalar_one()
        if waiting >= MOST:
            raise Retry(f"{waiting} pictures wait already; send the next ones a little later.", after=5.0)
        self._insert(looks, [{"id": look, "created": time.time()}])

    def get(self, look: str) -> Look:
        """One look. Raises Gone, also when its time has passed."""
        row = self._db.execute(self._select(looks, K.id == look, K.created > time.time() - KEPT)).first()
        if row is None:
            raise Gone("There is no such picture; results are kept for an hour.")
        return Look.of(row)

    def begin(self, look: str) -> bool:
        """Whether it is still to be looked at; one that was begun too often has failed."""
        mine = self._update(looks, K.id == look, K.state == "waiting").values(tries=K.tries + 1)
        tries = self._db.execute(mine.returning(K.tries)).scalar()
        if tries is not None and tries > TRIES:
            self.failed(look, "It could not be looked at; the log of the service says why.")
        return tries is not None and tries <= TRIES

    def wait(self, look: str) -> None:
        """It is not its fault that it cannot be looked at now."""
        self._db.execute(self._update(looks, K.id == look).values(tries=K.tries - 1))

    def seen(self, look: str, result: Mapping[str, Any]) -> None:
        """What was seen on it."""
        self._db.execute(self._update(looks, K.id == look).values(state="done", result=dict(result)))

    def failed(self, look: str, reason: str) -> None:
        """It cannot be looked at, for a reason that a person can read."""
        self._db.execute(self._update(looks, K.id == look).values(state="failed", reason=reason))

    def owed(self) -> list[str]:
        """Those that have waited so long that their job must be lost."""
        late = self._select(looks, K.state == "waiting", K.created < time.time() - LOST, what=[K.id])
        return list(self._db.scalars(late))

    def past(self) -> list[str]:
        """Those whose time has passed."""
        return list(self._db.scalars(self._select(looks, K.created < time.time() - KEPT, what=[K.id])))

    def drop(self, ids: Sequence[str]) -> None:
        """Forget them."""
        self._db.execute(self._delete(looks, K.id.in_(list(ids))))
