"""Whatever happens in whatever order: the end is that of a run in which nothing went wrong.

One process works at a time, deterministically, and dies at points that hypothesis chooses. RELIABILITY_EXAMPLES sets
how many schedules are tried; what failed once is tried first the next time.
"""

from __future__ import annotations

import functools
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.reliability.ends import End, assert_same, assert_written_once
from tests.reliability.library import taught
from tests.reliability.people import ACTS, library
from tests.reliability.schedules import Do, Schedule, schedules
from tests.reliability.world import World

EXAMPLES = int(os.environ.get("RELIABILITY_EXAMPLES", "3"))


@functools.cache
def faultless(photos: int, acts: frozenset[str]) -> tuple[End, dict[str, set[str]]]:
    """How it ends, and what the host shows, if people do the same once all is done, and nothing goes wrong."""
    with tempfile.TemporaryDirectory() as folder, World(Path(folder) / "run", taught(), library(photos)) as world:
        world.rest()
        for name in sorted(acts):
            Do(name)(world)
        return world.rest(), world.twin.all_tags()


def run(schedule: Schedule) -> World:
    """What comes of a schedule, compared with what should."""
    wanted, shown = faultless(schedule.photos, frozenset(schedule.acts))
    with (
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder) / "run", taught(), library(schedule.photos)) as world,
    ):
        world.twin.set(page_size=schedule.page)
        for step in schedule.steps:
            step(world)
        end = world.rest()
        assert_same(end, wanted)
        assert world.twin.all_tags() == shown
        assert_written_once(world.twin.writes)
        return world


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    print_blob=True,
)
@given(schedules())
def test_whatever_happens_in_whatever_order_the_end_is_the_same(schedule: Schedule) -> None:
    run(schedule)


def test_the_fault_free_run_is_what_a_person_expects() -> None:
    end, shown = faultless(8, frozenset())
    assert shown["/Shop/All/07.png"] == {"moss_green"} and shown["/Shop/grey.png"] == set()
    assert {photo.state for photo in end.photos.values()} == {"applied", "unknown"}
    assert end.cursor_is_last and end.owed == () and end.outbox == 0 and end.connection == ("live", "")
    assert all(photo.has_rendition and photo.vector for photo in end.photos.values())


@pytest.mark.parametrize("name", sorted(ACTS))
def test_what_people_do_leads_to_one_end(name: str) -> None:
    run(Schedule(8, 3, (name,), (Do(name),)))
