"""The store, on SQLite and on Postgres: one tenant's rows, in transactions, whoever else is at work."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from connector_core.db import open_database
from connector_core.errors import Gone
from connector_core.queue.job import Job
from connector_core.store.migrations import LATEST, migrate
from connector_core.store.rows import State
from connector_core.store.store import Store
from connector_core.store.tables import META
from connector_core.types import Asset
from model_service.errors import Misconfigured, Refuse
from tests.connector_core.noted import Noted


def photo(number: int, version: str = "1", **more: object) -> Asset:
    return Asset(f"id:{number}", version, f"{number}.jpg", path=f"/photos/{number}.jpg", **more)  # type: ignore[arg-type]


def connected(store: Store, tenant: str, photos: int = 0, **more: bool) -> str:
    with store.tenant(tenant) as mine:
        connection = mine.connections.add("dropbox", "dbid:1", "Photos", {}, **more)
        mine.assets.seen(connection, [photo(number) for number in range(photos)], 0, "")
    return connection


def ids(store: Store, tenant: str) -> list[str]:
    with store.tenant(tenant) as mine:
        return [one.id for one in mine.assets.page(limit=1000)]


class TestDatabase:
    def test_migrating_twice_is_the_same_as_once(self, store: Store) -> None:
        assert migrate(store.engine) == migrate(store.engine) == LATEST
        assert set(inspect(store.engine).get_table_names()) == set(META.tables)

    def test_two_processes_may_start_together(self, database: str) -> None:
        engines = [open_database(database) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(migrate, engines)) == {LATEST}
        for engine in engines:
            engine.dispose()

    def test_read_then_write_loses_nothing(self, store: Store, tenant: str) -> None:
        asset = self._asset(store, tenant)

        def learn(number: int) -> None:
            with store.tenant(tenant) as mine:
                mine.examples.teach(asset, mine.vocabulary.tag(f"tag {number}"))

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(learn, range(30)))
        with store.tenant(tenant) as mine:
            assert [lesson.number for lesson in mine.examples.lessons(0)] == list(range(1, 31))

    def test_an_address_of_something_else_is_refused_in_words(self) -> None:
        for url in ("mysql://a/b", "sqlite://", "nonsense"):
            with pytest.raises(Misconfigured):
                open_database(url)

    @staticmethod
    def _asset(store: Store, tenant: str) -> str:
        connected(store, tenant, photos=1)
        return ids(store, tenant)[0]


class TestTenants:
    def test_an_unknown_tenant_has_no_store(self, store: Store) -> None:
        with pytest.raises(Gone), store.tenant("nobody"):
            pass

    def test_ids_of_another_tenant_mean_nothing(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=2)
        asset = ids(store, tenant)[0]
        with store.tenant(tenant) as mine:
            tag = mine.vocabulary.tag("Aurora Shell")
        with store.tenant(store.add("another")) as theirs:
            for call in (
                lambda: theirs.connections.get(connection),
                lambda: theirs.connections.set(connection, paused=True),
                lambda: theirs.assets.one(asset),
                lambda: theirs.vocabulary.one(tag),
                lambda: theirs.models.get("x"),
            ):
                with pytest.raises(Gone):
                    call()
            assert theirs.assets.claim(connection, 10) == []
            assert theirs.connections.claim_scan(connection) is None
            assert theirs.vocabulary.all() == []

    def test_a_row_cannot_refer_to_another_tenants(self, store: Store, tenant: str) -> None:
        connected(store, tenant, photos=1)
        asset = ids(store, tenant)[0]
        with pytest.raises(IntegrityError), store.tenant(store.add("another")) as theirs:
            theirs.examples.teach(asset, theirs.vocabulary.tag("Aurora Shell"), yes=False)

    def test_a_removed_tenant_leaves_nothing(self, store: Store, tenant: str) -> None:
        connected(store, tenant, photos=3)
        asset = ids(store, tenant)[0]
        with store.tenant(tenant) as mine:
            tag = mine.vocabulary.tag("Aurora Shell")
            mine.examples.teach(asset, tag)
            mine.judgements.say(asset, tag, yes=True, person="Ada", source="panel")
            mine.pushes.owe([asset])
            mine.pushes.note(asset, {tag: "aurora_shell"}, "", sure=True)
            mine.access.issue("key", ["read"])
        store.remove(tenant)
        with store.engine.connect() as connection:
            for table in META.sorted_tables:
                if table.name != "migrations":
                    assert connection.execute(table.select()).all() == [], table.name

    def test_jobs_are_put_after_the_commit_and_not_after_a_failure(
        self, store: Store, tenant: str, queue: Noted
    ) -> None:
        with store.tenant(tenant) as mine:
            mine.later("scan", "c1")
            mine.later("scan", "c1")
            assert queue.jobs == []
        assert queue.jobs == [Job("scan", tenant, ("c1",))]
        with pytest.raises(RuntimeError), store.tenant(tenant) as mine:
            mine.later("scan", "c2")
            mine.vocabulary.tag("lost")
            raise RuntimeError
        assert len(queue.jobs) == 1
        with store.tenant(tenant) as mine:
            assert mine.vocabulary.all() == []


class TestConnections:
    def test_a_new_connection_wants_a_scan_and_one_worker_gets_it(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant)
        with ThreadPoolExecutor(4) as pool:
            got = list(pool.map(lambda _: self._claim(store, tenant, connection), range(8)))
        assert sum(one is not None for one in got) == 1

    def test_a_wake_during_a_scan_brings_another_one(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant)
        claimed = self._claim(store, tenant, connection)
        assert claimed is not None
        with store.tenant(tenant) as mine:
            mine.connections.wake(connection)
            mine.connections.wake(connection)
            assert mine.connections.scanned(connection, claimed.wanted)
        assert self._claim(store, tenant, connection) is not None

    def test_wakes_before_a_scan_are_one(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant)
        with store.tenant(tenant) as mine:
            assert [mine.connections.wake(connection) for _ in range(3)] == [False] * 3
            claimed = mine.connections.claim_scan(connection)
            assert claimed is not None and not mine.connections.scanned(connection, claimed.wanted)
            assert mine.connections.wake(connection)

    def test_a_worker_that_died_is_replaced_when_its_lease_ends(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant)
        with store.tenant(tenant) as mine:
            assert mine.connections.claim_scan(connection, lease=0.5)
        assert self._claim(store, tenant, connection) is None
        time.sleep(0.6)
        assert self._claim(store, tenant, connection) is not None

    def test_a_paused_connection_is_left_alone(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=2, writes=True)
        with store.tenant(tenant) as mine:
            mine.connections.set(connection, paused=True)
            mine.pushes.owe([one.id for one in mine.assets.page()])
            assert mine.connections.claim_scan(connection) is None
            assert not mine.connections.claim_push(connection)
            assert mine.assets.waiting() == [] and mine.pushes.waiting() == []

    def test_a_removed_connection_takes_its_assets_along(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=2)
        with store.tenant(tenant) as mine:
            mine.connections.remove(connection)
            assert mine.assets.page() == []

    @staticmethod
    def _claim(store: Store, tenant: str, connection: str) -> object:
        with store.tenant(tenant) as mine:
            return mine.connections.claim_scan(connection)


class TestAssets:
    def test_seeing_a_page_twice_is_the_same_as_once(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=3)
        before = ids(store, tenant)
        with store.tenant(tenant) as mine:
            assert mine.assets.seen(connection, [photo(number) for number in range(3)], 0, "") == 0
        assert ids(store, tenant) == before

    def test_other_bytes_are_read_again_and_another_name_is_not(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=1)
        with store.tenant(tenant) as mine:
            (one,) = mine.assets.claim(connection, 5)
            assert mine.assets.done(one, State.READY)
            assert mine.assets.seen(connection, [Asset("id:0", "1", "renamed.jpg")], 0, "") == 0
            assert (mine.assets.one(one.id).name, mine.assets.one(one.id).state) == ("renamed.jpg", "ready")
            assert mine.assets.seen(connection, [photo(0, "2")], 0, "") == 1
            assert mine.assets.one(one.id).state == "pending"

    def test_a_claimed_asset_is_nobody_elses(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=40)

        def claim(_: int) -> list[str]:
            with store.tenant(tenant) as mine:
                return [one.id for one in mine.assets.claim(connection, 5)]

        with ThreadPoolExecutor(4) as pool:
            got = [one for some in pool.map(claim, range(10)) for one in some]
        assert len(got) == len(set(got))

    def test_what_changed_while_it_was_read_stays_pending(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=1)
        with store.tenant(tenant) as mine:
            (one,) = mine.assets.claim(connection, 5)
            mine.assets.seen(connection, [photo(0, "2")], 0, "")
            assert not mine.assets.done(one, State.APPLIED)
            assert mine.assets.one(one.id).state == "pending"

    def test_a_lease_that_ended_gives_the_asset_to_the_next(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=1)
        with store.tenant(tenant) as mine:
            assert mine.assets.claim(connection, 5, lease=0.05)
            assert mine.assets.claim(connection, 5) == []
        time.sleep(0.06)
        with store.tenant(tenant) as mine:
            (again,) = mine.assets.claim(connection, 5)
            assert again.attempts == 1  # who died tried nothing

    def test_a_removed_path_takes_what_is_below_it_along_and_nothing_beside_it(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=1)
        with store.tenant(tenant) as mine:
            mine.assets.seen(connection, [Asset("id:x", "1", "x", path="/photos_2/50%_off/x.jpg")], 0, "")
            mine.assets.seen(connection, [Asset("", "", "", removed=True, path="/photos")], 0, "")
            states = {one.host_id: one.state for one in mine.assets.page()}
        assert states == {"id:0": "gone", "id:x": "pending"}

    def test_what_comes_where_something_was_removed_stays(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=0)
        old, kept = Asset("id:old", "1", "a.jpg", path="/a/a.jpg"), Asset("id:kept", "1", "b.jpg", path="/a/b.jpg")
        new, moved = Asset("id:new", "2", "a.jpg", path="/a/a.jpg"), Asset("id:kept", "1", "c.jpg", path="/a/c.jpg")
        with store.tenant(tenant) as mine:
            mine.assets.seen(connection, [old, kept], 0, "")
            page = [Asset("", "", "a", removed=True, path="/a"), new, moved]
            assert mine.assets.seen(connection, page, 1, "") == 1
            states = {one.host_id: one.state for one in mine.assets.page()}
        assert states == {"id:old": "gone", "id:kept": "pending", "id:new": "pending"}

    def test_where_an_asset_lies_no_other_one_does(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=0)
        with store.tenant(tenant) as mine:
            mine.assets.seen(connection, [Asset("id:old", "1", "a.jpg", path="/a.jpg")], 0, "")
            mine.assets.seen(connection, [Asset("id:new", "2", "a.jpg", path="/a.jpg")], 1, "")
            states = {one.host_id: one.state for one in mine.assets.page()}
        assert states == {"id:old": "gone", "id:new": "pending"}

    def test_a_whole_listing_shows_what_is_gone(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=3)
        with store.tenant(tenant) as mine:
            mine.assets.seen(connection, [photo(1)], 1, "")
            assert mine.assets.gone_since(connection, 1) == 2
            assert mine.assets.gone_since(connection, 1) == 0
            mine.assets.seen(connection, [photo(0)], 1, "")
            assert {one.host_id: one.state for one in mine.assets.page()} == {
                "id:0": "pending", "id:1": "pending", "id:2": "gone",
            }  # fmt: skip


class TestVocabulary:
    def test_a_tag_is_found_by_any_word_in_any_case_and_accent(self, store: Store, tenant: str) -> None:
        with store.tenant(tenant) as mine:
            tag = mine.vocabulary.tag("Aurora Shell", sku="AS-17")
            mine.vocabulary.call(tag, "de", "Nordlichtjacke", ["Größe Hülle"])
            mine.vocabulary.call(tag, "fr", "Coquille boréale")
            for text in ("aurora  SHELL", "as-17", "nordlichtjacke", "GROSSE HULLE", "coquille boreale"):
                assert mine.vocabulary.find(text) == [tag], text
            assert mine.vocabulary.find("shell") == []
            assert mine.vocabulary.label("fr")[tag] == "Coquille boréale"
            assert mine.vocabulary.label("ja")[tag] == "Aurora Shell"

    def test_a_tag_cannot_be_above_itself_nor_have_anothers_name(self, store: Store, tenant: str) -> None:
        with store.tenant(tenant) as mine:
            style, sku = mine.vocabulary.tag("Shell"), mine.vocabulary.tag("Shell blue")
            mine.vocabulary.change(sku, parent=style)
            with pytest.raises(Refuse):
                mine.vocabulary.change(style, parent=sku)
            with pytest.raises(Refuse):
                mine.vocabulary.change(style, name="Shell blue")
            with pytest.raises(Refuse):
                mine.vocabulary.tag(" \n ")


class TestTeaching:
    def test_lessons_follow_every_change_of_examples(self, store: Store, tenant: str) -> None:
        connected(store, tenant, photos=1)
        asset = ids(store, tenant)[0]
        with store.tenant(tenant) as mine:
            tag = mine.vocabulary.tag("Shell")
            assert mine.examples.teach(asset, tag)
            assert not mine.examples.teach(asset, tag)
            assert mine.examples.changed([asset]) == 1
            assert mine.examples.teach(asset, tag, yes=False)
            assert not mine.examples.forget(asset, mine.vocabulary.tag("Other"))
            said = [(one.number, one.added) for one in mine.examples.lessons(0)]
            assert said == [(1, True), (2, False), (3, True), (4, False)]
            assert mine.examples.taught() == []

    def test_one_model_is_wanted_and_one_is_live(self, store: Store, tenant: str) -> None:
        with store.tenant(tenant) as mine:
            first = mine.models.want(0.02, "compact")
            assert mine.models.want(0.05, "compact") == first
            assert mine.models.claim(first) and mine.models.claim(first) is None
            mine.models.finish(first, lesson=3, encoder="compact", report={"top1": 0.5})
            second = mine.models.want(0.02, "compact")
            with pytest.raises(Refuse):
                mine.models.promote(second)
            mine.models.promote(first)
            mine.models.claim(second)
            mine.models.finish(second, lesson=4, encoder="compact", report={})
            mine.models.promote(second)
            assert [(one.number, one.state) for one in mine.models.all()] == [(2, "live"), (1, "retired")]
            mine.models.promote(first)
            live = mine.models.live()
            assert live is not None and live.id == first and live.report == {"top1": 0.5}


class TestJudgements:
    def test_people_outrank_the_model(self, store: Store, tenant: str) -> None:
        connected(store, tenant, photos=4)
        a, b, c, d = ids(store, tenant)
        with store.tenant(tenant) as mine:
            shell, fleece = mine.vocabulary.tag("Shell"), mine.vocabulary.tag("Fleece")
            group = mine.vocabulary.one(shell).group
            said = {"group": group, "tag": shell, "probability": 0.99, "decision": "apply"}
            mine.judgements.predict([{**said, "asset": one} for one in (a, b, c, d)])
            mine.judgements.say(b, shell, yes=False, person="Ada", source="panel")
            mine.judgements.say(c, fleece, yes=True, person="Ada", source="panel")
            mine.judgements.withhold([(d, shell)], "batch")
            assert mine.judgements.wanted([a, b, c, d]) == {a: {shell: group}, b: {}, c: {fleece: group}, d: {}}
            mine.judgements.say(d, shell, yes=True, person="Ada", source="panel")
            assert mine.judgements.wanted([d]) == {d: {shell: group}}

    def test_the_queue_begins_with_the_least_certain_and_goes_on_where_it_was(self, store: Store, tenant: str) -> None:
        connected(store, tenant, photos=3)
        assets = ids(store, tenant)
        with store.tenant(tenant) as mine:
            group = mine.vocabulary.one(mine.vocabulary.tag("Shell")).group
            rows = zip(assets, (0.9, 0.1, 0.5), strict=True)
            mine.judgements.predict(
                [{"asset": a, "group": group, "tag": "x", "probability": p, "decision": "review"} for a, p in rows]
            )
            first = mine.judgements.queue("review", limit=2)
            rest = mine.judgements.queue("review", after=(first[-1].probability, first[-1].asset))
        assert [one.probability for one in (*first, *rest)] == [0.1, 0.5, 0.9]


class TestPushes:
    def test_what_is_owed_again_meanwhile_stays_owed(self, store: Store, tenant: str) -> None:
        connection = connected(store, tenant, photos=1, writes=True)
        (asset,) = ids(store, tenant)
        with store.tenant(tenant) as mine:
            mine.pushes.owe([asset])
            (one,) = mine.pushes.claim(connection, 5)
            assert mine.pushes.claim(connection, 5) == []
            mine.pushes.owe([asset])
            mine.pushes.paid(one)
            assert mine.pushes.count(connection) == 1
            (again,) = mine.pushes.claim(connection, 5)
            mine.pushes.paid(again)
            assert mine.pushes.count(connection) == 0

    def test_a_batch_knows_what_is_left_of_it(self, store: Store, tenant: str) -> None:
        connected(store, tenant, photos=2)
        a, b = ids(store, tenant)
        with store.tenant(tenant) as mine:
            tag = mine.vocabulary.tag("Shell")
            batch = mine.pushes.batch("backfill", "First look")
            for asset in (a, b):
                mine.pushes.note(asset, {tag: "Shell"}, batch, sure=True)
            mine.pushes.erase(a, [tag])
            assert mine.pushes.in_batch(batch) == [(b, tag)]
            assert [one["written"] for one in mine.pushes.batches()] == [1]


class TestAccess:
    def test_a_key_opens_its_tenant_until_it_is_revoked_and_is_kept_as_a_hash(self, store: Store, tenant: str) -> None:
        with store.tenant(tenant) as mine:
            key, text = mine.access.issue("shop", ["read", "tag"])
            assert text not in str(mine.access.keys())
        bearer = store.bearer(text)
        assert bearer is not None and (bearer.tenant, bearer.scopes) == (tenant, {"read", "tag"})
        assert store.bearer(text + "x") is None
        with store.tenant(tenant) as mine:
            mine.access.revoke(key)
        assert store.bearer(text) is None

    def test_a_scope_that_does_not_exist_is_refused(self, store: Store, tenant: str) -> None:
        with pytest.raises(Refuse), store.tenant(tenant) as mine:
            mine.access.issue("shop", ["everything"])
