"""The queues: threads of this process, and Redis, which may be killed at any time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis as Client
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from connector_core.db import open_database
from connector_core.errors import PlatformDown
from connector_core.queue.job import KINDS, Job
from connector_core.queue.redis import RedisQueue
from connector_core.queue.thread import ThreadQueue
from connector_core.store.store import Store
from tests import services
from tests.contract.queue import Deeds, QueueContract

AT_WORK: list[RedisBench] = []
"""the bench whose jobs are being done: RQ knows functions by their names alone"""


def note(name: str, tenant: str, *args: str) -> None:
    """What RQ calls."""
    job = Job(name, tenant, args)
    AT_WORK[-1].queue.begin(job)
    AT_WORK[-1].do(job)


class ThreadBench(Deeds):
    def __init__(self) -> None:
        super().__init__()
        self.queue = ThreadQueue(self.do)
        self._started = False

    def work(self) -> None:
        if not self._started:
            self._started = True
            self.queue.start()
        assert self.queue.idle(30)


class RedisBench(Deeds):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.queue = RedisQueue(url, run="tests.connector_core.test_queue.note")

    def work(self) -> None:
        client = Client.from_url(self.url)
        queues = [Queue(kind, connection=client, serializer=JSONSerializer) for kind in KINDS]
        AT_WORK.append(self)
        while any(queue.count for queue in queues):
            SimpleWorker(queues, connection=client, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")
        AT_WORK.pop()
        client.close()


@pytest.fixture(scope="module")
def redis() -> Iterator[services.Redis]:
    with services.redis() as server:
        yield server


class TestThreads(QueueContract):
    @pytest.fixture
    def bench(self) -> Iterator[ThreadBench]:
        bench = ThreadBench()
        yield bench
        bench.queue.stop()

    def test_a_stop_lets_what_is_being_done_come_to_its_end_and_leaves_the_rest(self, bench: ThreadBench) -> None:
        begun, finished = threading.Event(), threading.Event()

        def slow(_: Job) -> None:
            begun.set()
            time.sleep(0.2)
            finished.set()

        bench.deeds["scan"] = slow
        for name in ("a", "b", "c"):
            bench.queue.put(Job("scan", "tenant", (name,)))
        bench.queue.start()
        assert begun.wait(5)
        bench.queue.stop()
        assert finished.is_set() and [job.args[0] for job in bench.done] == ["a"]
        bench.queue.put(Job("scan", "tenant", ("d",)))
        assert bench.queue.depth()["io"] == 2


class TestRedis(QueueContract):
    @pytest.fixture
    def bench(self, redis: services.Redis) -> RedisBench:
        client = Client.from_url(redis.url)
        client.flushall()
        client.close()
        return RedisBench(redis.url)

    def test_one_that_waits_is_not_queued_twice_by_another_process_either(self, bench: RedisBench) -> None:
        jobs = [Job("ingest", "tenant", (str(number),)) for number in range(40)]
        for _ in range(2):
            for job in jobs:
                RedisQueue(bench.url, run="tests.connector_core.test_queue.note").put(job)
        assert bench.queue.depth()["model"] == 40

    def test_a_worker_that_was_killed_with_a_job_does_not_keep_it_from_being_put_again(self, bench: RedisBench) -> None:
        job = Job("scan", "tenant", ("a",))
        bench.queue.put(job)
        client = Client.from_url(bench.url)
        client.lpop("rq:queue:io")  # it was taken, and its worker died before it began
        client.close()
        bench.queue.put(job)
        assert bench.queue.depth()["io"] == 1

    def test_when_redis_is_killed_what_was_committed_stays_and_the_sweep_finds_it(
        self, redis: services.Redis, bench: RedisBench, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        store = Store(open_database(f"sqlite:///{tmp_path / 'store.db'}"), bench.queue)
        tenant = store.add("Nordlys")
        with store.tenant(tenant) as mine:
            connection = mine.connections.add("dropbox", "dbid:1", "Photos", {})
            mine.later("scan", connection)
        redis.kill()
        started = time.monotonic()
        with store.tenant(tenant) as mine:
            mine.vocabulary.tag("Aurora Shell")
            for number in range(20):
                mine.later("scan", str(number))
        assert time.monotonic() - started < 2
        assert [one.message for one in caplog.records].count(
            "Redis does not answer (ConnectionError): scan waits for the sweep"
        ) == 1
        with pytest.raises(PlatformDown):
            bench.queue.depth()
        assert not bench.queue.ready()
        redis.start()
        time.sleep(1.0)
        with store.tenant(tenant, only_reads=True) as mine:
            assert [word.name for word in mine.vocabulary.all()] == ["Aurora Shell"]
        for job in store.owed():
            bench.queue.put(job)
        bench.work()
        assert bench.done == [Job("scan", tenant, (connection,))]
