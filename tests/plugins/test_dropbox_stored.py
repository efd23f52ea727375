"""Dropbox with a real store behind it, on SQLite and on Postgres: tokens, cursors and the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector_core.apps import App
from connector_core.connector import ReportsEdits
from connector_core.engine import Engine
from connector_core.operations.connect import connect_account
from connector_core.queue.job import Job
from connector_core.settings import Settings
from connector_core.store.rows import Kept, Linked, State
from connector_core.tokens import Token
from connector_core.types import Asset, Edits, Tag
from connector_core.worker import do
from plugins.dropbox.connector import Dropbox
from tests.contract.connector import picture
from tests.twins.dropbox import Fault, Twin


class Team:
    """A tenant with a Dropbox, and an engine that works when it is told to."""

    def __init__(self, twin: Twin, database: str, data: Path) -> None:
        app = App(twin.client, twin.secret, twin.url)
        self.twin = twin
        self.engine = Engine(Settings(data, database=database, apps={"dropbox": app}), lambda engine, job: None)
        self.tenant = self.engine.store.add("Nordlys")

    def connect(self, **settings: str) -> str:
        said = self.twin.tokens()
        token = Token(said["access_token"], said["refresh_token"])
        return connect_account(self.engine, self.tenant, "dropbox", token, said, settings)

    def scan(self, connection: str) -> Linked:
        with self.engine.store.tenant(self.tenant) as mine:
            mine.connections.set(connection, retry_at=0.0)
            mine.connections.wake(connection)
        do(self.engine, Job("scan", self.tenant, (connection,)))
        with self.engine.store.tenant(self.tenant, only_reads=True) as mine:
            return mine.connections.get(connection)

    def kept(self) -> dict[str, Kept]:
        with self.engine.store.tenant(self.tenant, only_reads=True) as mine:
            return {one.host_id: one for one in mine.assets.page()}


@pytest.fixture
def team(database: str, tmp_path: Path) -> Iterator[Team]:
    with Twin() as twin:
        made = Team(twin, database, tmp_path)
        yield made
        made.engine.close()


def test_a_rename_is_no_news_and_a_removed_folder_takes_its_photos_along(team: Team) -> None:
    kept, gone = team.twin.put("/a.png", picture(1)), team.twin.put("/Shoot/b.png", picture(2))
    connection = team.connect()
    assert team.scan(connection).state == "live"
    with team.engine.store.tenant(team.tenant) as mine:
        for one in mine.assets.claim(connection, 9):
            assert mine.assets.done(one, State.READY)
    team.twin.move("/a.png", "/A better name.png")
    team.twin.delete("/Shoot")
    team.scan(connection)
    found = team.kept()
    assert (found[kept].state, found[kept].name, found[kept].path) == (
        State.READY,
        "A better name.png",
        "/a better name.png",
    )
    assert found[gone].state == State.GONE


def test_photos_of_a_renamed_folder_are_not_read_again(team: Team) -> None:
    ids = [team.twin.put(f"/Shoot/{number}.png", picture(number)) for number in range(3)]
    connection = team.connect()
    team.scan(connection)
    with team.engine.store.tenant(team.tenant) as mine:
        for one in mine.assets.claim(connection, 9):
            assert mine.assets.done(one, State.READY, encoder="compact")
    team.twin.set(page_size=1)
    team.twin.move("/Shoot", "/Campaign")
    team.twin.put("/Campaign/1.png", picture(7))
    team.scan(connection)
    states = {host_id: one.state for host_id, one in team.kept().items()}
    assert states == {ids[0]: State.READY, ids[1]: State.PENDING, ids[2]: State.READY}


def test_a_forgotten_cursor_loses_nothing(team: Team) -> None:
    ids = [team.twin.put(f"/{number}.png", picture(number)) for number in range(3)]
    connection = team.connect()
    team.scan(connection)
    with team.engine.store.tenant(team.tenant) as mine:
        for one in mine.assets.claim(connection, 9):
            assert mine.assets.done(one, State.READY)
    team.twin.delete("/0.png")
    team.twin.reset_cursors()
    team.scan(connection)
    states = {host_id: one.state for host_id, one in team.kept().items()}
    assert states == {ids[0]: State.GONE, ids[1]: State.READY, ids[2]: State.READY}


def test_a_folder_that_is_not_there_says_so_and_recovers(team: Team) -> None:
    connection = team.connect(folder="Products")
    told = team.scan(connection)
    assert (told.state, told.reason) == ("down", "There is no folder /Products in this Dropbox; choose another one.")
    team.twin.put("/Products/a.png", picture(1))
    assert team.scan(connection).state == "live"
    assert len(team.kept()) == 1


def test_what_people_do_in_the_tag_box_is_said_of_the_tag_whatever_dropbox_calls_it(team: Team) -> None:
    entry = team.twin.put("/a.png", picture(1))
    connection = team.connect()
    team.scan(connection)
    names = {"storm": "Storm Blue", "creme": "Crème & Brûlée", "old": "Old Blue", "shell": "Aurora Shell"}
    with team.engine.store.tenant(team.tenant) as mine:
        (asset,) = mine.assets.claim(connection, 9)
        assert mine.assets.done(asset, State.READY)
        tags = {short: mine.vocabulary.tag(name) for short, name in names.items()}
        mine.vocabulary.call(tags["shell"], "de", "Nordlicht-Schale", ["Muschel (gross)"])
        mine.vocabulary.change(tags["old"], archived=True)
    for name in ("storm_blue", Dropbox.spell(names["creme"]), "old_blue", Dropbox.spell("Muschel (gross)"), "holiday"):
        team.twin.tag("/a.png", name)
    do(team.engine, Job("listen", team.tenant, (connection,)))
    with team.engine.store.tenant(team.tenant, only_reads=True) as mine:
        said = mine.judgements.said([asset.id])[asset.id]
    assert said == {tags["storm"]: True, tags["creme"]: True, tags["shell"]: True}
    assert team.twin.tags("/a.png") >= {"holiday", "storm_blue"}
    assert entry in team.kept()


def test_the_ledger_of_the_store_knows_what_is_ours_after_a_lost_answer(team: Team) -> None:
    entry = team.twin.put("/a.png", picture(1))
    linked = team.scan(team.connect())
    team.twin.tag("/a.png", "holiday")
    team.twin.plan(Fault("lose", "files/tags/add", after=1))
    with pytest.raises(Exception, match="does not answer"):
        team.engine.connector(team.tenant, linked).retag(entry, add={Tag("Aurora"), Tag("SS26")}, remove=set())
    again = team.engine.connector(team.tenant, linked)
    assert isinstance(again, ReportsEdits)
    written = again.retag(entry, add={Tag("Aurora"), Tag("SS26")}, remove=set())
    assert (written.tags, team.twin.tags("/a.png")) == ({"Aurora", "SS26"}, {"aurora", "ss26", "holiday"})
    assert [one.changed for one in team.twin.writes] == [True, True]
    asset = Asset(entry, "", "a.png", path="/a.png")
    assert again.edits([asset])[entry].removed == frozenset()
    team.twin.untag("/a.png", "ss26")
    assert again.edits([asset])[entry].removed == {"SS26"}
    again.retag(entry, add=set(), remove={Tag("Aurora"), Tag("SS26")})
    assert team.twin.tags("/a.png") == {"holiday"}
    assert again.edits([asset]) == {entry: Edits()}
