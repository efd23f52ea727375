"""Swarms of calls: a scan waits for their end, though not for ever, and an alarm brings it."""

from __future__ import annotations

import threading
import time

import pytest

from connector_core.queue.alarm import Alarm
from connector_core.queue.job import Job
from connector_core.store import connections
from connector_core.store.store import Store
from tests.connector_core.test_store import connected


def followed(store: Store, tenant: str) -> str:
    """A connection that has been scanned, and is owed nothing."""
    connection = connected(store, tenant)
    with store.tenant(tenant) as mine:
        claimed = mine.connections.claim_scan(connection)
        assert claimed is not None and not mine.connections.scanned(connection, claimed.wanted)
    return connection


def can_scan(store: Store, tenant: str, connection: str) -> bool:
    with store.tenant(tenant) as mine:
        return mine.connections.waiting() == [connection]


def wake(store: Store, tenant: str, connection: str, quiet: float) -> None:
    with store.tenant(tenant) as mine:
        mine.connections.wake(connection, quiet=quiet)


def test_a_scan_waits_for_the_end_of_a_swarm(store: Store, tenant: str) -> None:
    connection = followed(store, tenant)
    for _ in range(5):
        wake(store, tenant, connection, 0.3)
        assert not can_scan(store, tenant, connection)
        time.sleep(0.1)
    time.sleep(0.25)
    assert can_scan(store, tenant, connection)


def test_a_swarm_without_end_is_not_waited_for(store: Store, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_QUIET", 0.3)
    connection = followed(store, tenant)
    until = time.monotonic() + 0.35
    while time.monotonic() < until:
        wake(store, tenant, connection, 0.2)
        time.sleep(0.02)
    assert can_scan(store, tenant, connection)


def test_a_person_who_asks_does_not_wait(store: Store, tenant: str) -> None:
    connection = followed(store, tenant)
    wake(store, tenant, connection, 10)
    assert not can_scan(store, tenant, connection)
    wake(store, tenant, connection, 0)
    assert can_scan(store, tenant, connection)


def test_calls_that_change_nothing_need_not_be_written(store: Store, tenant: str) -> None:
    connection = followed(store, tenant)
    with store.tenant(tenant) as mine:
        assert not mine.connections.is_owed(connection, quiet=1)
        mine.connections.wake(connection, quiet=1)
        assert mine.connections.is_owed(connection, quiet=1)
        assert mine.connections.claim_scan(connection) is None


def test_a_call_during_a_scan_brings_another_one_a_moment_later(store: Store, tenant: str) -> None:
    connection = followed(store, tenant)
    wake(store, tenant, connection, 0)
    with store.tenant(tenant) as mine:
        claimed = mine.connections.claim_scan(connection)
    assert claimed is not None
    wake(store, tenant, connection, 0.2)
    wake(store, tenant, connection, 0.2)
    with store.tenant(tenant) as mine:
        assert mine.connections.scanned(connection, claimed.wanted)
    assert not can_scan(store, tenant, connection)
    time.sleep(0.25)
    assert can_scan(store, tenant, connection)


def test_an_alarm_puts_each_job_once_when_its_time_has_come() -> None:
    put: list[tuple[float, Job]] = []
    two = threading.Event()

    def note(job: Job) -> None:
        put.append((time.monotonic() - began, job))
        if len(put) == 2:
            two.set()

    began = time.monotonic()
    alarm = Alarm(note)
    late, soon = Job("scan", "a", ("late",)), Job("scan", "a", ("soon",))
    alarm.set(0.2, late)
    for _ in range(10):
        alarm.set(0.05, soon)
    assert two.wait(5)
    alarm.stop()
    assert [job for _, job in put] == [soon, late]
    assert 0.05 <= put[0][0] < 0.2 <= put[1][0]


def test_an_alarm_outlives_a_queue_that_is_down() -> None:
    put: list[Job] = []
    done = threading.Event()

    def note(job: Job) -> None:
        if not put:
            put.append(job)
            raise OSError("down")
        done.set()

    alarm = Alarm(note)
    alarm.set(0.0, Job("scan", "a"))
    alarm.set(0.1, Job("push", "a"))
    assert done.wait(5)
    alarm.stop()
