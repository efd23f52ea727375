"""What only Dropbox does to us: teams, thumbnails, scopes, folders that go, files that move between two calls."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from connector_core.apps import App
from connector_core.errors import Gone, RateLimited, Reconnect, Retry, StaleCursor
from connector_core.types import Asset, Edits, Heard, Hook, Tag
from model_service.errors import Misconfigured, Refuse, Skip, Unreadable
from plugins.dropbox.connector import Dropbox
from tests.contract.connector import picture
from tests.plugins.dropbox import Given, Notebook, OnTwin
from tests.twins.dropbox import Fault, Twin


@pytest.fixture
def twin() -> Iterator[Twin]:
    with Twin() as served:
        yield served


@pytest.fixture
def platform(twin: Twin) -> OnTwin:
    return OnTwin(twin)


def everything(connector: Dropbox) -> list[str]:
    return sorted(asset.path for asset in connector.changes().assets)


def test_a_team_is_listed_and_tagged_in_its_whole_space(twin: Twin) -> None:
    member = twin.person("bo@example.com", team="Aurora")
    member.put("/own.png", picture(1))
    shared = member.tree.put("/Shared/team.png", picture(2))
    alone = OnTwin(twin, person=member).connect()
    who = alone.introduce()
    assert (who.account, who.title) == (member.id, "bo@example.com")
    assert who.settings == {"root": member.account.root}
    assert everything(alone) == ["/own.png"]
    team = OnTwin(twin, person=member, settings=who.settings).connect()
    assert everything(team) == ["/bo/own.png", "/shared/team.png"]
    team.retag(shared, add={Tag("Aurora")}, remove=set())
    assert set(member.tree.tags(member.tree.need(shared))) == {"aurora"}


def test_somebody_without_a_team_has_no_root_to_name(platform: OnTwin) -> None:
    assert platform.connect().introduce().settings == {}


def test_who_has_left_the_team_is_asked_to_connect_again(twin: Twin) -> None:
    with pytest.raises(Reconnect, match="team"):
        OnTwin(twin, settings={"root": "12345"}).connect().changes()


def test_only_the_folder_of_the_connection_is_followed(twin: Twin) -> None:
    twin.put("/Products/a.png", picture(1))
    twin.put("/Products 2/b.png", picture(2))
    platform = OnTwin(twin, settings={"folder": "products/"})
    page = platform.connect().changes()
    assert [asset.path for asset in page.assets] == ["/products/a.png"]
    twin.move("/Products/a.png", "/elsewhere.png")
    (gone,) = platform.connect().changes(page.cursor).assets
    assert (gone.removed, gone.path) == (True, "/products/a.png")


def test_another_folder_is_another_listing(twin: Twin) -> None:
    twin.put("/Products/a.png", picture(1))
    cursor = OnTwin(twin, settings={"folder": "Products"}).connect().changes().cursor
    for settings in ({}, {"folder": "Other"}, {"folder": "Products", "root": "1"}):
        with pytest.raises(StaleCursor):
            OnTwin(twin, settings=settings).connect().changes(cursor)


def test_a_folder_that_is_not_there_is_said_so_and_nothing_is_forgotten(twin: Twin) -> None:
    platform = OnTwin(twin, settings={"folder": "Products"})
    with pytest.raises(Misconfigured, match="no folder /Products"):
        platform.connect().changes()
    twin.put("/Products/a.png", picture(1))
    cursor = platform.connect().changes().cursor
    twin.delete("/Products")
    with pytest.raises(Misconfigured, match="no folder /Products"):
        platform.connect().changes(cursor)


def test_what_dropbox_does_not_hand_out_is_left_out_with_a_note(platform: OnTwin, tmp_path: Path) -> None:
    entry = platform.twin.put("/board.png", b"", downloadable=False)
    page = platform.connect().changes()
    assert [asset for asset in page.assets if not asset.removed] == []
    assert page.notes == ("board.png cannot be downloaded from Dropbox and was left out.",)
    with pytest.raises(Unreadable, match="unsupported file"):
        platform.connect().download(Asset(entry, "", "board.png"), tmp_path / "x")


def test_paths_are_the_same_in_any_case_and_names_stay_as_they_are(platform: OnTwin) -> None:
    platform.put("Shoot/Aurora.PNG", picture(1))
    (asset,) = platform.connect().changes().assets
    assert (asset.name, asset.path, asset.media_type) == ("Aurora.PNG", "/shoot/aurora.png", "image/png")
    assert asset.modified > 1_700_000_000


def test_a_new_revision_of_the_same_bytes_is_the_same_version(platform: OnTwin) -> None:
    platform.put("a.png", picture(1))
    (before,) = platform.connect().changes().assets
    platform.twin.put("/a.png", picture(1), again=True)
    (after,) = platform.connect().changes().assets
    assert after.version == before.version


def test_a_large_photo_is_looked_at_without_moving_it(platform: OnTwin, tmp_path: Path) -> None:
    place = tmp_path / "large.jpg"
    Image.effect_noise((2400, 1800), 90).convert("RGB").save(place, quality=95)
    platform.put("large.jpg", place.read_bytes())
    connector = platform.connect(max_bytes=2**30)
    (asset,) = connector.changes().assets
    connector.preview(asset, tmp_path / "small", 640)
    with Image.open(tmp_path / "small") as small:
        assert (small.size, small.format) == ((640, 480), "JPEG")
    traffic = platform.twin.traffic
    assert "files/download" not in traffic
    assert traffic["files/get_thumbnail_v2"].answered < asset.size / 10


def test_what_is_behind_a_packshot_stays_see_through(platform: OnTwin, tmp_path: Path) -> None:
    platform.put("a.png", picture(1, size=900))
    connector = platform.connect()
    connector.preview(connector.changes().assets[0], tmp_path / "small", 640)
    with Image.open(tmp_path / "small") as small:
        assert small.format == "PNG"


@pytest.mark.parametrize("name", ["a.heic", "a.avif", "a.mp4", "none"])
def test_of_some_files_dropbox_makes_no_thumbnail_and_is_not_asked(platform: OnTwin, tmp_path: Path, name: str) -> None:
    with pytest.raises(Skip):
        platform.connect().preview(Asset("id:abc", "1", name, 100), tmp_path / "small", 640)
    with pytest.raises(Skip):
        platform.connect().preview(Asset("id:abc", "1", "a.jpg", 21 * 2**20), tmp_path / "small", 640)
    with pytest.raises(Skip):
        platform.connect().preview(Asset("id:abc", "1", "a.jpg", 100), tmp_path / "small", 16)
    assert platform.twin.calls == {}


@pytest.mark.parametrize("missing", ["files.metadata.read", "files.content.read", "files.metadata.write"])
def test_a_scope_that_was_not_given_is_asked_for(platform: OnTwin, tmp_path: Path, missing: str) -> None:
    entry = platform.put("a.png", picture(1))
    scopes = {"account_info.read", "files.metadata.read", "files.metadata.write", "files.content.read"} - {missing}
    platform.bearer = Given(platform.twin.token(sorted(scopes)))
    connector = platform.connect()
    verbs: dict[str, Callable[[], object]] = {
        "files.metadata.read": connector.changes,
        "files.content.read": lambda: connector.download(Asset(entry, "", "a.png"), tmp_path / "x"),
        "files.metadata.write": lambda: connector.retag(entry, add={Tag("Aurora")}, remove=set()),
    }
    with pytest.raises(Reconnect):
        verbs[missing]()


def test_a_refusal_is_told_in_the_words_of_dropbox(platform: OnTwin) -> None:
    with pytest.raises(Refuse, match=r"\(400\): Error in call to API function .*is not within range"):
        platform.connect(page=5000).changes()


class Mover(Notebook):
    """A ledger whose file is moved whenever somebody looks into it."""

    def __init__(self, twin: Twin, times: int) -> None:
        super().__init__()
        self._twin, self._times, self._count = twin, times, 0

    def rows(self, asset_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        if self._count < self._times:
            self._count += 1
            self._twin.move(asset_ids[0], f"/moved {self._count}.png")
        return super().rows(asset_ids)


def test_a_file_that_moves_between_two_calls_is_found_again(platform: OnTwin) -> None:
    entry = platform.put("a.png", picture(1))
    platform.ledger = Mover(platform.twin, 1)
    platform.connect().retag(entry, add={Tag("Aurora")}, remove=set())
    assert platform.tags(entry) == {"aurora"}


def test_a_file_that_does_not_come_to_rest_is_tried_later(platform: OnTwin) -> None:
    entry = platform.put("a.png", picture(1))
    platform.ledger = Mover(platform.twin, 9)
    with pytest.raises(Retry):
        platform.connect().retag(entry, add={Tag("Aurora")}, remove=set())
    assert platform.tags(entry) == set()


def test_the_tags_of_people_may_fill_a_file(platform: OnTwin) -> None:
    entry = platform.put("a.png", picture(1))
    for number in range(20):
        platform.tag(entry, f"holiday_{number}")
    written = platform.connect().retag(entry, add={Tag("Aurora"), Tag("holiday 3")}, remove=set())
    assert (written.tags, written.changed) == (frozenset(), False)
    assert set(written.left_out) == {"Aurora"}
    platform.untag(entry, "holiday_0")
    assert platform.connect().retag(entry, add={Tag("Aurora")}, remove=set()).tags == {"Aurora"}


def test_somebody_may_be_faster_to_the_last_place(platform: OnTwin) -> None:
    entry = platform.put("a.png", picture(1))
    for number in range(19):
        platform.tag(entry, f"holiday_{number}")

    class Slow(Notebook):
        def put(self, asset_id: str, words: Mapping[str, str]) -> None:
            super().put(asset_id, words)
            if len(platform.tags(entry)) < 20:
                platform.tag(entry, "the_last")

    platform.ledger = Slow()
    connector = platform.connect()
    written = connector.retag(entry, add={Tag("Aurora")}, remove=set())
    assert (written.tags, set(written.left_out)) == (frozenset(), {"Aurora"})
    assert connector.edits([Asset(entry, "", "a.png")]) == {entry: Edits(frozenset({"the_last"}))}


def test_what_people_do_between_hearing_and_writing_is_heard_the_next_time(platform: OnTwin) -> None:
    entry = platform.put("a.png", picture(1))
    platform.connect().retag(entry, add={Tag("Aurora"), Tag("SS26")}, remove=set())
    asset, connector = Asset(entry, "", "a.png"), platform.connect()
    assert connector.edits([asset]) == {entry: Edits()}
    platform.untag(entry, "aurora")
    platform.tag(entry, "borealis")
    connector.retag(entry, add={Tag("packshot")}, remove=set())
    assert platform.connect().edits([asset]) == {entry: Edits(frozenset({"borealis"}), frozenset({"Aurora"}))}


def test_a_crash_while_taking_away_is_no_persons_no(platform: OnTwin) -> None:
    entry = platform.put("a.png", picture(1))
    platform.connect().retag(entry, add={Tag("Aurora"), Tag("SS26")}, remove=set())
    platform.twin.plan(Fault("lose", "files/tags/remove"))
    with pytest.raises(Retry):
        platform.connect().retag(entry, add=set(), remove={Tag("Aurora")})
    assert platform.connect().edits([Asset(entry, "", "a.png")]) == {entry: Edits()}
    written = platform.connect().retag(entry, add=set(), remove={Tag("Aurora")})
    assert (written.tags, written.changed) == ({"SS26"}, False)


def test_tags_of_a_hundred_files_are_read_in_two_calls(platform: OnTwin) -> None:
    for number in range(100):
        platform.put(f"{number}.png", bytes([number]))
    assets = platform.connect().changes().assets
    platform.twin.forget_calls()
    assert len(platform.connect().edits(assets)) == 100
    assert platform.twin.calls == {"files/tags/get": 2}


def test_a_tag_costs_as_many_calls_as_the_docs_say(platform: OnTwin) -> None:
    entry = platform.put("a.png", picture(1))
    platform.connect().retag(entry, add={Tag("Aurora"), Tag("SS26")}, remove=set())
    assert platform.twin.calls == {"files/get_metadata": 1, "files/tags/get": 1, "files/tags/add": 2}


def test_a_file_id_is_looked_up_with_the_persons_own_account(twin: Twin, platform: OnTwin) -> None:
    mine, other = platform.put("a.png", picture(1)), twin.person("bo@example.com")
    theirs = other.put("/b.png", picture(2))
    assert platform.connect().opened({"file_id": mine, "require_role": "work"}) == mine
    twin.folder("/shoot")
    for said in (theirs, twin.id_of("/shoot"), "", "/a.png", "id:" + "x" * 500, "id:a\nb", "ns:1/a.png"):
        with pytest.raises(Gone):
            platform.connect().opened({"file_id": said})
    with pytest.raises(Gone):
        platform.connect().opened({})


def test_the_challenge_is_answered_as_it_came() -> None:
    said = Hook("GET", {}, {"challenge": "<b>1</b>"}, b"")
    assert Dropbox.hear(App("c", "s"), said) == Heard((), "<b>1</b>", "text/plain; charset=utf-8")
    assert Dropbox.hear(App("c", "s"), replace(said, query={})).answer == ""


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"list_folder": {"accounts": 7}}', b'{"list_folder": {"accounts": [7]}}', b"[" * 9999]
)
def test_a_signed_call_that_says_nothing_wakes_nobody(twin: Twin, body: bytes) -> None:
    signature = hmac.new(twin.secret.encode(), body, hashlib.sha256).hexdigest()
    hook = Hook("POST", {"x-dropbox-signature": signature}, {}, body)
    assert Dropbox.hear(App(twin.client, twin.secret), hook).accounts == ()


def test_a_call_for_many_names_each_once(twin: Twin) -> None:
    bo = twin.person("bo@example.com")
    body, headers = twin.hook([twin.id, bo.id, twin.id])
    hook = Hook("POST", {name.lower(): value for name, value in headers.items()}, {}, body)
    assert Dropbox.hear(App(twin.client, twin.secret), hook).accounts == (twin.id, bo.id)
    assert json.loads(body)["list_folder"]["accounts"] == [twin.id, bo.id, twin.id]


def test_two_members_who_connect_one_space_take_each_other_for_people(twin: Twin) -> None:
    ada, bo = twin.person("al@example.com", team="Aurora"), twin.person("bo@example.com", team="Aurora")
    shared = ada.tree.put("/Shared/team.png", picture(1))
    one, other = (OnTwin(twin, person=who, settings={"root": who.account.root}) for who in (ada, bo))
    one.connect().retag(shared, add={Tag("Aurora")}, remove=set())
    written = other.connect().retag(shared, add={Tag("Aurora"), Tag("SS26")}, remove=set())
    assert written.tags == {"SS26"}
    other.connect().retag(shared, add=set(), remove={Tag("Aurora"), Tag("SS26")})
    assert set(ada.tree.tags(ada.tree.need(shared))) == {"aurora"}


def test_a_second_writer_in_a_namespace_is_sent_to_wait(twin: Twin) -> None:
    platform = OnTwin(twin)
    entries = [platform.put(f"{number}.png", picture(number)) for number in range(2)]
    twin.set(write_seconds=0.5)
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(platform.connect().retag, one, add={Tag("Aurora")}, remove=set()) for one in entries]
        failed = [job.exception() for job in jobs]
    waits = [error for error in failed if isinstance(error, RateLimited)]
    assert len(waits) == 1 and waits[0].after > 0
    twin.set(write_seconds=0.0)
    for entry in entries:
        assert platform.connect().retag(entry, add={Tag("Aurora")}, remove=set()).tags == {"Aurora"}
        assert platform.tags(entry) == {"aurora"}
