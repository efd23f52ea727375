"""The Store: one database of all tenants; what belongs to a tenant is reached through its TenantStore alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, or_, select, text, update
from sqlalchemy.exc import OperationalError

from connector_core.errors import Gone
from connector_core.names import named
from connector_core.queue.job import Job, JobQueue
from connector_core.store.access import USED, Access, hashed
from connector_core.store.assets import Assets
from connector_core.store.connections import Connections
from connector_core.store.encoders import Encoders
from connector_core.store.erasing import Erasing
from connector_core.store.judgements import Judgements
from connector_core.store.lists import Lists
from connector_core.store.looks import Looks
from connector_core.store.marks import Marks
from connector_core.store.merging import Merging
from connector_core.store.migrations import migrate
from connector_core.store.owed import followed, owed
from connector_core.store.plans import Plans
from connector_core.store.pushes import Pushes
from connector_core.store.receipts import Receipts
from connector_core.store.returns import Returns
from connector_core.store.rows import Tenant
from connector_core.store.scope import LEASE, fresh
from connector_core.store.search import Search
from connector_core.store.tables import CLAIMS, connections, keys, tenants
from connector_core.store.teaching import Examples, Models
from connector_core.store.vocabulary import Vocabulary
from model_service.errors import Misconfigured


class TenantStore:
    """Everything of one tenant, in one transaction. The tenant is bound: no method takes another one.

    ``later`` collects jobs; they are put into the queue once the transaction is committed, never before.
    """

    def __init__(self, connection: Connection, tenant: str, lease: float) -> None:
        self._db = connection
        self.id = tenant
        scope = (connection, tenant, lease)
        self.connections = Connections(*scope)
        self.assets = Assets(*scope)
        self.vocabulary = Vocabulary(*scope)
        self.examples = Examples(*scope)
        self.models = Models(*scope)
        self.encoders = Encoders(*scope)
        self.judgements = Judgements(*scope)
        self.pushes = Pushes(*scope)
        self.marks = Marks(*scope)
        self.returns = Returns(*scope)
        self.access = Access(*scope)
        self.looks = Looks(*scope)
        self.lists = Lists(*scope)
        self.merging = Merging(*scope)
        self.search = Search(*scope)
        self.plans = Plans(*scope)
        self.receipts = Receipts(*scope)
        self.erasing = Erasing(*scope)
        self.jobs: list[Job] = []

    def later(self, name: str, *args: str) -> None:
        """Have a job done soon after this transaction."""
        job = Job(name, self.id, args)
        if job not in self.jobs:
            self.jobs.append(job)

    def tenant(self) -> Tenant:
        """Who this is."""
        return Tenant.of(self._db.execute(select(tenants).where(tenants.c.id == self.id)).one())

    def judged(self, model: str, lesson: int, was: Tenant) -> None:
        """The whole library has been judged by this model, unless something came in that was not since ``was``."""
        same = (tenants.c.judged == was.judged) & (tenants.c.judged_lesson == was.judged_lesson)
        mine = update(tenants).where(tenants.c.id == self.id, same)
        self._db.execute(mine.values(judged=model, judged_lesson=lesson))

    def unjudged(self) -> None:
        """Something in the library was judged by an older model: all of it is to be judged anew."""
        mine = update(tenants).where(tenants.c.id == self.id)
        self._db.execute(mine.values(judged="", judged_lesson=tenants.c.judged_lesson - 1))

    def change(self, **values: object) -> None:
        """Set name, locale or risk."""
        if extra := set(values) - {"name", "locale", "risk"}:
            raise ValueError(f"a tenant has no {sorted(extra)}")
        self._db.execute(update(tenants).where(tenants.c.id == self.id).values(values))


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a key speaks for."""

    tenant: str
    key: str
    scopes: frozenset[str]


class Store:
    """The database. Raises Misconfigured where it does not answer. ``queue`` gets the jobs of committed transactions.

    Who claims work has it for ``lease`` seconds, and longer as long as it says so.
    """

    def __init__(self, engine: Engine, queue: JobQueue, *, lease: float = LEASE) -> None:
        self.engine = engine
        self._lease = lease
        self._queue = queue
        try:
            migrate(engine)
        except OperationalError as error:
            place, why = engine.url.render_as_string(), str(error.orig).strip().splitlines()[0]
            raise Misconfigured(f"The database {place} cannot be used: {why}.") from error

    @contextmanager
    def tenant(self, tenant: str, *, only_reads: bool = False) -> Iterator[TenantStore]:
        """The road to one tenant's rows, for one transaction. Raises Gone for an unknown tenant.

        One that may write has the tenant for itself until it ends, so what it has read is still so when it writes;
        others of the same tenant wait. It is to be short: no file and no host is waited for inside.
        """
        asked = select(tenants.c.id).where(tenants.c.id == tenant)
        with self.engine.connect().execution_options(only_reads=only_reads) as connection:
            with connection.begin():
                # SQLite has locked the whole database by now, and knows no such word.
                if connection.execute(asked if only_reads else asked.with_for_update(key_share=True)).first() is None:
                    raise Gone("There is no such tenant.")
                mine = TenantStore(connection, tenant, self._lease)
                yield mine
        for job in mine.jobs:
            self._queue.put(job)

    def add(self, name: str, *, locale: str = "en", risk: float = 0.02) -> str:
        """The id of a new tenant. Raises Refuse for a name that nobody could read."""
        made = fresh()
        with self.engine.begin() as connection:
            row = {"id": made, "name": named(name), "locale": locale, "risk": risk, "created": time.time()}
            connection.execute(insert(tenants), row)
        return made

    def take_over(self) -> None:
        """Whoever had claimed something is gone: for a process that knows that it is the only one, as it starts."""
        with self.engine.begin() as connection:
            for table, names in CLAIMS.items():
                is_claimed = or_(*(table.c[name] > 0.0 for name in names))
                connection.execute(update(table).where(is_claimed).values(dict.fromkeys(names, 0.0)))

    def tenants(self) -> list[str]:
        """Every tenant's id, the oldest first."""
        with self._reading() as connection:
            return list(connection.scalars(select(tenants.c.id).order_by(tenants.c.id)))

    def remove(self, tenant: str) -> None:
        """Forget a tenant and everything that belongs to it."""
        with self.engine.begin() as connection:
            connection.execute(delete(tenants).where(tenants.c.id == tenant))

    def use(self, encoder: str) -> None:
        """From now on all photos are to be looked at with this encoder; what another one saw is owed another look."""
        with self.engine.begin() as connection:
            connection.execute(update(tenants).where(tenants.c.encoder != encoder).values(encoder=encoder))

    @contextmanager
    def receipts(self, tenant: str) -> Iterator[Receipts]:
        """What was erased of a tenant, be it there or not; in one transaction."""
        with self.engine.begin() as connection:
            yield Receipts(connection, tenant)

    def bearer(self, key: str) -> Bearer | None:
        """Who a key of the API speaks for; None for one that opens nothing."""
        with self._reading() as connection:
            asked = select(keys).where(keys.c.hash == hashed(key), keys.c.revoked == 0.0)
            row = connection.execute(asked).first()
        if row is None:
            return None
        if time.time() - row.used > USED:
            with self.engine.begin() as connection:
                connection.execute(update(keys).where(keys.c.hash == row.hash).values(used=time.time()))
        return Bearer(row.tenant, row.id, frozenset(row.scopes))

    def owed(self) -> list[Job]:
        """A job for everything that is owed by now, over all tenants, one of each in turn."""
        with self._reading() as connection:
            return owed(connection)

    def quiet(self, host: str, before: float) -> list[tuple[str, str]]:
        """Tenants and connections of a host that are owed no scan, and had their last one before that time."""
        column = connections.c
        asked = select(column.tenant, column.id).where(
            column.host == host,
            column.listed < before,
            column.wanted == column.scanned,
            column.paused.is_(False),
            column.state.in_(("live", "down")),
        )
        with self._reading() as connection:
            return [(row.tenant, row.id) for row in connection.execute(asked)]

    def unheard(self, host: str, before: float) -> list[tuple[str, str]]:
        """Tenants and connections of a host whose people's edits were last asked for before that time, or in part."""
        column, now = connections.c, time.time()
        due = (column.heard != "") | (column.heard_at < before)
        asked = select(column.tenant, column.id).where(column.host == host, due, column.push_until <= now)
        with self._reading() as connection:
            return [(row.tenant, row.id) for row in connection.execute(asked.where(followed(now)))]

    def connected(self, host: str, account: str) -> list[tuple[str, str]]:
        """Tenants and connections of an account on a host: whom a webhook is for."""
        with self._reading() as connection:
            where = (connections.c.host == host) & (connections.c.account == account)
            found = connection.execute(select(connections.c.tenant, connections.c.id).where(where))
            return [(row.tenant, row.id) for row in found]

    def tidy(self) -> None:
        """Let go of the bytes of what was deleted, where the database keeps them aside until somebody says so."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect().execution_options(only_reads=True) as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def ready(self) -> bool:
        """Whether the database answers."""
        with self._reading() as connection:
            return bool(connection.scalar(text("SELECT 1")) == 1)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(only_reads=True) as connection, connection.begin():
            yield connection
