"""What is owed is found in the store, over all tenants, whatever happened to the jobs."""

from __future__ import annotations

import pytest

from connector_core.queue.job import Job
from connector_core.store.rows import State
from connector_core.store.store import Store
from connector_core.types import Asset


def filled(store: Store, photos: int, **more: bool) -> tuple[str, str]:
    tenant = store.add("Nordlys")
    with store.tenant(tenant) as mine:
        connection = mine.connections.add("dropbox", "dbid:1", "Photos", {}, **more)
        mine.assets.seen(connection, [Asset(f"id:{n}", "1", f"{n}.jpg") for n in range(photos)], 0, "")
    return tenant, connection


def jobs(store: Store, tenant: str) -> list[str]:
    return [job.name for job in store.owed() if job.tenant == tenant]


class TestOwed:
    def test_each_kind_of_work_is_owed_until_it_is_done(self, store: Store) -> None:
        tenant, connection = filled(store, 1, writes=True)
        assert jobs(store, tenant) == ["scan", "ingest"]
        with store.tenant(tenant) as mine:
            claimed = mine.connections.claim_scan(connection)
            assert claimed is not None
            (one,) = mine.assets.claim(connection, 5)
        assert jobs(store, tenant) == []
        with store.tenant(tenant) as mine:
            mine.connections.scanned(connection, claimed.wanted)
            mine.assets.done(one, State.READY)
            mine.pushes.owe([one.id])
            model = mine.models.want(0.02, "compact")
        assert jobs(store, tenant) == ["push", "learn"]
        with store.tenant(tenant) as mine:
            (owed,) = mine.pushes.claim(connection, 5)
            mine.pushes.paid(owed)
            mine.models.claim(model)
        assert jobs(store, tenant) == []

    @pytest.mark.parametrize("values", [{"paused": True}, {"state": "reconnect"}, {"retry_at": 4e9}])
    def test_a_connection_that_is_not_followed_is_owed_nothing(self, store: Store, values: dict[str, object]) -> None:
        tenant, connection = filled(store, 1, writes=True)
        with store.tenant(tenant) as mine:
            mine.pushes.owe([one.id for one in mine.assets.page()])
            mine.connections.set(connection, **values)
        assert jobs(store, tenant) == []

    def test_a_library_is_owed_a_judgement_by_the_model_in_use_and_after_every_lesson(self, store: Store) -> None:
        tenant, _ = filled(store, 1)
        with store.tenant(tenant) as mine:
            model = mine.models.want(0.02, "compact")
            mine.models.claim(model)
            mine.models.finish(model, lesson=0, encoder="compact", report={})
            mine.models.promote(model)
            before = mine.tenant()
        assert "predict" in jobs(store, tenant)
        with store.tenant(tenant) as mine:
            mine.judged(model, 0, before)
        assert "predict" not in jobs(store, tenant)
        with store.tenant(tenant) as mine:
            mine.examples.teach(mine.assets.page()[0].id, mine.vocabulary.tag("Aurora Shell"))
        assert "predict" in jobs(store, tenant)

    def test_what_comes_in_while_a_library_is_judged_is_judged_too(self, store: Store) -> None:
        tenant, _ = filled(store, 1)
        with store.tenant(tenant) as mine:
            model = mine.models.want(0.02, "compact")
            mine.models.claim(model)
            mine.models.finish(model, lesson=0, encoder="compact", report={})
            mine.models.promote(model)
            mine.unjudged()
            before = mine.tenant()
            mine.unjudged()
            mine.judged(model, 0, before)
        assert "predict" in jobs(store, tenant)

    def test_no_tenant_waits_for_all_of_anothers(self, store: Store) -> None:
        first, _ = filled(store, 1)
        with store.tenant(first) as mine:
            for number in range(5):
                mine.connections.add("dropbox", f"dbid:{number}", "More", {})
        second, connection = filled(store, 1)
        owed = store.owed()
        assert len(owed) == 9 and owed.index(Job("ingest", second, (connection,))) == 3
