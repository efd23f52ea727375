"""The store with 10,000, 100,000 and a million assets: what a page, a claim, a scan's page and a sweep take."""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, text

from benchmarks.row import Row, at_most, plain, skipped
from connector_core.db import open_database
from connector_core.fold import searched
from connector_core.operations.progress import planned, progress
from connector_core.store.scope import fresh
from connector_core.store.search import Query
from connector_core.store.store import Store, TenantStore
from connector_core.store.tables import assets, ledger, predictions
from connector_core.types import Asset
from tests import services

SIZES = (10_000, 100_000, 1_000_000)
TAGS = 500
TENANTS = 1_000
PIECE = 5_000
FLAT = 2.0
"""times that a page at the end may take of what the first one takes"""


class Nowhere:
    """A queue that does nothing."""

    def put(self, job: object) -> None:
        pass

    def depth(self) -> dict[str, int]:
        return {}


@dataclass(frozen=True, slots=True)
class Filled:
    """A store with one large library, and where things are in it."""

    store: Store
    tenant: str
    connection: str
    tags: list[str]
    size: int


def run(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Milliseconds by database, size and deed; pages must be as fast at the end as at the beginning."""
    figures: dict[str, Any] = {}
    rows: list[Row] = []
    for kind in ("SQLite", "Postgres"):
        try:
            with _server(kind) as address:
                for size in SIZES[:1] if quick else SIZES:
                    taken = _measured(address(), size)
                    figures[f"{kind} {size}"] = taken
                    rows += _rows(f"{kind}, {size:,} assets: ", taken)
        except pytest.skip.Exception as why:
            rows.append(skipped(kind, str(why)))
    return figures, rows


def _rows(name: str, taken: dict[str, float]) -> list[Row]:
    ratios = [("page", "first page", "last page"), ("page of a tag", "first page of a tag", "last page of a tag")]
    found = [at_most(f"{name}last {what} over the first", taken[b] / taken[a], FLAT, "x") for what, a, b in ratios]
    return found + [plain(name + what, milliseconds, "ms") for what, milliseconds in taken.items()]


@contextmanager
def _server(kind: str) -> Iterator[Callable[[], str]]:
    if kind == "SQLite":
        with tempfile.TemporaryDirectory(prefix="propernoun-") as folder:
            yield lambda: f"sqlite:///{Path(folder) / secrets.token_hex(4)}.db"
        return
    with services.postgres() as server:

        def made() -> str:
            name = f"b{secrets.token_hex(4)}"
            admin = create_engine(
                server.replace("postgresql:", "postgresql+psycopg:") + "/postgres", isolation_level="AUTOCOMMIT"
            )
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            admin.dispose()
            return f"{server}/{name}"

        yield made


def _measured(address: str, size: int) -> dict[str, float]:
    store = Store(open_database(address), Nowhere())
    start = time.perf_counter()
    filled = fill(store, size)
    taken = {"filling it": (time.perf_counter() - start) * 1000}
    _analyse(store)
    taken |= _reading(filled) | _writing(filled)
    for _ in range(TENANTS):
        with store.tenant(store.add("small")) as mine:
            mine.connections.add("dropbox", "dbid:x", "Photos", {})
    _analyse(store)
    taken[f"what is owed, with {TENANTS:,} tenants"] = _median(store.owed)
    store.engine.dispose()
    return taken


def _analyse(store: Store) -> None:
    """What Postgres does by itself within a minute."""
    if store.engine.dialect.name == "postgresql":
        with store.engine.begin() as connection:
            connection.execute(text("ANALYZE"))


def _reading(filled: Filled) -> dict[str, float]:
    whole, rare = Query(), Query(words="4711x")
    by_tag, by_word = Query(tag=filled.tags[0]), Query(words="product 0")
    with filled.store.tenant(filled.tenant, only_reads=True) as mine:
        by_state = Query(state="review", tag=filled.tags[1])
        asked: dict[str, Callable[[], object]] = {
            "first page": lambda: mine.search.page(whole),
            "last page": _last(mine, whole, filled.size // 100 - 2),
            "first page of a tag": lambda: mine.search.page(by_tag),
            "last page of a tag": _last(mine, by_tag, filled.size // TAGS // 100 - 1),
            "first page of a tag in a state": lambda: mine.search.page(by_state),
            "first page of words of a tag": lambda: mine.search.page(by_word),
            "words that nothing is called": lambda: mine.search.page(rare),
            "progress": lambda: progress(mine, filled.connection),
            "what would be written": lambda: planned(mine, filled.connection),
            "decisions, counted": mine.judgements.counts,
        }
        return {what: _median(deed) for what, deed in asked.items()}


def _writing(filled: Filled) -> dict[str, float]:
    old = [Asset(f"id:{n}", "1", f"IMG_{n}.jpg", path=f"/photos/IMG_{n}.jpg") for n in range(500)]
    count = iter(range(1000))

    def changed() -> list[Asset]:
        turn = next(count)
        return [Asset(f"new:{turn}:{n}", "1", f"new {n}.jpg", path=f"/new/{n}.jpg") for n in range(500)]

    with filled.store.tenant(filled.tenant, only_reads=True) as mine:
        some = [one.id for one in mine.search.page(Query(), limit=500).assets]
        group = mine.vocabulary.one(filled.tags[0]).group
    said = {"group": group, "tag": filled.tags[0], "decision": "review", "probability": 0.5}
    deeds: dict[str, Callable[[TenantStore], object]] = {
        "a claim of 16": lambda mine: mine.assets.claim(filled.connection, 16),
        "a scan's page of 500 that are known": lambda mine: mine.assets.seen(filled.connection, old, 0, ""),
        "a scan's page of 500 that are new": lambda mine: mine.assets.seen(filled.connection, changed(), 0, ""),
        "500 predictions": lambda mine: mine.judgements.predict([{**said, "asset": one} for one in some]),
        "500 owed to the host": lambda mine: mine.pushes.owe(some),
    }

    def done(deed: Callable[[TenantStore], object]) -> Callable[[], None]:
        def once() -> None:
            with filled.store.tenant(filled.tenant) as mine:
                deed(mine)

        return once

    return {what: _median(done(deed)) for what, deed in deeds.items()}


def _last(mine: TenantStore, query: Query, pages: int) -> Callable[[], object]:
    """The page after so many: its cursor is found in large strides."""
    cursor, left = "", pages * 100
    while left > 0:
        found = mine.search.page(query, cursor, min(left, 1000))
        cursor, left = found.cursor or cursor, left - len(found.assets) if found.more else 0
    return lambda: mine.search.page(query, cursor)


def fill(store: Store, size: int) -> Filled:
    """A library: half of it is tagged and written, a fifth waits to be read, the rest waits for people."""
    tenant = store.add("large")
    with store.tenant(tenant) as mine:
        connection = mine.connections.add("dropbox", "dbid:1", "Photos", {}, writes=True)
        tags = [mine.vocabulary.tag(f"Product {number}", sku=f"SKU-{number}") for number in range(TAGS)]
        group = mine.vocabulary.one(tags[0]).group
    for start in range(0, size, PIECE):
        numbers = range(start, min(start + PIECE, size))
        ids = [fresh() for _ in numbers]
        pairs = list(zip(numbers, ids, strict=True))
        own = {"tenant": tenant, "created": time.time()}
        photos = [_photo(number, asset, connection) | own for number, asset in pairs]
        # Runs of photos that show different things: those of a tag are spread over the whole library.
        shown = {asset: tags[number % TAGS] for number, asset in pairs if number % 5 != 4}
        guess = {"group": group, "reason": "It is sure.", "evidence": {"nearest": ids[0]}, "model": "m", **own}
        guesses = [
            {**guess, "asset": asset, "tag": tag, "probability": 0.9, "decision": "apply" if at % 2 else "review"}
            for at, (asset, tag) in enumerate(shown.items())
        ]
        notes = [{"asset": one["asset"], "tag": one["tag"], "name": "p", "batch": "b", "sure": True, **own}
                 for one in guesses if one["decision"] == "apply"]  # fmt: skip
        with store.engine.begin() as database:
            for table, rows in ((assets, photos), (predictions, guesses), (ledger, notes)):
                database.execute(insert(table), rows)
    return Filled(store, tenant, connection, tags, size)


def _photo(number: int, asset: str, connection: str) -> dict[str, Any]:
    name = f"IMG_{number}.jpg"
    state = "pending" if number % 5 == 4 else "applied" if number % 2 else "review"
    return {
        "id": asset,
        "connection": connection,
        "host_id": f"id:{number}",
        "version": "1",
        "name": name,
        "folded": searched(name),
        "path": f"/photos/{name}",
        "state": state,
        "batch": "b",
    }


def _median(deed: Callable[[], object], times: int = 5) -> float:
    """Milliseconds; the first time does not count."""
    deed()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        deed()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000
