"""Patience: dead workers and outages wear nothing out, and who comes back is not kept waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector_core.queue.job import Job
from connector_core.store.rows import Linked
from connector_core.store.tables import outbox
from connector_core.worker import do
from tests.reliability.library import taught
from tests.reliability.people import library, place
from tests.reliability.world import World
from tests.twins.dropbox.faults import Fault

SMALL, ADD = "files/get_thumbnail_v2", "files/tags/add"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "run", taught(), library(4)) as made:
        made.work()  # the scan
        yield made


def linked(world: World) -> Linked:
    with world.store.tenant(world.tenant) as mine:
        return mine.connections.get(world.connection)


def work(world: World, verb: str) -> None:
    world.waiting.jobs[:] = [Job(verb, world.tenant, (world.connection,))]
    world.work()


def test_photos_are_not_worn_out_by_workers_that_die(world: World) -> None:
    for _ in range(7):
        world.process().fate.doom(f"called {SMALL}", 1)
        work(world, "ingest")
        world.wait(200)
    world.twin.plan(Fault("error", SMALL, after=2))
    work(world, "ingest")
    with world.store.tenant(world.tenant) as mine:
        assert not mine.assets.page(state="failed") and len(mine.assets.page(state="pending")) >= 1
    assert {photo.state for photo in world.rest().photos.values()} == {"applied", "unknown"}


def test_an_outage_wears_no_photo_out_although_something_is_skipped_without_asking(tmp_path: Path) -> None:
    with World(tmp_path / "run", taught(), [("/Shop/first.mp4", b"0"), *library(2)]) as world:
        for turn in range(8):
            world.twin.put("/Shop/first.mp4", b"%d" % turn)
            world.hook()
            world.wait(4000)
            work(world, "scan")
            world.twin.plan(Fault("error", SMALL, times=20))
            work(world, "ingest")
            world.twin.unplan()
            world.wait(4000)
        with world.store.tenant(world.tenant) as mine:
            assert not mine.assets.page(state="failed") and len(mine.assets.page(state="skipped")) == 1


def test_after_a_long_outage_nothing_waits_longer_than_the_host_has_asked_for(world: World) -> None:
    work(world, "ingest")
    for _ in range(6):
        world.twin.plan(Fault("error", ADD))
        work(world, "push")
        world.wait(4000)
    world.twin.plan(Fault("error", ADD))
    work(world, "push")
    with world.store.engine.begin() as database:
        assert all(row.due < time.time() + 60 for row in database.execute(outbox.select()))


def test_what_a_killed_worker_was_writing_is_free_after_its_lease(world: World) -> None:
    work(world, "ingest")
    world.process().fate.doom(f"called {ADD}", 1)
    work(world, "push")
    world.wait(world.settings.lease + 1)
    assert Job("push", world.tenant, (world.connection,)) in world.store.owed()
    with world.store.engine.begin() as database:
        assert all(row.until < time.time() for row in database.execute(outbox.select()))


def test_a_host_that_fails_does_not_switch_on_again_what_a_person_switched_off(world: World) -> None:
    def switch_off() -> None:
        with world.store.tenant(world.tenant) as mine:
            mine.connections.set(world.connection, state="off", reason="")

    world.hook()
    world.wait(4000)
    world.twin.plan(Fault("error", "files/list_folder*"))
    world.process().fate.meanwhile("call files/list_folder*", 0, switch_off)
    work(world, "scan")
    assert linked(world).state == "off"


def test_a_connection_that_works_again_says_nothing_of_what_was(world: World) -> None:
    world.twin.plan(Fault("error", SMALL))
    work(world, "ingest")
    assert "error of its own" in linked(world).reason
    world.wait(60)
    work(world, "ingest")
    assert linked(world).reason == ""


def test_a_tag_that_a_person_takes_away_and_gives_back_is_a_yes(world: World) -> None:
    world.rest()
    path = place(1)
    word = world.twin.tags(path).pop()
    world.twin.untag(path, word)
    world.rest()
    world.twin.tag(path, word)
    end = world.rest()
    assert set(end.photos[path.lower()].said.values()) == {True}


def test_jobs_of_a_connection_that_was_removed_end_in_peace(world: World) -> None:
    with world.store.tenant(world.tenant) as mine:
        mine.connections.remove(world.connection)
    for verb in ("scan", "ingest", "push", "listen"):
        do(world.process(), Job(verb, world.tenant, (world.connection,)))
