"""Disconnecting: what came from a connection is gone from everywhere, the rest stays, and the host takes us back."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector_core.apps import App
from connector_core.engine import Engine
from connector_core.errors import Gone, PlatformDown, Reconnect
from connector_core.operations.connect import connect_account, open_folder
from connector_core.operations.disconnect import _rows
from connector_core.operations.erase import erase, erase_connection
from connector_core.settings import Settings
from connector_core.store.receipts import hashed
from connector_core.store.rows import Receipt
from connector_core.store.tables import META
from connector_core.tokens import Token, seal
from connector_core.worker import VERBS, do
from model_service.bundle import load_bundle
from model_service.errors import Refuse
from tests.connector_core.test_reembed import World
from tests.model_service.onnx_sample import write_network
from tests.twins.dropbox.faults import Fault
from tests.twins.dropbox.twin import Twin


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A tenant with two folders, whose model has learned from both."""
    world = World(tmp_path)
    shutil.copytree(world.photos, tmp_path / "more")
    with world.engine.store.tenant(world.tenant) as mine:
        mine.connections.add("folder", "more", "More", {"path": str(tmp_path / "more")})
    world.rest()
    world.teach()
    yield world
    world.engine.close()


def below(world: World) -> dict[str, list[str]]:
    """Ids of assets by connection."""
    found: dict[str, list[str]] = {}
    with world.engine.store.tenant(world.tenant) as mine:
        for one in mine.assets.page(limit=1000):
            found.setdefault(one.connection, []).append(one.id)
    return found


def receipt(world: World, id: str) -> Receipt:
    with world.engine.store.receipts(world.tenant) as mine:
        return mine.get(id)


def leave(world: World, **how: bool) -> str:
    with world.engine.store.tenant(world.tenant) as mine:
        return erase_connection(mine, world.connection, person="Ada", **how).id


def learned(world: World) -> set[str]:
    """The assets that the stored model has learned from."""
    with world.engine.store.tenant(world.tenant) as mine:
        live = mine.models.live()
    assert live is not None
    model, _ = load_bundle(world.engine.home(world.tenant) / "models" / live.id)
    return {one for part in model.parts.values() for shelf in part.bank.shelves.values() for one in shelf.assets}


def pictures(world: World) -> set[str]:
    return {place.stem for place in (world.engine.home(world.tenant) / "renditions").rglob("*.jpg")}


def test_all_that_came_from_it_is_gone_and_the_rest_stays(world: World) -> None:
    ours = below(world)
    gone, (stays,) = ours.pop(world.connection), ours.values()
    assert learned(world) & set(gone) and pictures(world) == {*gone, *stays}
    asked = leave(world)
    world.rest()
    assert list(below(world).values()) == [stays]
    assert pictures(world) == set(stays)
    assert learned(world) and learned(world) <= set(stays)
    assert world.vectors() == {"1": len(stays)}
    done = receipt(world, asked)
    assert done.finished and done.hash == hashed(done)
    counts = {name: done.counts[name] for name in ("assets", "examples", "vectors", "renditions", "models_rewritten")}
    assert counts == {"assets": 24, "examples": 18, "vectors": 24, "renditions": 24, "models_rewritten": 1}
    with world.engine.store.tenant(world.tenant) as mine, pytest.raises(Gone):
        mine.connections.get(world.connection)
    with world.engine.store.engine.connect() as rows:
        for table in META.sorted_tables:
            if "connection" in table.c and table.name != "receipts":
                assert world.connection not in {row.connection for row in rows.execute(table.select())}, table.name
    assert world.says("Moss Green/7.jpg") == "Moss Green"


def test_a_damaged_model_goes_as_well(world: World) -> None:
    with world.engine.store.tenant(world.tenant) as mine:
        live = mine.models.live()
    assert live is not None
    folder = world.engine.home(world.tenant) / "models" / live.id
    weights = next(folder.glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-9])
    asked = leave(world)
    world.rest()
    assert receipt(world, asked).counts["models_dropped"] == 1 and not folder.exists()


def test_nothing_is_read_from_it_any_more(world: World) -> None:
    leave(world)
    with world.engine.store.tenant(world.tenant) as mine:
        linked = mine.connections.get(world.connection)
        assert (linked.state, linked.reason) == ("off", "It is being disconnected.")
        mine.connections.wake(world.connection)
    assert world.connection not in {arg for job in world.engine.store.owed() for arg in job.args}


def test_killed_in_the_middle_it_goes_on_and_twice_is_the_same_as_once(world: World) -> None:
    first, second = leave(world), leave(world)
    assert first == second
    with world.engine.store.tenant(world.tenant) as mine:
        mine.receipts.note(first, mine.erasing.below(world.connection))  # and then it was killed
    world.rest()
    done = receipt(world, first)
    assert done.finished and (done.counts["assets"], done.counts["vectors"]) == (24, 24)
    erase(world.engine, world.tenant, first)
    assert receipt(world, first).counts == done.counts


def test_killed_after_its_rows_are_gone_the_rest_is_still_found(world: World) -> None:
    asked = leave(world)
    _rows(world.engine, receipt(world, asked))
    world.rest()
    assert receipt(world, asked).counts["renditions"] == 24 and world.vectors() == {"1": 24}


def test_the_host_takes_our_tags_back_first_if_asked(world: World) -> None:
    ids = below(world)[world.connection]
    with world.engine.store.tenant(world.tenant) as mine:
        mine.connections.set(world.connection, writes=True)
        mine.pushes.owe(ids)
    world.rest()

    def shown() -> set[str]:
        return set(open_folder(world.photos).retag("Moss Green/3.jpg", add=frozenset(), remove=frozenset()).tags)

    assert shown() == {"Moss Green"}
    asked = leave(world, withdraw=True)
    world.rest()
    assert shown() == set() and receipt(world, asked).counts["tags_left"] == 0


class TestAuthorisation:
    @pytest.fixture
    def twin(self) -> Iterator[Twin]:
        with Twin() as made:
            yield made

    @pytest.fixture
    def engine(self, tmp_path: Path, twin: Twin) -> Iterator[Engine]:
        network = write_network(tmp_path / "tiny.onnx")
        apps = {"dropbox": App(twin.client, twin.secret, twin.url)}
        made = Engine(Settings(tmp_path, f"onnx:{network}", database=f"sqlite:///{tmp_path}/p.db", apps=apps), do)
        yield made
        made.close()

    def connected(self, engine: Engine, twin: Twin) -> tuple[str, str, Token]:
        tenant, got = engine.store.add("Nordlys"), twin.tokens()
        token = Token(got["access_token"], got["refresh_token"], time.time() + 3600)
        with engine.store.tenant(tenant) as mine:
            connection = mine.connections.add("dropbox", twin.id, "Photos", {})
            mine.connections.keep_secret(connection, seal(engine.vault, token))
        return tenant, connection, token

    def rest(self, engine: Engine) -> None:
        while jobs := engine.store.owed():
            for job in jobs:
                VERBS[job.name](engine, job.tenant, *job.args)

    def test_it_is_given_back(self, engine: Engine, twin: Twin) -> None:
        tenant, connection, token = self.connected(engine, twin)
        with engine.store.tenant(tenant) as mine:
            erase_connection(mine, connection, person="Ada")
        self.rest(engine)
        with pytest.raises(Reconnect):
            engine.roads.grant("dropbox").by_refresh(token.refresh)

    @pytest.mark.parametrize("kind", ["error", "rate", "drop"])
    def test_a_host_that_is_away_holds_nothing_up(self, engine: Engine, twin: Twin, kind: str) -> None:
        tenant, connection, _ = self.connected(engine, twin)
        twin.plan(Fault(kind, "auth/token/revoke", times=5))  # type: ignore[arg-type]
        with engine.store.tenant(tenant) as mine:
            erase_connection(mine, connection, person="Ada")
        self.rest(engine)
        with engine.store.tenant(tenant) as mine:
            assert mine.connections.all() == []

    def test_the_account_cannot_come_back_before_that_is_done(self, engine: Engine, twin: Twin) -> None:
        tenant, connection, token = self.connected(engine, twin)
        with engine.store.tenant(tenant) as mine:
            erase_connection(mine, connection, person="Ada")
        with pytest.raises(Refuse, match="is being disconnected"):
            connect_account(engine, tenant, "dropbox", token, {}, {})
        self.rest(engine)
        got = twin.tokens()
        fresh = Token(got["access_token"], got["refresh_token"], time.time() + 3600)
        assert connect_account(engine, tenant, "dropbox", fresh, {}, {}) != connection

    def test_no_registration_any_more_holds_nothing_up_either(self, engine: Engine, twin: Twin) -> None:
        tenant, connection, _ = self.connected(engine, twin)
        engine.roads._settings.apps.clear()  # type: ignore[attr-defined]
        with engine.store.tenant(tenant) as mine:
            erase_connection(mine, connection, person="Ada")
        self.rest(engine)
        with engine.store.tenant(tenant) as mine:
            assert mine.connections.all() == []


def test_what_the_host_says_of_a_token_is_told_in_its_family(tmp_path: Path) -> None:
    with Twin() as twin:
        apps = {"dropbox": App(twin.client, twin.secret, twin.url)}
        engine = Engine(Settings(tmp_path, database=f"sqlite:///{tmp_path}/p.db", apps=apps), do)
        twin.plan(Fault("error", "oauth2/token", times=3))
        with pytest.raises(PlatformDown):
            engine.roads.grant("dropbox").by_refresh("any")
        engine.close()
