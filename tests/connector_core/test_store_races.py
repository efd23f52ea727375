"""Two transactions of one tenant at the same time, on SQLite and on Postgres: neither loses what the other one did."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector_core.errors import Gone
from connector_core.store.rows import State
from connector_core.store.store import Store, TenantStore
from connector_core.types import Asset

Deed = Callable[[TenantStore], object]


@pytest.fixture
def connection(store: Store, tenant: str) -> str:
    with store.tenant(tenant) as mine:
        made = mine.connections.add("dropbox", "dbid:1", "Photos", {}, writes=True)
        mine.assets.seen(made, [Asset(f"id:{n}", "1", f"{n}.jpg") for n in range(20)], 0, "")
    return made


def together(store: Store, tenant: str, first: Deed, second: Deed) -> tuple[object, object]:
    """What both give, when the second one begins before the first one is committed."""
    started = threading.Event()

    def later() -> object:
        started.set()
        with store.tenant(tenant) as mine:
            return second(mine)

    with ThreadPoolExecutor(1) as pool:
        with store.tenant(tenant) as mine:
            done = first(mine)
            other = pool.submit(later)
            assert started.wait(5)
            time.sleep(0.15)
        return done, other.result(20)


def all_ids(store: Store, tenant: str) -> list[str]:
    with store.tenant(tenant, only_reads=True) as mine:
        return [one.id for one in mine.assets.page(limit=1000)]


class TestTogether:
    def test_a_wake_at_the_end_of_a_scan_is_not_lost(self, store: Store, tenant: str, connection: str) -> None:
        with store.tenant(tenant) as mine:
            claimed = mine.connections.claim_scan(connection)
            assert claimed is not None
        wanted = claimed.wanted
        together(
            store,
            tenant,
            lambda mine: mine.connections.scanned(connection, wanted),
            lambda mine: mine.connections.wake(connection),
        )
        with store.tenant(tenant) as mine:
            assert mine.connections.waiting() == [connection]

    def test_both_may_owe_the_same_asset(self, store: Store, tenant: str, connection: str) -> None:
        assets = all_ids(store, tenant)
        together(store, tenant, lambda mine: mine.pushes.owe(assets), lambda mine: mine.pushes.owe(assets[::-1]))
        with store.tenant(tenant) as mine:
            assert mine.pushes.count(connection) == len(assets)
            assert {one.wanted for one in mine.pushes.claim(connection, 50)} == {2}

    def test_what_is_owed_while_it_is_paid_stays_owed(self, store: Store, tenant: str, connection: str) -> None:
        asset = all_ids(store, tenant)[0]
        with store.tenant(tenant) as mine:
            mine.pushes.owe([asset])
            (one,) = mine.pushes.claim(connection, 5)
        together(store, tenant, lambda mine: mine.pushes.paid(one), lambda mine: mine.pushes.owe([asset]))
        with store.tenant(tenant) as mine:
            assert mine.pushes.count(connection) == 1

    def test_a_tag_a_group_and_a_model_are_made_once(self, store: Store, tenant: str) -> None:
        for deed in (
            lambda mine: mine.vocabulary.tag("Aurora Shell"),
            lambda mine: mine.vocabulary.group("season"),
            lambda mine: mine.models.want(0.02, "compact"),
            lambda mine: mine.pushes.batch_of("uploads", "today"),
        ):
            one, other = together(store, tenant, deed, deed)
            assert one == other

    def test_an_example_is_taught_once(self, store: Store, tenant: str, connection: str) -> None:
        asset = all_ids(store, tenant)[0]
        with store.tenant(tenant) as mine:
            tag = mine.vocabulary.tag("Aurora Shell")
        said = together(
            store, tenant, lambda mine: mine.examples.teach(asset, tag), lambda mine: mine.examples.teach(asset, tag)
        )
        with store.tenant(tenant) as mine:
            assert said == (True, False) and len(mine.examples.all()) == len(mine.examples.lessons(0)) == 1

    def test_a_model_is_promoted_by_one_at_a_time(self, store: Store, tenant: str) -> None:
        made = []
        for _ in range(2):
            with store.tenant(tenant) as mine:
                made.append(mine.models.want(0.02, "compact"))
                mine.models.claim(made[-1])
                mine.models.finish(made[-1], lesson=0, encoder="compact", report={})
        together(store, tenant, lambda mine: mine.models.promote(made[0]), lambda mine: mine.models.promote(made[1]))
        with store.tenant(tenant) as mine:
            assert sorted(one.state for one in mine.models.all()) == ["live", "retired"]

    def test_one_that_finds_its_tenant_removed_meanwhile_is_told_so(self, store: Store, tenant: str) -> None:
        def work() -> None:
            with store.tenant(tenant) as mine:
                mine.vocabulary.tag("Aurora Shell")

        with ThreadPoolExecutor(2) as pool:
            with store.tenant(tenant) as mine:
                mine.vocabulary.tag("Polar Fleece")
                removed = pool.submit(store.remove, tenant)
                time.sleep(0.1)
                late = pool.submit(work)
                time.sleep(0.1)
            removed.result(20)
            try:
                late.result(20)  # it came before the removal
            except Gone:
                pass
        with pytest.raises(Gone):
            work()


class TestManyAtOnce:
    def test_workers_and_people_at_the_same_assets_end_where_they_should(
        self, store: Store, tenant: str, connection: str
    ) -> None:
        assets = all_ids(store, tenant)
        with store.tenant(tenant) as mine:
            tag = mine.vocabulary.tag("Aurora Shell")

        def scans(turn: int) -> None:
            with store.tenant(tenant) as mine:
                found = [Asset(f"id:{n}", str(turn), f"{n}.jpg") for n in range(20)]
                mine.assets.seen(connection, found[::-1] if turn % 2 else found, 0, "")

        def reads(turn: int) -> None:
            with store.tenant(tenant) as mine:
                claimed = mine.assets.claim(connection, 7)
            with store.tenant(tenant) as mine:
                for one in claimed:
                    mine.assets.done(one, State.READY)
                mine.pushes.owe([one.id for one in claimed])

        def says(turn: int) -> None:
            with store.tenant(tenant) as mine:
                for asset in assets if turn % 2 else assets[::-1]:
                    mine.judgements.say(asset, tag, yes=bool(turn % 2), person="Ada", source="panel")
                    mine.examples.teach(asset, tag, yes=bool(turn % 2))
                mine.pushes.owe(assets)

        def writes(turn: int) -> None:
            with store.tenant(tenant) as mine:
                for one in mine.pushes.claim(connection, 9):
                    mine.pushes.note(one.asset, {tag: "aurora"}, "", sure=True)
                    mine.pushes.paid(one)

        with ThreadPoolExecutor(4) as pool:
            done = [pool.submit(deed, turn) for turn in range(5) for deed in (scans, reads, says, writes)]
            for one in done:
                one.result(60)
        with store.tenant(tenant) as mine:
            numbers = [one.number for one in mine.examples.lessons(0)]
            assert numbers == list(range(1, len(numbers) + 1)) and len(mine.examples.all()) == 20
