"""What of a connection is looked at, how far that is, and what would be written: on SQLite and on Postgres."""

from __future__ import annotations

import datetime
import random
import time

import pytest

from connector_core.operations.progress import planned, progress
from connector_core.operations.scope import pause, resume, set_scope
from connector_core.store.rows import State
from connector_core.store.store import Store, TenantStore
from connector_core.store.within import Within
from connector_core.types import Asset
from model_service.errors import Refuse


def day(text: str) -> float:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp()


LIBRARY = (
    Asset("1", "1", "a.jpg", path="/Products/SS26/a.jpg", modified=day("2026-02-01")),
    Asset("2", "1", "b.jpg", path="/products/Old/b.jpg", modified=day("2024-02-01")),
    Asset("3", "1", "c.jpg", path="/Products 2/c.jpg", modified=day("2026-02-01")),
    Asset("4", "1", "d.jpg", path="/Team/d.jpg", modified=day("2024-02-01")),
    Asset("5", "1", "e.jpg"),
)


def connected(mine: TenantStore, within: Within | None = None) -> str:
    connection = mine.connections.add("dropbox", "dbid:1", "Photos", {})
    mine.assets.seen(connection, LIBRARY, 0, "", within or Within())
    return connection


def pending(mine: TenantStore) -> set[str]:
    return {one.host_id for one in mine.assets.page() if one.state == "pending"}


class TestScope:
    def test_what_is_outside_is_skipped_with_a_reason(self, store: Store, tenant: str) -> None:
        with store.tenant(tenant) as mine:
            connection = connected(mine, Within("Products", "2026-01-01"))
            assert pending(mine) == {"1", "5"}
            reasons = {one.host_id: one.reason for one in mine.assets.page(state="skipped")}
            assert reasons["2"] == "It last changed before 2026-01-01, and nothing that old is looked at."
            assert reasons["3"] == "It lies outside the folder Products, which is all that is looked at."
            assert {one.host_id for one in mine.assets.claim(connection, 9)} == {"1", "5"}

    @pytest.mark.parametrize(
        ("scope", "inside"),
        [
            ({"folder": "/Products"}, {"1", "2", "5"}),
            ({"folder": "PRODUCTS/ss26/"}, {"1", "5"}),
            ({"since": "2026-01-01"}, {"1", "3", "5"}),
            ({"folder": "/Products", "since": "2026-01-01"}, {"1", "5"}),
            ({}, {"1", "2", "3", "4", "5"}),
        ],
    )
    def test_a_new_scope_and_a_first_one_mean_the_same(
        self, store: Store, tenant: str, scope: dict[str, str], inside: set[str]
    ) -> None:
        with store.tenant(tenant) as mine:
            connected(mine, Within.of(scope))
            assert pending(mine) == inside
            for start in (Within(), Within("Team"), Within("", "2030-01-01")):
                connection = mine.connections.add("dropbox", "dbid:2", "Photos", {})
                mine.assets.seen(connection, LIBRARY, 0, "", start)
                set_scope(mine, connection, **scope, person="Ada")
                found = mine.assets.page(connection=connection)
                assert {one.host_id for one in found if not one.outside} == inside
                assert {one.host_id for one in found if one.state == "pending"} == inside

    def test_widening_brings_in_what_was_outside_and_touches_nothing_else(self, store: Store, tenant: str) -> None:
        with store.tenant(tenant) as mine:
            connection = connected(mine, Within("", "2026-01-01"))
            for one in mine.assets.claim(connection, 9):
                mine.assets.done(one, State.APPLIED)
            moved = set_scope(mine, connection, since="2020-01-01", person="Ada")
            assert (moved.brought_in, moved.left_out) == (2, 0)
            assert pending(mine) == {"2", "4"}
            assert set_scope(mine, connection, since="2020-01-01", person="Ada").brought_in == 0

    def test_what_is_outside_stays_so_when_it_is_seen_again_and_a_person_asks_for_it(
        self, store: Store, tenant: str
    ) -> None:
        with store.tenant(tenant) as mine:
            connection = connected(mine, Within("Team"))
            assert mine.assets.seen(connection, LIBRARY, 1, "", Within("Team")) == 0
            mine.assets.again([one.id for one in mine.assets.page(state="skipped")])
            assert pending(mine) == {"4", "5"}
            moved = Asset("4", "1", "d.jpg", path="/Elsewhere/d.jpg")
            mine.assets.seen(connection, [moved], 1, "", Within("Team"))
            assert pending(mine) == {"5"}
            assert mine.assets.seen(connection, [LIBRARY[3]], 1, "", Within("Team")) == 1

    def test_another_folder_is_listed_anew_and_a_scan_of_the_old_one_changes_nothing(
        self, store: Store, tenant: str
    ) -> None:
        with store.tenant(tenant) as mine:
            connection = connected(mine)
            claimed = mine.connections.claim_scan(connection)
            assert claimed is not None
            set_scope(mine, connection, folder="Team", person="Ada")
            mine.connections.moved(connection, "far", claimed.round)
            assert mine.connections.scanned(connection, claimed.wanted, claimed.round)
            now = mine.connections.get(connection)
            assert (now.cursor, now.listed) == ("", 0.0) and mine.connections.waiting() == [connection]
            mine.assets.gone_since(connection, now.round)
            assert {one.host_id: one.state for one in mine.assets.page()}["1"] == "skipped"

    @pytest.mark.parametrize("scope", [{"since": "yesterday"}, {"since": "2026-13-01"}, {"folder": "x" * 1001}])
    def test_what_is_no_scope_is_refused(self, store: Store, tenant: str, scope: dict[str, str]) -> None:
        with store.tenant(tenant) as mine:
            connection = connected(mine)
            with pytest.raises(Refuse):
                set_scope(mine, connection, **scope, person="Ada")
            assert mine.connections.get(connection).settings == {}


class TestProgress:
    def test_it_is_counted_and_estimated_once_the_host_is_listed(self, store: Store, tenant: str) -> None:
        with store.tenant(tenant) as mine:
            connection = connected(mine)
            assert (progress(mine, connection).state, progress(mine, connection).eta) == ("listing", None)
            claimed = mine.connections.claim_scan(connection)
            assert claimed is not None
            mine.connections.scanned(connection, claimed.wanted)
            assert progress(mine, connection).eta is None  # nobody knows how fast it goes
            for one in mine.assets.claim(connection, 3):
                mine.assets.done(one, State.READY)
            told = progress(mine, connection)
            assert (told.state, told.total, told.done, told.share) == ("reading", 5, 3, 0.6)

    def test_the_estimate_follows_the_pace(self, store: Store, tenant: str) -> None:
        with store.tenant(tenant) as mine:
            connection = connected(mine)
            mine.connections.scanned(connection, 1)
            for one in mine.assets.claim(connection, 3):
                mine.assets.done(one, State.READY, read=time.time() - 30)
            told = progress(mine, connection)
            assert told.rate == pytest.approx(0.1, rel=0.1) and told.eta == pytest.approx(20, rel=0.1)
            for one in mine.assets.claim(connection, 3):
                mine.assets.done(one, State.READY)
            assert (progress(mine, connection).state, progress(mine, connection).eta) == ("done", 0.0)

    def test_what_holds_it_up_is_said(self, store: Store, tenant: str) -> None:
        with store.tenant(tenant) as mine:
            connection = connected(mine)
            mine.connections.scanned(connection, 1)
            pause(mine, connection, person="Ada")
            assert (progress(mine, connection).state, progress(mine, connection).eta) == ("paused", None)
            assert mine.assets.waiting() == []
            resume(mine, connection, person="Ada")
            assert progress(mine, connection).state == "reading" and mine.assets.waiting() == [connection]
            mine.connections.set(connection, state="reconnect", reason="Connect again.")
            assert (progress(mine, connection).state, progress(mine, connection).reason) == (
                "reconnect", "Connect again.",
            )  # fmt: skip
            mine.connections.set(connection, state="down", reason="It does not answer.")
            assert progress(mine, connection).state == "down"


class TestPlanned:
    def test_it_is_told_what_would_be_written_and_taken_away(self, store: Store, tenant: str) -> None:
        with store.tenant(tenant) as mine:
            connection = connected(mine)
            photos = [one.id for one in mine.assets.page()]
            shell, fleece = mine.vocabulary.tag("Aurora Shell"), mine.vocabulary.tag("Polar Fleece")
            group = mine.vocabulary.one(shell).group
            said = {"group": group, "tag": shell, "probability": 0.99, "decision": "apply"}
            mine.judgements.predict([{**said, "asset": one} for one in photos[:3]])
            mine.judgements.say(photos[0], fleece, yes=True, person="Ada", source="panel")
            mine.pushes.note(photos[1], {shell: "aurora_shell"}, "", sure=True)
            mine.pushes.note(photos[4], {shell: "aurora_shell"}, "", sure=True)
            found = planned(mine, connection)
            assert str(found) == "would write 2 tags to 2 photos, take 1 away"
            assert found.by_tag == {shell: (1, 1), fleece: (1, 0)}

    def test_it_is_what_the_host_is_owed_whatever_was_said(self, store: Store, tenant: str) -> None:
        chance = random.Random(7)
        with store.tenant(tenant) as mine:
            connection = mine.connections.add("dropbox", "dbid:1", "Photos", {})
            mine.assets.seen(connection, [Asset(str(n), "1", f"{n}.jpg") for n in range(60)], 0, "")
            photos = [one.id for one in mine.assets.page()]
            tags = [mine.vocabulary.tag(f"tag {n}", group) for group in ("product", "season") for n in range(2)]
            groups = {word.id: word.group for word in mine.vocabulary.all()}
            for photo in photos:
                for tag in chance.sample(tags, 2):
                    said = {"asset": photo, "group": groups[tag], "tag": tag, "probability": 0.9}
                    decision = chance.choice(["apply", "apply", "review", "reject"])
                    mine.judgements.predict([{**said, "decision": decision}])
                tag, yes = chance.choice(tags), chance.random() < 0.5
                if chance.random() < 0.5:
                    mine.judgements.say(photo, tag, yes=yes, person="Ada", source="panel")
                if chance.random() < 0.5:
                    mine.examples.teach(photo, chance.choice(tags), yes=chance.random() < 0.5)
                if chance.random() < 0.5:
                    mine.judgements.withhold([(photo, chance.choice(tags))], "batch")
                if chance.random() < 0.5:
                    mine.pushes.note(photo, {chance.choice(tags): "x"}, "", sure=chance.random() < 0.8)
            wanted = {(a, t) for a, some in mine.judgements.wanted(photos).items() for t in some}
            shown = {(a, t) for a, some in mine.pushes.written(photos).items() for t, one in some.items() if one.sure}
            found = planned(mine, connection)
            assert (found.added, found.removed) == (len(wanted - shown), len(shown - wanted))
            assert found.photos == len({asset for asset, _ in wanted - shown})
