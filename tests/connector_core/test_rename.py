"""Other words for a tag: hosts show the new one and no longer the old one, whatever dies in between."""

from __future__ import annotations

from collections.abc import Iterator, Set
from pathlib import Path

import pytest

from connector_core.connector import Connector
from connector_core.operations.connect import open_folder
from connector_core.operations.push import push
from connector_core.operations.rename import call, change_tag, speak
from connector_core.operations.review import undo
from connector_core.store.store import TenantStore
from connector_core.types import Tag, Written
from tests.connector_core.test_reembed import World

PHOTO, OLD = "Moss Green/3.jpg", "Moss Green"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A folder whose photos show the tags of a model."""
    world = World(tmp_path)
    world.rest()
    world.teach()
    ids = list(world.ids().values())
    with world.engine.store.tenant(world.tenant) as mine:
        mine.connections.set(world.connection, writes=True)
        mine.pushes.owe(ids, mine.pushes.batch("library", "The library"))
    world.rest()
    assert shown(world) == {OLD}
    yield world
    world.engine.close()


def shown(world: World, photo: str = PHOTO) -> set[str]:
    return set(open_folder(world.photos).retag(photo, add=frozenset(), remove=frozenset()).tags)


def tag_of(mine: TenantStore) -> str:
    (found,) = mine.vocabulary.named(OLD)
    return found.id


def rename(world: World, name: str) -> None:
    with world.engine.store.tenant(world.tenant) as mine:
        tag = next(one.id for one in mine.vocabulary.all() if one.name in (OLD, "Fern", "Fern Green"))
        change_tag(mine, tag, {"name": name}, person="Ada")


def test_a_new_name_is_shown_and_the_old_one_is_not(world: World) -> None:
    rename(world, "Fern Green")
    world.rest()
    assert shown(world) == {"Fern Green"} and shown(world, "Storm Blue/3.jpg") == {"Storm Blue"}


def test_a_label_in_the_tenants_language_is_what_hosts_show(world: World) -> None:
    with world.engine.store.tenant(world.tenant) as mine:
        tag = tag_of(mine)
        call(mine, tag, "de", "Moosgrün", ["Moos"], person="Ada")
    assert world.rest() == []
    with world.engine.store.tenant(world.tenant) as mine:
        call(mine, tag, "en", "Mossy", [], person="Ada")
    world.rest()
    assert shown(world) == {"Mossy"}


def test_another_language_of_the_tenant_is_spoken_in_its_hosts(world: World) -> None:
    with world.engine.store.tenant(world.tenant) as mine:
        call(mine, tag_of(mine), "de", "Moosgrün", [], person="Ada")
        speak(mine, {"locale": "de"}, person="Ada")
    world.rest()
    assert shown(world) == {"Moosgrün"} and shown(world, "Storm Blue/3.jpg") == {"Storm Blue"}


def test_what_changes_no_word_owes_nothing(world: World) -> None:
    with world.engine.store.tenant(world.tenant) as mine:
        tag = tag_of(mine)
        change_tag(mine, tag, {"sku": "M-1"}, person="Ada")
        call(mine, tag, "en", "", ["mossy"], person="Ada")
        speak(mine, {"risk": 0.1}, person="Ada")
    assert "push" not in world.rest()


def test_a_renamed_tag_is_still_undone_with_the_batch_that_wrote_it(world: World) -> None:
    rename(world, "Fern")
    world.rest()
    with world.engine.store.tenant(world.tenant) as mine:
        (batch,) = (one["id"] for one in mine.pushes.batches() if one["title"] == "The library")
        undo(mine, str(batch), person="Ada")
    world.rest()
    assert shown(world) == set()


class Died(BaseException):
    """As if the process had been killed."""


class Dying:
    """The folder, until the process dies in its hands: before it writes, or after."""

    def __init__(self, folder: Connector, when: str) -> None:
        self._folder, self._when = folder, when

    def __getattr__(self, asked: str) -> object:
        return getattr(self._folder, asked)

    def retag(self, asset: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        if self._when == "after":
            self._folder.retag(asset, add=add, remove=remove)
        raise Died


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_the_writing_the_old_name_still_goes(
    world: World, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = Dying(open_folder(world.photos), when)
    for name in ("Fern", "Fern Green"):  # twice: what two deaths leave behind goes as well
        rename(world, name)
        with monkeypatch.context() as patched, pytest.raises(Died):
            patched.setattr(world.engine, "connector", lambda tenant, linked: dying)
            push(world.engine, world.tenant, world.connection)
        world.engine.store.take_over()
    world.rest()
    assert {word for at in range(8) for word in shown(world, f"Moss Green/{at}.jpg")} == {"Fern Green"}
