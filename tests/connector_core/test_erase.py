"""Erasing: a photo, a tag, a tenant are gone from everywhere, whatever was under way, and a receipt says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from connector_core.errors import Gone
from connector_core.operations.connect import open_folder
from connector_core.operations.erase import erase, erase_asset, erase_tag, erase_tenant
from connector_core.queue.job import Job
from connector_core.store.receipts import hashed
from connector_core.store.rows import Receipt
from connector_core.store.search import Query
from connector_core.store.tables import META, receipts
from connector_core.worker import do
from model_service.bundle import load_bundle
from tests.connector_core.test_reembed import World

PHOTO, TAG = "Moss Green/3.jpg", "Moss Green"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    world.rest()
    world.teach()
    yield world
    world.engine.close()


def write(world: World) -> None:
    """Have what is known written into the photos."""
    with world.engine.store.tenant(world.tenant) as mine:
        mine.connections.set(world.connection, writes=True)
    world.rest()


def keywords(world: World, path: str) -> set[str]:
    return set(open_folder(world.photos).retag(path, add=frozenset(), remove=frozenset()).tags)


def receipt(world: World, id: str) -> Receipt:
    with world.engine.store.receipts(world.tenant) as mine:
        return mine.get(id)


def places(world: World, what: bytes) -> list[str]:
    """The files of the service, its database included, that hold these bytes."""
    files = [*(world.home / "data").rglob("*"), *world.home.glob("p.db*")]
    return [str(one.relative_to(world.home)) for one in files if one.is_file() and what in one.read_bytes()]


class TestAsset:
    def test_it_is_gone_from_everywhere(self, world: World) -> None:
        asset = world.ids()[PHOTO]
        (used,) = _encoders(world)
        vector = world.engine.vectors(world.tenant, used).get([asset])[asset].features.vectors[0].tobytes()
        assert all(places(world, one) for one in (vector, PHOTO.encode()))
        with world.engine.store.tenant(world.tenant) as mine:
            asked = erase_asset(mine, asset, person="Ada")
        world.rest()
        done = receipt(world, asked.id)
        assert done.finished and done.hash == hashed(done) and done.detail == {"withdraw": False}
        assert {name: done.counts[name] for name in ("assets", "examples", "vectors", "renditions")} == {
            "assets": 1, "examples": 1, "vectors": 1, "renditions": 1,
        }  # fmt: skip
        assert done.counts["models_rewritten"] == 1
        left = _all(world)
        with world.engine.store.tenant(world.tenant) as mine:
            with pytest.raises(Gone):
                mine.assets.one(asset)
            evidence = [one.evidence["nearest"] for some in mine.judgements.of(left).values() for one in some]
            assert evidence and asset not in evidence
        assert places(world, PHOTO.encode()) == [] and places(world, vector) == []

    def test_the_stored_model_is_what_learning_without_it_would_give(self, world: World) -> None:
        asset = world.ids()[PHOTO]
        with world.engine.store.tenant(world.tenant) as mine:
            erase_asset(mine, asset, person="Ada")
        world.rest()
        model = _model(world)
        (part,) = model.parts.values()
        assets, tags, vectors = part.bank.flat()
        assert asset not in assets and len(assets) == 17
        fresh = part.visual.fit(vectors.astype(np.float64), tags).moments
        order = [fresh.tags.index(tag) for tag in part.visual.tags]
        assert np.abs(fresh.sums[order] - part.visual.moments.sums).max() < 1e-9
        assert np.abs(fresh.scatter - part.visual.moments.scatter).max() < 1e-9

    def test_it_does_not_come_back_while_its_host_still_has_it(self, world: World) -> None:
        asset = world.ids()[PHOTO]
        with world.engine.store.tenant(world.tenant) as mine:
            erase_asset(mine, asset, person="Ada")
            mine.connections.restart(world.connection)
            mine.connections.wake(world.connection)
        world.rest()
        assert PHOTO not in world.ids() and len(world.ids()) == 23 and (world.photos / PHOTO).exists()

    def test_its_host_takes_our_tags_back_first_if_asked(self, world: World) -> None:
        write(world)
        assert keywords(world, PHOTO) == {TAG}
        asset = world.ids()[PHOTO]
        with world.engine.store.tenant(world.tenant) as mine:
            asked = erase_asset(mine, asset, person="Ada", withdraw=True)
        world.rest()
        assert keywords(world, PHOTO) == set() and receipt(world, asked.id).counts["tags_left"] == 0

    def test_else_the_receipt_says_that_they_stay(self, world: World) -> None:
        write(world)
        asset = world.ids()[PHOTO]
        with world.engine.store.tenant(world.tenant) as mine:
            asked = erase_asset(mine, asset, person="Ada")
        world.rest()
        assert keywords(world, PHOTO) == {TAG} and receipt(world, asked.id).counts["tags_left"] == 1

    def test_a_killed_erasure_is_finished_and_twice_is_the_same_as_once(self, world: World) -> None:
        asset = world.ids()[PHOTO]
        with world.engine.store.tenant(world.tenant) as mine:
            first, second = (erase_asset(mine, asset, person="Ada") for _ in range(2))
            mine.receipts.note(first.id, mine.erasing.asset(asset))  # and then it was killed
        assert first.id == second.id
        world.rest()
        done = receipt(world, first.id)
        assert done.finished and done.counts["vectors"] == 1 and done.counts["assets"] == 1
        erase(world.engine, world.tenant, first.id)
        assert replace(receipt(world, first.id), detail={}) == replace(done, detail={})

    def test_what_a_job_under_way_left_is_found_later(self, world: World) -> None:
        asset = world.ids()[PHOTO]
        with world.engine.store.tenant(world.tenant) as mine:
            asked = erase_asset(mine, asset, person="Ada")
        world.rest()
        place = world.engine.rendition(world.tenant, asset)
        place.write_bytes(b"late")
        with world.engine.store.engine.begin() as connection:
            connection.execute(update(receipts).values(again=time.time()))
        assert Job("erase", world.tenant, (asked.id,)) in world.engine.store.owed()
        world.rest()
        assert not place.exists()


class TestTag:
    def test_its_words_examples_and_predictions_are_gone_and_the_others_stay(self, world: World) -> None:
        with world.engine.store.tenant(world.tenant) as mine:
            tag = mine.vocabulary.find(TAG)[0]
            mine.vocabulary.change(mine.vocabulary.find("Storm Blue")[0], parent=tag)
            asked = erase_tag(mine, tag, person="Ada")
        world.rest()
        (part,) = _model(world).parts.values()
        assert tag not in part.visual.tags and len(part.visual.tags) == 2
        with world.engine.store.tenant(world.tenant) as mine:
            assert [word.name for word in mine.vocabulary.all()] == ["Ember Red", "Storm Blue"]
            assert all(word.parent is None for word in mine.vocabulary.all())
            assert mine.search.page(Query(words="moss")).assets == ()
            live = mine.models.live()
            assert live is not None and tag not in str(live.report)
        done = receipt(world, asked.id)
        assert (done.counts["tags"], done.counts["examples"]) == (1, 6) and done.hash == hashed(done)
        assert len(world.ids()) == 24 and world.says("Ember Red/0.jpg") == "Ember Red"

    def test_a_model_that_would_know_one_tag_alone_is_dropped_in_words(self, world: World) -> None:
        with world.engine.store.tenant(world.tenant) as mine:
            for name in (TAG, "Storm Blue"):
                erase_tag(mine, mine.vocabulary.find(name)[0], person="Ada")
        world.rest()
        assert [(state, reason) for _, state, reason in world.models()] == [
            ("failed", "It cannot do without what was erased; train again.")
        ]
        assert not list((world.engine.home(world.tenant) / "models").glob("*/*"))


class TestTenant:
    def test_nothing_is_left_but_the_receipt(self, world: World) -> None:
        other = world.engine.store.add("Sunfjord")
        with world.engine.store.tenant(world.tenant) as mine:
            asked = erase_tenant(mine, person="Ada")
        world.rest()
        done = receipt(world, asked.id)
        assert done.finished and done.counts["assets"] == 24 and done.counts["examples"] == 18
        assert done.hash == hashed(done) != hashed(replace(done, counts={**done.counts, "assets": 23}))
        assert world.engine.store.tenants() == [other] and not world.engine.home(world.tenant).exists()
        with world.engine.store.engine.connect() as connection:
            for table in META.sorted_tables:
                if "tenant" in table.c and table is not receipts:
                    assert connection.execute(table.select()).all() == [], table.name
        assert places(world, b"Moss Green") == []

    def test_a_killed_erasure_is_finished(self, world: World) -> None:
        with world.engine.store.tenant(world.tenant) as mine:
            asked = erase_tenant(mine, person="Ada")
            mine.receipts.note(asked.id, mine.erasing.some(), encoders=mine.erasing.encoders())
        world.engine.store.remove(world.tenant)  # and then it was killed, before any file was gone
        world.rest()
        assert receipt(world, asked.id).counts["assets"] == 24 and not world.engine.home(world.tenant).exists()

    def test_jobs_that_are_under_way_end_cleanly(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        everything = _all(world)
        with world.engine.store.tenant(world.tenant) as mine:
            mine.assets.again(everything)
        jobs = [Job("ingest", world.tenant, (world.connection,)), Job("predict", world.tenant)]
        busy = [threading.Thread(target=lambda: [do(world.engine, job) for job in jobs * 3]) for _ in range(2)]
        for one in busy:
            one.start()
        time.sleep(0.05)
        with world.engine.store.tenant(world.tenant) as mine:
            asked = erase_tenant(mine, person="Ada")
        do(world.engine, Job("erase", world.tenant, (asked.id,)))
        for one in busy:
            one.join(60)
        assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []
        erase(world.engine, world.tenant, asked.id)  # as the sweep has it done after a while
        assert receipt(world, asked.id).finished and not world.engine.home(world.tenant).exists()

    def test_its_hosts_take_our_tags_back_first_if_asked(self, world: World) -> None:
        write(world)
        with world.engine.store.tenant(world.tenant) as mine:
            asked = erase_tenant(mine, person="Ada", withdraw=True)
        world.rest()
        assert {
            path for path in world.photos.rglob("*.jpg") if keywords(world, str(path.relative_to(world.photos)))
        } == set()
        assert receipt(world, asked.id).counts["tags_left"] == 0


def _encoders(world: World) -> list[object]:
    with world.engine.store.tenant(world.tenant) as mine:
        return list(mine.encoders.kept())


def _all(world: World) -> list[str]:
    return list(world.ids().values())


def _model(world: World) -> object:
    with world.engine.store.tenant(world.tenant) as mine:
        live = mine.models.live()
    assert live is not None
    return load_bundle(world.engine.home(world.tenant) / "models" / live.id)[0]
