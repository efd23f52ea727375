"""What tests of the core share: an empty store of each kind, whose queue only remembers, and a tenant in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connector_core.db import open_database
from connector_core.store.store import Store
from tests.connector_core.noted import Noted


@pytest.fixture
def queue() -> Noted:
    """Where the store's jobs go."""
    return Noted()


@pytest.fixture
def store(database: str, queue: Noted) -> Iterator[Store]:
    """An empty store: once in SQLite, once in Postgres."""
    engine = open_database(database)
    yield Store(engine, queue)
    engine.dispose()


@pytest.fixture
def tenant(store: Store) -> str:
    """A tenant of it."""
    return store.add("Nordlys")
