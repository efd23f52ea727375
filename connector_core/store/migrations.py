"""Bringing a database up to date: a new one is made as the tables are now, an older one takes the steps it lacks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Engine, insert, inspect, select, text

from connector_core.store.tables import META, migrations
from model_service.errors import Misconfigured

Step = Callable[[Connection], None]
STEPS: dict[int, Step] = {}
"""from version 2 on: what changes a database of the version before; 1 is the first there was"""
LATEST = max(STEPS, default=1)
LOCK = 0x70726F70
"""of Postgres: two processes that start together take turns"""


def migrate(engine: Engine, steps: Mapping[int, Step] = STEPS) -> int:
    """Make or mend the tables; the version that the database has now. Doing it twice is the same as once.

    Raises Misconfigured for a database of a later version of Propernoun. A step that fails changes nothing.
    """
    latest = max(steps, default=1)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if not inspect(connection).has_table("migrations"):
            META.create_all(connection)
            connection.execute(insert(migrations), [{"number": n, "at": time.time()} for n in range(1, latest + 1)])
            return latest
        has = max(connection.scalars(select(migrations.c.number)), default=0)
        if has > latest:
            raise Misconfigured(
                f"The database is of version {has}, written by a newer Propernoun; this one knows {latest}. Upgrade it."
            )
        for number in range(has + 1, latest + 1):
            steps[number](connection)
            connection.execute(insert(migrations), {"number": number, "at": time.time()})
    return latest
