"""Workers as processes: they end when asked to, whatever they are at, and they outlive a Redis that does not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector_core.queue.work import is_alive
from tests import services
from tests.processes import Service


@pytest.fixture
def redis() -> Iterator[services.Redis]:
    with services.redis() as server:
        yield server


@pytest.fixture
def service(tmp_path: Path, redis: services.Redis) -> Iterator[Service]:
    with Service(tmp_path / "service", redis=redis.url) as made:
        yield made


@pytest.mark.parametrize("kind", ["io", "model"])
def test_a_worker_that_waits_for_jobs_ends_when_asked_to(service: Service, kind: str) -> None:
    service.worker(kind)
    service.wait_for(lambda: is_alive(service.settings()), "no worker")
    assert service.stop(kind) == 0


@pytest.mark.parametrize("kind", ["io", "model"])
def test_a_worker_outlives_redis_is_known_to_an_empty_one_and_ends_without_any(
    service: Service, redis: services.Redis, kind: str
) -> None:
    service.worker(kind)
    service.wait_for(lambda: is_alive(service.settings()), "no worker")
    redis.kill()
    time.sleep(0.5)
    redis.start()
    service.wait_for(lambda: is_alive(service.settings()), "the worker does not come back")
    redis.kill()
    time.sleep(1.5)
    assert service.alive(kind)
    assert service.stop(kind) == 0
