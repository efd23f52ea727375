"""Assets that were gone and are there again as they were: a folder that was renamed, a file that was put back."""

from __future__ import annotations

import time
from collections.abc import Sequence

from connector_core.store.rows import State
from connector_core.store.scope import ROWS, Scope
from connector_core.store.tables import assets
from connector_core.types import Asset

A = assets.c


class Returns(Scope):
    """The returns of one tenant's assets. What was read of them is still known, so nothing is read again."""

    def of(self, connection: str, found: Sequence[Asset]) -> list[str]:
        """Those that are gone so far, were read, and come back with the same version."""
        versions = {one.id: one.version for one in found if not one.removed}
        ids, back = list(versions), []
        for start in range(0, len(ids), ROWS):
            some = A.host_id.in_(ids[start : start + ROWS])
            gone = (A.connection == connection, A.state == State.GONE, A.encoder != "", some)
            for row in self._db.execute(self._select(assets, *gone, what=[A.id, A.host_id, A.version])):
                if row.version == versions[row.host_id]:
                    back.append(row.id)
        return back

    def welcome(self, ids: Sequence[str]) -> None:
        """They need not be read."""
        for start in range(0, len(ids), ROWS):
            here = self._update(assets, A.id.in_(ids[start : start + ROWS]), A.state == State.PENDING)
            self._db.execute(here.values(state=State.READY, updated=time.time()))
