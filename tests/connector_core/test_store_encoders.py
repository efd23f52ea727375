"""Encoders in the store, on SQLite and on Postgres: what is kept, what is left, and what follows."""

from __future__ import annotations

import pytest

from connector_core.queue.job import Job
from connector_core.store.encoders import NONE
from connector_core.store.rows import State
from connector_core.store.store import Store, TenantStore
from connector_core.types import Asset
from model_service.encoders.encoder import Block, Fingerprint

ONE = Fingerprint("compact", "1", (Block("colour", 3), Block("shape", 2)), "640")
TWO = Fingerprint("onnx:two.onnx", "2", (Block("two", 4),), "224")
REPORT = {"groups": []}


@pytest.fixture
def tenant(store: Store) -> str:
    """Ten photos that ``ONE`` has looked at."""
    tenant = store.add("Nordlys")
    with store.tenant(tenant) as mine:
        connection = mine.connections.add("folder", "x", "Photos", {})
        mine.connections.set(connection, paused=True)
        mine.assets.seen(connection, [Asset(f"id:{at}", "1", f"{at}.jpg") for at in range(10)], 0, "")
        assert mine.encoders.keep(ONE)
        for one in mine.assets.claim(connection, 10):
            mine.assets.done(one, State.READY, encoder=ONE.id)
    return tenant


def trained(mine: TenantStore, encoder: str) -> str:
    model = mine.models.want(0.02, "")
    mine.models.claim(model)
    mine.models.finish(model, lesson=0, encoder=encoder, report=REPORT)
    return model


def reembeds(store: Store) -> list[Job]:
    return [job for job in store.owed() if job.name == "reembed"]


def test_what_an_encoder_is_comes_back_as_it_was(store: Store, tenant: str) -> None:
    with store.tenant(tenant) as mine:
        assert mine.encoders.wanted() == mine.encoders.serving() == mine.encoders.of(ONE.id) == ONE
        assert mine.encoders.of(TWO.id) is None
    assert reembeds(store) == []


def test_another_encoder_owes_every_photo_another_look_and_others_owe_nothing(store: Store, tenant: str) -> None:
    other = store.add("another")
    store.use(TWO.id)
    assert reembeds(store) == [Job("reembed", tenant)]
    with store.tenant(other) as theirs:
        assert theirs.encoders.claim(100) == []
    with store.tenant(tenant) as mine:
        mine.encoders.keep(TWO)
        claimed = mine.encoders.claim(6)
        assert len(claimed) == 6 and len(mine.encoders.claim(6)) == 4
        assert mine.encoders.looked(claimed, TWO.id) == []
        progress = mine.encoders.progress()
        assert (progress.encoder, progress.done, progress.left) == ("onnx:two.onnx", 6, 4)
        assert mine.encoders.left()


def test_what_a_killed_worker_had_is_given_to_the_next_one(store: Store, tenant: str) -> None:
    store.use(TWO.id)
    with store.tenant(tenant) as mine:
        mine.encoders.keep(TWO)
        assert len(mine.encoders.claim(100, lease=0)) == 10
    assert reembeds(store) == [Job("reembed", tenant)]
    with store.tenant(tenant) as mine:
        assert len(mine.encoders.claim(100)) == 10
    # Somebody is at it; only what is useless by now is owed meanwhile.
    with store.tenant(tenant) as mine:
        mine.encoders.discarded([one.id for one in mine.encoders.discard()])
    assert reembeds(store) == []


def test_a_photo_whose_bytes_changed_does_not_count(store: Store, tenant: str) -> None:
    store.use(TWO.id)
    with store.tenant(tenant) as mine:
        mine.encoders.keep(TWO)
        claimed = mine.encoders.claim(100)
        connection = claimed[0].connection
        mine.assets.seen(connection, [Asset("id:3", "2", "3.jpg")], 0, "")
        changed = mine.encoders.looked(claimed, TWO.id)
        assert [one.id for one in claimed if one.host_id == "id:3"] == changed


def test_unread_photos_are_fetched_unless_they_are_gone(store: Store, tenant: str) -> None:
    store.use(TWO.id)
    with store.tenant(tenant) as mine:
        claimed = mine.encoders.claim(100)
        mine.assets.gone_now(claimed[0].id, "It is no longer there.")
        mine.encoders.unread([one.id for one in claimed])
        states = [one.state for one in mine.assets.get([one.id for one in claimed])]
        assert sorted(states) == ["gone", *["pending"] * 9]
        assert not mine.encoders.left() and mine.encoders.progress().left == 0


def test_a_successor_is_wanted_once_everything_was_looked_at(store: Store, tenant: str) -> None:
    with store.tenant(tenant) as mine:
        mine.models.promote(trained(mine, ONE.id))
        assert not mine.encoders.wants_training()
    store.use(TWO.id)
    with store.tenant(tenant) as mine:
        mine.encoders.keep(TWO)
        claimed = mine.encoders.claim(100)
        mine.encoders.looked(claimed[:9], TWO.id)
        assert not mine.encoders.wants_training()
        mine.encoders.looked(claimed[9:], TWO.id)
        assert mine.encoders.serving() == ONE
    assert reembeds(store) == [Job("reembed", tenant)]
    with store.tenant(tenant) as mine:
        assert mine.encoders.wants_training()
        # An example that is to be fetched is waited for.
        mine.examples.teach(claimed[0].id, mine.vocabulary.tag("Shell"))
        mine.assets.again([claimed[0].id])
        assert not mine.encoders.wants_training()
        mine.examples.forget(claimed[0].id, mine.vocabulary.tag("Shell"))
        candidate = trained(mine, TWO.id)
        assert not mine.encoders.wants_training() and not mine.encoders.has_useless()
    assert reembeds(store) == []
    with store.tenant(tenant) as mine:
        mine.models.promote(candidate)
        assert mine.encoders.serving() == TWO and mine.encoders.has_useless()
    assert reembeds(store) == [Job("reembed", tenant)]


def test_a_later_model_of_the_old_encoder_is_no_successor_whatever_other_tenants_use(store: Store, tenant: str) -> None:
    with store.tenant(tenant) as mine:
        mine.models.promote(trained(mine, ONE.id))
        trained(mine, ONE.id)
    store.use(TWO.id)
    with store.tenant(store.add("another")) as theirs:
        theirs.encoders.keep(ONE)
    with store.tenant(tenant) as mine:
        mine.encoders.keep(TWO)
        mine.encoders.looked(mine.encoders.claim(100), TWO.id)
        assert mine.encoders.wants_training()
    assert reembeds(store) == [Job("reembed", tenant)]


def test_what_is_thrown_away_is_owed_until_it_is_gone(store: Store, tenant: str) -> None:
    store.use(TWO.id)
    with store.tenant(tenant) as mine:
        mine.encoders.keep(TWO)
        assert mine.encoders.discard() == [ONE]
        assert mine.encoders.kept() == [TWO]
        assert {one.encoder for one in mine.assets.page()} == {NONE}
        # Back again before that: the vectors of long ago go first.
        assert not mine.encoders.keep(ONE)
    store.use(ONE.id)
    assert reembeds(store) == [Job("reembed", tenant)]
    with store.tenant(tenant) as mine:
        assert {one.id for one in mine.encoders.discard()} == {ONE.id, TWO.id}
        mine.encoders.discarded([ONE.id, TWO.id])
        assert mine.encoders.keep(ONE) and mine.encoders.kept() == [ONE]
        assert len(mine.encoders.claim(100)) == 10


def test_a_lost_index_owes_every_photo_another_look(store: Store, tenant: str) -> None:
    with store.tenant(tenant) as mine:
        mine.encoders.lost(TWO.id)
        assert not mine.encoders.left()
        mine.encoders.lost(ONE.id)
        assert len(mine.encoders.claim(100)) == 10


def test_encoders_go_with_their_tenant(store: Store, tenant: str) -> None:
    store.remove(tenant)
    assert store.owed() == []
