"""The suite that every JobQueue runs: soon, at least once, in turn, and nothing before it is committed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import pytest

from connector_core.db import open_database
from connector_core.queue.job import Job, JobQueue
from connector_core.store.rows import State
from connector_core.store.store import Store
from connector_core.types import Asset


class Bench(Protocol):
    """A queue, and workers that do its jobs when asked."""

    queue: JobQueue
    done: list[Job]
    """what was done, in order"""
    deeds: dict[str, Callable[[Job], None]]
    """what a verb does"""

    def work(self) -> None:
        """Do all that waits, and what comes of it; nothing is done before."""
        ...


class QueueContract:
    """A subclass gives one fixture, ``bench``."""

    @pytest.fixture
    def store(self, bench: Bench, tmp_path: Path) -> Store:
        return Store(open_database(f"sqlite:///{tmp_path / 'store.db'}"), bench.queue)

    def test_a_job_is_done_with_the_words_that_it_was_put_with(self, bench: Bench) -> None:
        job = Job("scan", "tenant", ("Größe: \n 東京", ""))
        bench.queue.put(job)
        bench.work()
        assert bench.done == [job] and set(bench.queue.depth().values()) == {0}

    def test_one_that_waits_is_not_queued_twice(self, bench: Bench) -> None:
        for _ in range(3):
            for connection in ("a", "b"):
                bench.queue.put(Job("scan", "tenant", (connection,)))
        assert bench.queue.depth() == {"io": 2, "model": 0}
        bench.work()
        bench.queue.put(Job("scan", "tenant", ("a",)))
        bench.work()
        assert [job.args[0] for job in bench.done] == ["a", "b", "a"]

    def test_nor_is_one_that_many_put_at_once(self, bench: Bench) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(bench.queue.put, [Job("ingest", "tenant", (str(n % 3),)) for n in range(60)]))
        assert bench.queue.depth() == {"io": 0, "model": 3}

    def test_one_that_is_put_while_it_runs_is_done_again(self, bench: Bench) -> None:
        job = Job("scan", "tenant", ("a",))

        def once_more(_: Job) -> None:
            if len(bench.done) == 1:
                bench.queue.put(job)
                bench.queue.put(job)

        bench.deeds["scan"] = once_more
        bench.queue.put(job)
        bench.work()
        assert bench.done == [job, job]

    def test_one_that_fails_does_not_hold_up_the_others(self, bench: Bench) -> None:
        jobs = [Job("scan", "tenant", (name,)) for name in ("a", "b")]
        bench.deeds["scan"] = lambda job: bench.queue.put(jobs[0]) if bench.done == jobs[:1] else None
        for job in jobs:
            bench.queue.put(job)
        bench.work()
        assert bench.done == [jobs[0], jobs[1], jobs[0]]

    def test_jobs_are_done_in_order_and_those_that_somebody_waits_for_before_all_others(self, bench: Bench) -> None:
        for number in range(5):
            bench.queue.put(Job("ingest", "tenant", (str(number),)))
        bench.queue.put(Job("look", "tenant", ("picture",)))
        bench.work()
        assert [job.args[0] for job in bench.done] == ["picture", "0", "1", "2", "3", "4"]

    def test_kinds_wait_apart(self, bench: Bench) -> None:
        for name in ("scan", "push", "ingest", "learn", "predict"):
            bench.queue.put(Job(name, "tenant"))
        assert bench.queue.depth() == {"io": 2, "model": 3}

    def test_nothing_is_put_before_it_is_committed_nor_after_a_failure(self, bench: Bench, store: Store) -> None:
        tenant = store.add("Nordlys")
        with store.tenant(tenant) as mine:
            mine.later("scan", "a")
            assert bench.queue.depth()["io"] == 0
        assert bench.queue.depth()["io"] == 1
        with pytest.raises(RuntimeError), store.tenant(tenant) as mine:
            mine.later("scan", "b")
            raise RuntimeError
        assert bench.queue.depth()["io"] == 1

    def test_a_storm_of_wakes_is_one_scan(self, bench: Bench, store: Store) -> None:
        tenant = store.add("Nordlys")
        with store.tenant(tenant) as mine:
            connection = mine.connections.add("dropbox", "dbid:1", "Photos", {})

        def wake(_: int) -> None:
            with store.tenant(tenant) as mine:
                mine.connections.wake(connection)
                mine.later("scan", connection)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(wake, range(60)))
        bench.work()
        assert bench.done == [Job("scan", tenant, (connection,))]

    def test_a_large_library_does_not_starve_one_photo_of_another_tenant(self, bench: Bench, store: Store) -> None:
        """Each ingest reads 16 and goes to the end of the queue."""
        large, small = _filled(store, 320), _filled(store, 1)

        def ingest(job: Job) -> None:
            with store.tenant(job.tenant) as mine:
                claimed = mine.assets.claim(job.args[0], 16)
                for one in claimed:
                    mine.assets.done(one, State.READY)
                if claimed:
                    mine.later("ingest", job.args[0])

        bench.deeds["ingest"] = ingest
        for job in (large, small):
            bench.queue.put(job)
        bench.work()
        assert bench.done.index(small) == 1
        assert Counter(bench.done) == {large: 21, small: 2}

    def test_what_was_lost_is_found_by_the_sweep(self, bench: Bench, store: Store) -> None:
        lost = _filled(store, 1)
        for job in store.owed():
            bench.queue.put(job)
        bench.work()
        assert {job.name for job in bench.done} == {"scan", "ingest"} and lost in bench.done


def _filled(store: Store, photos: int) -> Job:
    """The job that reads the photos of a new tenant."""
    tenant = store.add("Nordlys")
    with store.tenant(tenant) as mine:
        connection = mine.connections.add("dropbox", "dbid:1", "Photos", {})
        mine.assets.seen(connection, [Asset(str(n), "1", f"{n}.jpg") for n in range(photos)], 0, "")
    return Job("ingest", tenant, (connection,))


class Deeds:
    """What jobs do, for benches: it notes them, one at a time."""

    def __init__(self) -> None:
        self.done: list[Job] = []
        self.deeds: dict[str, Callable[[Job], None]] = {}
        self._turn = threading.Lock()

    def do(self, job: Job) -> None:
        """Note it, and do what its verb does."""
        with self._turn:
            self.done.append(job)
            self.deeds.get(job.name, lambda job: None)(job)
