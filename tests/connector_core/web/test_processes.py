"""With Redis the web process hands pictures to workers in other processes, and hears from them at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector_core.queue.bell import Bell, RedisBell, ThreadBell
from connector_core.queue.tally import RedisTally, Tally, ThreadTally
from tests import processes, services
from tests.connector_core.web.service import COLOURS, picture
from tests.model_service.onnx_sample import write_network


@pytest.fixture(scope="module")
def redis() -> Iterator[services.Redis]:
    """A server of this module's own."""
    with services.redis() as server:
        yield server


@pytest.fixture(params=["thread", "redis"])
def bell(request: pytest.FixtureRequest) -> Bell:
    """Both kinds of bell."""
    return ThreadBell() if request.param == "thread" else RedisBell(request.getfixturevalue("redis").url)


@pytest.fixture(params=["thread", "redis"])
def tally(request: pytest.FixtureRequest) -> Tally:
    """Both kinds of tally."""
    return ThreadTally() if request.param == "thread" else RedisTally(request.getfixturevalue("redis").url)


def test_a_ring_is_heard_at_once(bell: Bell) -> None:
    with bell.listen("a"):
        threading.Timer(0.2, bell.ring, ["a"]).start()
        started = time.monotonic()
        assert bell.wait("a", 10)
        assert time.monotonic() - started < 2


def test_a_ring_that_comes_before_the_wait_is_not_missed(bell: Bell) -> None:
    with bell.listen("b"):
        bell.ring("b")
        assert bell.wait("b", 10)


def test_a_ring_for_another_is_not_heard(bell: Bell) -> None:
    with bell.listen("c"):
        bell.ring("d")
        assert not bell.wait("c", 0.1)


def test_ends_of_jobs_are_counted_by_verb(tally: Tally) -> None:
    for verb, outcome in (("scan", "done"), ("scan", "done"), ("push", "failed")):
        tally.count(verb, outcome)
    assert dict(tally.counts()) == {("scan", "done"): 2, ("push", "failed"): 1}


def test_a_picture_goes_to_a_worker_and_its_tags_come_back(tmp_path: Path, redis: services.Redis) -> None:
    network = write_network(tmp_path / "tiny.onnx")
    with processes.Service(tmp_path / "service", redis=redis.url, encoder=f"onnx:{network}") as service:
        key = service.run("tenant", "Nordlys").split()[-1]
        sent = {"Content-Type": "image/jpeg"}
        service.web()
        status, waiting = service.ask("POST", "/v1/tag?wait=0", key, picture(COLOURS["Ember Red"]), sent)
        assert (status, waiting["state"]) == (202, "waiting")
        service.worker("model")
        service.wait_for(lambda: service.get(f"/v1/tag/{waiting['id']}", key)[0] == 200, "nobody looked at it")
        status, seen = service.ask("POST", "/v1/tag?wait=30", key, picture(COLOURS["Ember Red"]), sent)
        assert status == 200 and seen["reason"].startswith("There is no model yet")
        status, refused = service.ask("POST", "/v1/tag?wait=30", key, b"no picture", sent)
        assert status == 422 and refused["type"] == "urn:propernoun:unreadable"
