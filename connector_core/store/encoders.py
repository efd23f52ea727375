"""Encoders of a tenant: whose vectors are kept, which one serves, and what the one in use has yet to look at."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from connector_core.store.anew import TO_READ, is_needed, other_than, wants_successor
from connector_core.store.rows import Kept, State
from connector_core.store.scope import ROWS, Scope
from connector_core.store.tables import assets, encoders, models, tenants
from model_service.encoders.encoder import Block, Fingerprint

A, E, M, T = assets.c, encoders.c, models.c, tenants.c
NONE = "none"
"""in place of an encoder: it was looked at, but nobody's vectors of it are kept"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the photos of a tenant have been looked at with the encoder in use."""

    encoder: str
    """what it is called; empty if nothing was looked at yet"""
    serves: str
    """the encoder of the model that serves meanwhile"""
    done: int
    left: int


class Encoders(Scope):
    """The encoders of one tenant: the one in use, the one of the live model, and what is left of others."""

    def keep(self, used: Fingerprint) -> bool:
        """Note that vectors of it will be kept; false if those of long ago are just being thrown away."""
        told = {"id": used.id, "told": asdict(used), "created": time.time()}
        known = self._db.execute(self._select(encoders, E.id == used.id, what=[E.dropped])).first()
        if known is None:
            self._insert(encoders, [told])
        first = self._db.execute(select(T.encoder).where(T.id == self.tenant)).scalar_one() == ""
        if first:
            self._db.execute(tenants.update().where(T.id == self.tenant).values(encoder=used.id))
        return known is None or not known.dropped

    def wanted(self) -> Fingerprint | None:
        """The encoder that all photos are to be looked at with, once it has looked at one."""
        mine = select(T.encoder).where(T.id == self.tenant).scalar_subquery()
        return self._one(E.id == mine)

    def serving(self) -> Fingerprint | None:
        """The encoder whose vectors are judged and searched: that of the live model, else the one wanted."""
        live = self._select(models, M.state == "live", what=[M.encoder]).scalar_subquery()
        return self._one(E.id == live) or self.wanted()

    def kept(self) -> list[Fingerprint]:
        """Encoders whose vectors are kept."""
        return [_read(row.told) for row in self._db.execute(self._select(encoders, E.dropped.is_(False)))]

    def of(self, encoder: str) -> Fingerprint | None:
        """The encoder of this id, if its vectors are kept."""
        return self._one(E.id == encoder, E.dropped.is_(False))

    def claim(self, count: int, *, lease: float | None = None) -> list[Kept]:
        """Up to ``count`` photos that the encoder in use has yet to look at, now ours for ``lease`` seconds."""
        now, found = time.time(), list[Kept]()
        for other in self._others():
            asked = self._select(assets, other, A.state.not_in(TO_READ), A.until <= now).limit(count - len(found))
            found += [Kept.of(row) for row in self._db.execute(asked)]
        self._set([one.id for one in found], until=self._until(lease))
        return found

    def looked(self, seen: Sequence[Kept], encoder: str) -> list[str]:
        """Vectors of these are kept now; gives back those whose bytes have changed meanwhile, which do not count."""
        versions = {one.id: one.version for one in seen}
        same: list[str] = []
        for start in range(0, len(seen), ROWS):
            some = [one.id for one in seen[start : start + ROWS]]
            asked = self._select(assets, A.id.in_(some), A.state.not_in(TO_READ), what=[A.id, A.version])
            same += [row.id for row in self._db.execute(asked.with_for_update()) if row.version == versions[row.id]]
        self._set(same, encoder=encoder, until=0.0)
        return sorted(versions.keys() - set(same))

    def unread(self, ids: Sequence[str]) -> None:
        """What is kept of these cannot be read: they are fetched once more, where the host still has them."""
        reason = "The picture that was kept of it cannot be read, so it is fetched once more."
        for start in range(0, len(ids), ROWS):
            here = self._update(assets, A.id.in_(ids[start : start + ROWS]), A.state.not_in(TO_READ))
            self._db.execute(here.values(encoder="", until=0.0))
            there = here.where(A.state != State.GONE, A.outside.is_(False))
            self._db.execute(there.values(state=State.PENDING, reason=reason, attempts=0, due=0.0))

    def left(self) -> bool:
        """Whether the encoder in use has yet to look at a photo, be it that somebody is at it."""
        asked = (self._select(assets, other, A.state.not_in(TO_READ), what=[A.id]) for other in self._others())
        return any(self._db.execute(one.limit(1)).first() is not None for one in asked)

    def wants_training(self) -> bool:
        """Whether everything was looked at, the live model is of another encoder, and no successor was asked for."""
        mine = select(T.id).where(T.id == self.tenant, wants_successor())
        return not self.left() and self._db.execute(mine).first() is not None

    def waits(self) -> bool:
        """Whether a photo was left for a model of another encoder to judge."""
        asked = self._select(assets, A.state == State.READY, A.reason != "", what=[A.id])
        return self._db.execute(asked.limit(1)).first() is not None

    def progress(self) -> Progress:
        """How far looking anew has come; photos that are to be fetched count as left once they were looked at."""
        wanted, serving = self.wanted(), self.serving()
        asked = select(A.encoder, func.count()).where(self._mine(assets, A.encoder != "")).group_by(A.encoder)
        counts: dict[str, int] = {encoder: count for encoder, count in self._db.execute(asked)}
        done = counts.pop(wanted.id, 0) if wanted else 0
        names = [one.name if one else "" for one in (wanted, serving)]
        return Progress(names[0], names[1], done, sum(counts.values()))

    def has_useless(self) -> bool:
        """Whether vectors are kept that nobody needs."""
        return self._db.execute(self._useless()).first() is not None

    def discard(self) -> list[Fingerprint]:
        """Encoders whose vectors nobody needs, from now on without any; hand their ids to ``discarded`` after that."""
        useless = self._db.execute(self._useless()).all()
        for row in useless:
            self._db.execute(self._update(encoders, E.id == row.id).values(dropped=True))
            self.lost(row.id)
        return [_read(row.told) for row in useless]

    def discarded(self, ids: Sequence[str]) -> None:
        """The vectors of these encoders are gone."""
        self._db.execute(self._delete(encoders, E.id.in_(list(ids))))

    def lost(self, encoder: str) -> None:
        """No vectors of this encoder are there: what it has looked at is to be looked at anew."""
        self._db.execute(self._update(assets, A.encoder == encoder).values(encoder=NONE))

    def _one(self, *where: ColumnElement[bool]) -> Fingerprint | None:
        row = self._db.execute(self._select(encoders, *where)).first()
        return None if row is None else _read(row.told)

    def _useless(self) -> Select[Any]:
        here = select(E.id, E.told).join_from(encoders, tenants, T.id == E.tenant)
        return here.where(self._mine(encoders, or_(E.dropped, ~is_needed())))

    def _others(self) -> list[ColumnElement[bool]]:
        wanted = self._db.execute(select(T.encoder).where(T.id == self.tenant)).scalar_one()
        return other_than(wanted) if wanted else []

    def _set(self, ids: Sequence[str], **values: Any) -> None:
        for start in range(0, len(ids), ROWS):
            self._db.execute(self._update(assets, A.id.in_(ids[start : start + ROWS])).values(values))


def _read(told: Any) -> Fingerprint:
    blocks = tuple(Block(**block) for block in told["blocks"])
    return Fingerprint(told["name"], told["revision"], blocks, told["preprocessing"])
