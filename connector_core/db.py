"""A database as an Engine: SQLite in a file or Postgres, set up so that nothing is lost and writers take turns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from model_service.errors import Misconfigured

BUSY_MS = 30_000
"""how long a writer waits for its turn"""


def open_database(url: str) -> Engine:
    """The engine of ``sqlite:///FILE`` or ``postgresql://...``. Raises Misconfigured for anything else.

    A transaction that reads and then writes is safe on both: SQLite locks at its beginning (BEGIN IMMEDIATE), and on
    Postgres a transaction that may write locks its tenant (``Store.tenant``).
    """
    try:
        where = make_url(url)
    except ArgumentError as error:
        raise Misconfigured(
            f"{_bare(url)} is no address of a database; write sqlite:///FILE or postgresql://…"
        ) from error
    if where.get_backend_name() == "sqlite":
        return _sqlite(where.database or "")
    if where.get_backend_name() != "postgresql":
        raise Misconfigured(f"{where.get_backend_name()} is not supported; use sqlite:///FILE or postgresql://…")
    try:
        return create_engine(
            where.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=10,
            connect_args={"options": f"-c lock_timeout={BUSY_MS}"},
        )
    except ModuleNotFoundError as error:
        raise Misconfigured("Postgres needs its driver: pip install 'propernoun[postgres]'.") from error


def _sqlite(file: str) -> Engine:
    if not file or file == ":memory:":
        raise Misconfigured("sqlite needs a file: write sqlite:///FILE.")
    Path(file).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin below, not where the driver thinks
        cursor = connection.cursor()
        # What is erased is overwritten, not only forgotten.
        safe = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON")
        for pragma in (*safe, f"busy_timeout={BUSY_MS}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that reads first may not write later: it would fail, or lose what came between.
        only_reads = connection.get_execution_options().get("only_reads", False)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    return engine


def _bare(url: str) -> str:
    """The address without what may be a password."""
    return url.split("@")[-1][:80]
