"""Receipts of what was erased: ids and numbers, nothing of what it was; they outlive the tenant."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from connector_core.errors import Gone
from connector_core.store.rows import Receipt
from connector_core.store.scope import Scope, fresh
from connector_core.store.tables import receipts

R = receipts.c


class Receipts(Scope):
    """The receipts of one tenant, be it there or not."""

    def open(self, kind: str, object: str, counts: Mapping[str, int], detail: Mapping[str, Any]) -> str:
        """The id of the receipt for something that is now owed to be erased; the same one while it is owed."""
        known = self._select(receipts, R.kind == kind, R.object == object, R.finished == 0.0, what=[R.id])
        if (found := self._db.execute(known).scalar()) is not None:
            return str(found)
        made = {"id": fresh(), "kind": kind, "object": object, "asked": time.time(), "counts": dict(counts)}
        self._insert(receipts, [{**made, "detail": dict(detail)}])
        return str(made["id"])

    def is_owed(self, kind: str, object: str) -> bool:
        """Whether something is being erased."""
        known = self._select(receipts, R.kind == kind, R.object == object, R.finished == 0.0, what=[R.id])
        return self._db.execute(known).first() is not None

    def get(self, receipt: str) -> Receipt:
        """One receipt. Raises Gone."""
        row = self._db.execute(self._select(receipts, R.id == receipt)).first()
        if row is None:
            raise Gone("There is no such receipt.")
        return Receipt.of(row)

    def all(self, limit: int = 100, before: str = "") -> list[Receipt]:
        """Receipts, the latest first."""
        asked = self._select(receipts).order_by(R.id.desc()).limit(limit)
        return [Receipt.of(row) for row in self._db.execute(asked.where(R.id < before) if before else asked)]

    def note(self, receipt: str, counts: Mapping[str, int], **detail: Any) -> None:
        """So much more was erased; and what is needed to go on. A finished one stays as it is."""
        one = self.get(receipt)
        told = {name: one.counts.get(name, 0) + counts.get(name, 0) for name in {*one.counts, *counts}}
        owed = self._update(receipts, R.id == receipt, R.finished == 0.0)
        self._db.execute(owed.values(counts=told, detail={**one.detail, **detail}))

    def finish(self, receipt: str, again: float) -> Receipt:
        """It is erased; ``again`` is when to look once more whether something came after it, or 0."""
        one = self.get(receipt)
        here = self._update(receipts, R.id == receipt)
        if not one.finished:
            self._db.execute(here.values(finished=time.time()))
            self._db.execute(here.values(hash=hashed(self.get(receipt))))
        self._db.execute(here.values(again=again) if again else here.values(again=0.0, detail={}))
        return self.get(receipt)


def hashed(one: Receipt) -> str:
    """What a receipt that nobody has changed since hashes to: SHA-256 of its fields as JSON, names sorted."""
    told = {"id": one.id, "tenant": one.tenant, "kind": one.kind, "object": one.object}
    told |= {"asked": repr(one.asked), "finished": repr(one.finished)}
    return hashlib.sha256(json.dumps({**told, "counts": dict(one.counts)}, sort_keys=True).encode()).hexdigest()
