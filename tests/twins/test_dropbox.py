"""The twin of Dropbox is held to the public contract by the types of Dropbox's own SDK."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from dropbox import common, files, users
from dropbox.content_hash import DropboxContentHasher
from PIL import Image
from stone.backends.python_rsrc import stone_serializers

from tests.twins.dropbox import Fault, Twin

BACK = "http://127.0.0.1:8765/connect/dropbox/back"


@pytest.fixture
def twin() -> Iterator[Twin]:
    with Twin() as served:
        yield served


class Caller:
    """Somebody who speaks HTTP and nothing else."""

    def __init__(self, twin: Twin, token: str = "") -> None:
        self.url, self.token = twin.url, token or twin.token()

    def raw(self, route: str, argument: Any = None, **headers: str) -> requests.Response:
        told = {"Authorization": f"Bearer {self.token}", **headers}
        if route in ("files/download", "files/get_thumbnail_v2"):
            told |= {"Dropbox-API-Arg": json.dumps(argument)}
            return requests.post(f"{self.url}/2/{route}", headers=told, timeout=10)
        return requests.post(f"{self.url}/2/{route}", json=argument, headers=told, timeout=10)

    def ask(self, route: str, argument: Any = None, **headers: str) -> Any:
        answer = self.raw(route, argument, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def error(self, route: str, argument: Any, kind: Any, status: int = 409) -> Any:
        answer = self.raw(route, argument)
        assert answer.status_code == status, answer.text
        return decoded(kind, answer.json()["error"])


def decoded(kind: Any, said: Any) -> Any:
    """What the official SDK makes of it; it refuses what is not in the contract."""
    return stone_serializers.json_compat_obj_decode(kind, said, strict=True)


def picture(colour: str = "teal", size: tuple[int, int] = (800, 600), form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


def listed(caller: Caller, path: str = "", **more: Any) -> tuple[list[Any], str]:
    """Everything below a path, by the SDK's types, and the last cursor."""
    page = caller.ask("files/list_folder", {"path": path, "recursive": True, **more})
    entries = []
    while True:
        found = decoded(files.list_folder.result_type, page)
        entries += found.entries
        if not found.has_more:
            return entries, found.cursor
        page = caller.ask("files/list_folder/continue", {"cursor": found.cursor})


def test_entries_are_what_the_sdk_expects(twin: Twin) -> None:
    data = picture()
    twin.put("/Aurora/Shell 1.JPG", data)
    entries, _ = listed(Caller(twin))
    assert [type(one) for one in entries] == [files.FolderMetadata, files.FileMetadata]
    assert (entries[1].path_lower, entries[1].path_display) == ("/aurora/shell 1.jpg", "/Aurora/Shell 1.JPG")
    hasher = DropboxContentHasher()
    hasher.update(data)
    assert entries[1].content_hash == hasher.hexdigest()
    caller = Caller(twin)
    assert decoded(files.get_metadata.result_type, caller.ask("files/get_metadata", {"path": entries[1].id}))


def test_the_account_is_what_the_sdk_expects(twin: Twin) -> None:
    member = twin.person("bo@example.com", team="Aurora")
    for token, kind in ((twin.token(), common.UserRootInfo), (member.token(), common.TeamRootInfo)):
        found = decoded(users.get_current_account.result_type, Caller(twin, token).ask("users/get_current_account"))
        assert isinstance(found.root_info, kind)


def test_pages_are_as_small_as_asked_and_may_be_empty(twin: Twin) -> None:
    for number in range(5):
        twin.put(f"/{number}.jpg", bytes([number]))
    twin.set(page_size=1, empty_pages=2)
    caller = Caller(twin)
    entries, _ = listed(caller)
    assert [one.name for one in entries] == [f"{number}.jpg" for number in range(5)]
    assert twin.calls["files/list_folder/continue"] == 14


def test_a_deleted_folder_takes_its_children_with_one_entry(twin: Twin) -> None:
    twin.put("/Aurora/a.jpg", b"a")
    twin.put("/Aurora/deep/b.jpg", b"b")
    caller = Caller(twin)
    _, cursor = listed(caller)
    twin.delete("/aurora")
    page = decoded(files.list_folder_continue.result_type, caller.ask("files/list_folder/continue", {"cursor": cursor}))
    assert [(type(one), one.path_lower) for one in page.entries] == [(files.DeletedMetadata, "/aurora")]
    assert listed(caller)[0] == []


def test_a_move_keeps_the_id_and_the_tags(twin: Twin) -> None:
    entry = twin.put("/a.jpg", b"a")
    twin.tag("/a.jpg", "Aurora")
    caller = Caller(twin)
    _, cursor = listed(caller)
    twin.move("/a.jpg", "/B/b.jpg")
    page = caller.ask("files/list_folder/continue", {"cursor": cursor})
    assert [(one[".tag"], one["path_lower"]) for one in page["entries"]] == [
        ("deleted", "/a.jpg"), ("folder", "/b"), ("file", "/b/b.jpg"),
    ]  # fmt: skip
    assert page["entries"][2]["id"] == entry
    assert twin.tags("/b/B.jpg") == {"aurora"}


def test_a_change_is_never_between_two_cursors(twin: Twin) -> None:
    caller = Caller(twin)
    twin.put("/a.jpg", b"a")
    _, cursor = listed(caller)
    twin.delete("/a.jpg")
    page = caller.ask("files/list_folder/continue", {"cursor": cursor})
    assert [one[".tag"] for one in page["entries"]] == ["deleted"]
    latest = caller.ask("files/list_folder/get_latest_cursor", {"path": "", "recursive": True})["cursor"]
    assert caller.ask("files/list_folder/continue", {"cursor": latest})["entries"] == []


def test_a_reset_cursor_is_refused_and_a_made_up_one_is_no_cursor(twin: Twin) -> None:
    caller = Caller(twin)
    _, cursor = listed(caller)
    twin.reset_cursors()
    kind = files.list_folder_continue.error_type
    assert caller.error("files/list_folder/continue", {"cursor": cursor}, kind).is_reset()
    assert caller.raw("files/list_folder/continue", {"cursor": "made up"}).status_code == 400


def test_bytes_and_thumbnails(twin: Twin) -> None:
    data = picture()
    twin.put("/größe.jpg", data)
    caller = Caller(twin)
    answer = caller.raw("files/download", {"path": "/größe.jpg"})
    assert answer.content == data
    assert decoded(files.download.result_type, json.loads(answer.headers["Dropbox-API-Result"])).size == len(data)
    argument = {"resource": {".tag": "path", "path": "/größe.jpg"}, "size": "w640h480", "mode": "bestfit"}
    answer = caller.raw("files/get_thumbnail_v2", argument)
    assert decoded(files.get_thumbnail_v2.result_type, json.loads(answer.headers["Dropbox-API-Result"]))
    assert Image.open(io.BytesIO(answer.content)).size == (640, 480)


@pytest.mark.parametrize(
    ("name", "data", "tag"),
    [
        ("a.heic", b"x", "unsupported_extension"),
        ("a.jpg", b"x", "conversion_error"),
        ("a.jpg", picture() + bytes(20 * 2**20), "unsupported_image"),
    ],
    ids=["heic", "broken", "large"],
)
def test_some_pictures_have_no_thumbnail(twin: Twin, name: str, data: bytes, tag: str) -> None:
    twin.put(f"/{name}", data)
    argument = {"resource": {".tag": "path", "path": f"/{name}"}}
    found = Caller(twin).error("files/get_thumbnail_v2", argument, files.get_thumbnail_v2.error_type)
    assert found._tag == tag


def test_tags_have_the_limits_of_the_contract(twin: Twin) -> None:
    entry = twin.put("/a.jpg", b"a")
    caller = Caller(twin)
    for number in range(20):
        assert caller.ask("files/tags/add", {"path": "/A.jpg", "tag_text": f"Tag_{number}"}) is None
    found = caller.error("files/tags/add", {"path": "/a.jpg", "tag_text": "more"}, files.tags_add.error_type)
    assert found.is_too_many_tags()
    assert caller.ask("files/tags/add", {"path": "/a.jpg", "tag_text": "TAG_3"}) is None
    got = decoded(files.tags_get.result_type, caller.ask("files/tags/get", {"paths": ["/a.jpg"]}))
    assert {one.get_user_generated_tag().tag_text for one in got.paths_to_tags[0].tags} == twin.tags("/a.jpg")
    found = caller.error("files/tags/remove", {"path": "/a.jpg", "tag_text": "none"}, files.tags_remove.error_type)
    assert found.is_tag_not_present()
    for path, text in ((entry, "x"), ("/a.jpg", "a-b"), ("/a.jpg", "x" * 33), ("/a.jpg", ""), ("a.jpg", "x")):
        assert caller.raw("files/tags/add", {"path": path, "tag_text": text}).status_code == 400
    found = caller.error("files/tags/get", {"paths": ["/a.jpg", "/none.jpg"]}, files.tags_get.error_type)
    assert found.get_path().is_not_found()
    assert [one.changed for one in twin.writes] == [True] * 20 + [False]


def test_what_is_not_in_the_contract_is_refused(twin: Twin) -> None:
    caller = Caller(twin)
    assert caller.raw("files/list_folder", {"path": "", "recursiv": True}).status_code == 400
    assert caller.raw("files/list_folder", {"path": "no slash"}).status_code == 400
    assert caller.raw("files/list_everything", {}).status_code == 400
    assert caller.raw("files/get_metadata", {"path": "/a"}, **{"Dropbox-API-Select-Admin": "x"}).status_code == 400
    url, told = f"{twin.url}/2/files/get_metadata", {"Authorization": f"Bearer {caller.token}"}
    assert requests.post(url, data='{"path": "/a"}', headers=told, timeout=10).status_code == 400
    assert requests.get(url, headers=told, timeout=10).status_code == 405
    url = f"{twin.url}/2/files/download"
    told["Dropbox-API-Arg"] = '{"path": "/gr\xf6\xdfe.jpg"}'
    assert requests.post(url, headers=told, timeout=10).status_code == 400


def test_tokens_end_lack_scopes_and_are_revoked(twin: Twin) -> None:
    caller = Caller(twin, twin.token(["files.metadata.read"]))
    answer = caller.raw("files/tags/add", {"path": "/a.jpg", "tag_text": "x"})
    assert (answer.status_code, answer.json()["error"]) == (
        401, {".tag": "missing_scope", "required_scope": "files.metadata.write"},
    )  # fmt: skip
    twin.expire_tokens()
    assert caller.raw("files/list_folder", {"path": ""}).json()["error"] == {".tag": "expired_access_token"}
    caller = Caller(twin)
    assert caller.ask("auth/token/revoke") is None
    assert caller.raw("files/list_folder", {"path": ""}).json()["error"] == {".tag": "invalid_access_token"}


def question(twin: Twin, **more: str) -> str:
    said = {"client_id": twin.client, "response_type": "code", "redirect_uri": BACK, "state": "s", **more}
    return f"{twin.url}/oauth2/authorize?{urlencode(said)}"


def tokens(twin: Twin, **said: str) -> requests.Response:
    return requests.post(f"{twin.url}/oauth2/token", data={"client_id": twin.client, **said}, timeout=10)


def test_a_code_with_pkce_becomes_tokens_once(twin: Twin) -> None:
    verifier = "v" * 60
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256", "token_access_type": "offline"}
    back = twin.consent(question(twin, scope="files.metadata.read account_info.read", **pkce))
    assert (back.state, back.url.split("?")[0]) == ("s", BACK)
    said = {"grant_type": "authorization_code", "code": back.code, "redirect_uri": BACK}
    got = tokens(twin, **said, code_verifier=verifier).json()
    assert got["refresh_token"] and got["scope"] == "files.metadata.read account_info.read"
    assert tokens(twin, **said, code_verifier=verifier).json()["error"] == "invalid_grant"
    fresh = tokens(twin, grant_type="refresh_token", refresh_token=got["refresh_token"]).json()
    assert "refresh_token" not in fresh
    assert Caller(twin, fresh["access_token"]).ask("files/list_folder", {"path": ""})["entries"] == []
    twin.disconnect()
    assert tokens(twin, grant_type="refresh_token", refresh_token=got["refresh_token"]).status_code == 400


def test_a_wrong_verifier_another_address_or_no_secret_gets_nothing(twin: Twin) -> None:
    pkce = {"code_challenge": "x" * 43, "code_challenge_method": "S256"}
    said = {"grant_type": "authorization_code", "redirect_uri": BACK}
    assert tokens(twin, **said, code=twin.consent(question(twin, **pkce)).code, code_verifier="no").status_code == 400
    said["redirect_uri"] = "http://127.0.0.1:8765/elsewhere"
    assert tokens(twin, **said, code=twin.consent(question(twin)).code, client_secret=twin.secret).status_code == 400
    assert tokens(twin, **said, code=twin.consent(question(twin)).code).status_code == 400
    assert tokens(twin, **said, code="made up", client_secret="wrong").status_code == 401


def test_a_person_may_say_no_and_strange_questions_are_not_shown(twin: Twin) -> None:
    assert twin.consent(question(twin), allow=False).error == "access_denied"
    for wrong in (
        {"redirect_uri": BACK + "/"}, {"client_id": "other"}, {"scope": "team_data.member"},
        {"code_challenge": "x", "code_challenge_method": "plain"}, {"prompt": "consent"},
    ):  # fmt: skip
        page = requests.get(question(twin, **wrong), timeout=10)
        assert page.status_code == 400 and "<form" not in page.text


def test_the_consent_page_says_what_is_asked(twin: Twin) -> None:
    page = requests.get(question(twin, scope="files.metadata.read"), timeout=10).text
    assert 'data-scope="files.metadata.read"' in page and "files.content.read" not in page
    assert ">Allow<" in page and ">Deny<" in page


def test_members_of_a_team_share_a_space_and_have_homes_in_it(twin: Twin) -> None:
    ada, bo = twin.person("al@example.com", team="T"), twin.person("bo@example.com", team="T")
    ada.put("/own.jpg", b"own")
    ada.tree.put("/Shared/team.jpg", b"team")
    root = json.dumps({".tag": "root", "root": ada.account.root})
    home = Caller(twin, ada.token()).ask("files/list_folder", {"path": "", "recursive": True})
    assert [one["path_lower"] for one in home["entries"] if one[".tag"] == "file"] == ["/own.jpg"]
    space = Caller(twin, bo.token()).ask(
        "files/list_folder", {"path": "", "recursive": True}, **{"Dropbox-API-Path-Root": root}
    )
    assert {one["path_lower"] for one in space["entries"] if one[".tag"] == "file"} == {
        "/al/own.jpg",
        "/shared/team.jpg",
    }
    answer = Caller(twin).raw("files/list_folder", {"path": ""}, **{"Dropbox-API-Path-Root": root})
    assert answer.status_code == 422
    assert decoded(common.PathRootError_validator, answer.json()["error"]).is_invalid_root()


def together(count: int, work: Any) -> list[int]:
    """The statuses of calls that are made at once."""
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(work().status_code)) for _ in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sorted(found)


def test_one_writer_and_one_lister_at_a_time(twin: Twin) -> None:
    twin.put("/a.jpg", b"a")
    twin.set(write_seconds=0.3, list_seconds=0.3)
    caller = Caller(twin)
    assert together(3, lambda: caller.raw("files/tags/add", {"path": "/a.jpg", "tag_text": "x"})) == [200, 429, 429]
    assert together(2, lambda: caller.raw("files/list_folder", {"path": ""})) == [200, 429]
    twin.set(write_seconds=0.0, list_seconds=0.0, rate=2)
    answers = [caller.raw("files/get_metadata", {"path": "/a.jpg"}) for _ in range(4)]
    assert answers[-1].status_code == 429 and answers[-1].headers["Retry-After"]


def test_faults_come_when_they_are_planned(twin: Twin) -> None:
    twin.put("/a.jpg", b"a")
    caller = Caller(twin)
    twin.plan(Fault("error", "files/get_*", after=1, times=2), Fault("rate", "files/get_*", after=2, seconds=3))
    statuses = [caller.raw("files/get_metadata", {"path": "/a.jpg"}).status_code for _ in range(5)]
    assert statuses == [200, 500, 500, 429, 200]
    assert twin.planned == 0


def test_a_connection_breaks_before_after_or_within_the_answer(twin: Twin) -> None:
    twin.put("/a.jpg", b"a" * 1000)
    caller = Caller(twin)
    for kind, wrote in (("drop", False), ("lose", True)):
        twin.plan(Fault(kind, "files/tags/add"))  # type: ignore[arg-type]
        with pytest.raises(requests.ConnectionError):
            caller.raw("files/tags/add", {"path": "/a.jpg", "tag_text": kind})
        assert (kind in twin.tags("/a.jpg")) == wrote
    twin.plan(Fault("cut", "files/download"))
    with pytest.raises(requests.RequestException):
        caller.raw("files/download", {"path": "/a.jpg"})
    twin.plan(Fault("hang", "files/download", seconds=0.3), Fault("expire", "files/download", after=1))
    begun = time.monotonic()
    assert caller.raw("files/download", {"path": "/a.jpg"}).status_code == 200
    assert time.monotonic() - begun > 0.3
    assert caller.raw("files/download", {"path": "/a.jpg"}).status_code == 401


def test_what_a_process_holds_outlives_it_and_is_seen_from_outside(tmp_path: Path) -> None:
    place = tmp_path / "twin.db"
    command = [sys.executable, "-m", "tests.twins.dropbox", "--state", str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with Twin(place, serve=False) as outside:
            outside.put("/a.jpg", b"a")
            caller = Caller(outside)
            caller.ask("files/tags/add", {"path": "/a.jpg", "tag_text": "x"})
            outside.plan(Fault("error", "files/get_metadata"))
            assert caller.raw("files/get_metadata", {"path": "/a.jpg"}).status_code == 500
            process.kill()
            process.wait()
            assert outside.tags("/a.jpg") == {"x"}
    with Twin(place) as again:
        assert [(one.path, one.tag) for one in again.writes] == [("/a.jpg", "x")]
        assert Caller(again, caller.token).ask("files/get_metadata", {"path": "/a.jpg"})["name"] == "a.jpg"


def test_a_thousand_files_are_listed_in_no_time(twin: Twin) -> None:
    for number in range(1000):
        twin.put(f"/{number}.jpg", number.to_bytes(2, "big"))
    begun = time.monotonic()
    entries, _ = listed(Caller(twin), limit=2000)
    assert len(entries) == 1000
    assert time.monotonic() - begun < 2
