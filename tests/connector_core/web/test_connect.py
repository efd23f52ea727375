"""Ways in from a host: connecting in a browser, calls of the host, and files that people open with us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from connector_core.apps import App
from connector_core.store.rows import Linked
from connector_core.web import connect, hooks
from connector_core.web.connect import authorize_url
from model_service.errors import Misconfigured
from tests.connector_core.web.service import Service, picture
from tests.twins.dropbox.twin import Twin

HERE = "http://127.0.0.1:8765"


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin() as made:
        yield made


@pytest.fixture
def service(tmp_path: Path, twin: Twin) -> Iterator[Service]:
    made = Service(tmp_path, apps={"dropbox": App(twin.client, twin.secret, twin.url)}, url=HERE)
    yield made
    made.close()


@pytest.fixture
def browser(service: Service) -> FlaskClient:
    return service.app.test_client()


def link(service: Service, tenant: str) -> str:
    return authorize_url(service.engine, tenant, "dropbox", {}).removeprefix(HERE)


def leave(browser: FlaskClient, url: str) -> str:
    """From a link to the address of the consent page."""
    form = dict(re.findall(r'name="(ticket|go)" value="([^"]+)"', browser.get(url).text))
    answer = browser.post(url, data=form)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def come_back(browser: FlaskClient, twin: Twin, place: str, *, allow: bool = True) -> str:
    return browser.get(twin.consent(place, allow=allow).url.removeprefix(HERE)).text


def only_connection(service: Service, tenant: str) -> Linked | None:
    with service.engine.store.tenant(tenant) as mine:
        found = mine.connections.all()
    assert len(found) <= 1
    return found[0] if found else None


class TestConnecting:
    def test_a_person_sees_for_whom_and_what_and_comes_back_connected(
        self, service: Service, tenant: str, browser: FlaskClient, twin: Twin
    ) -> None:
        url = link(service, tenant)
        page = browser.get(url)
        assert "Connect Dropbox to <em>Nordlys</em>?" in page.text and "add and remove tags" in page.text
        place = leave(browser, url)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert asked["token_access_type"] == "offline" and len(asked["state"]) >= 32
        assert "Dropbox is connected" in come_back(browser, twin, place)
        linked = only_connection(service, tenant)
        assert linked is not None
        assert (linked.account, linked.title, linked.writes) == (twin.id, twin.account.email, False)
        with service.engine.store.tenant(tenant) as mine:
            sealed = mine.connections.secret(linked.id)
            log = mine.access.logged()
        assert sealed is not None and service.engine.vault.open(sealed)["refresh"]
        assert "connected" in {one["what"] for one in log}

    def test_the_token_is_nowhere_to_be_read(
        self, service: Service, tenant: str, browser: FlaskClient, twin: Twin, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        come_back(browser, twin, leave(browser, link(service, tenant)))
        linked = only_connection(service, tenant)
        assert linked is not None
        with service.engine.store.tenant(tenant) as mine:
            sealed = mine.connections.secret(linked.id)
        assert sealed is not None
        token = service.engine.vault.open(sealed)
        for secret in (token["access"], token["refresh"], twin.secret):
            assert secret not in caplog.text and secret.encode() not in sealed and secret not in repr(linked)

    def test_the_same_account_once_more_is_the_same_connection(
        self, service: Service, tenant: str, browser: FlaskClient, twin: Twin
    ) -> None:
        for _ in range(2):
            assert "is connected" in come_back(browser, twin, leave(browser, link(service, tenant)))
        assert only_connection(service, tenant) is not None

    def test_who_does_not_allow_it_is_told_so(
        self, service: Service, tenant: str, browser: FlaskClient, twin: Twin
    ) -> None:
        assert "you did not allow it" in come_back(browser, twin, leave(browser, link(service, tenant)), allow=False)
        assert only_connection(service, tenant) is None

    def test_an_answer_that_nobody_went_for_is_refused(
        self, service: Service, tenant: str, browser: FlaskClient, twin: Twin
    ) -> None:
        back = twin.consent(leave(browser, link(service, tenant))).url.removeprefix(HERE)
        stranger = service.app.test_client()
        assert stranger.get(back).status_code == 400
        assert browser.get(re.sub(r"state=[^&]+", "state=guessed", back)).status_code == 400
        assert browser.get(back).status_code == 400  # a wrong guess ends the visit
        assert only_connection(service, tenant) is None

    def test_an_answer_counts_once(self, service: Service, tenant: str, browser: FlaskClient, twin: Twin) -> None:
        back = twin.consent(leave(browser, link(service, tenant))).url.removeprefix(HERE)
        assert "is connected" in browser.get(back).text
        assert browser.get(back).status_code == 400

    def test_a_code_of_somebody_else_is_refused_by_its_verifier(
        self, service: Service, tenant: str, browser: FlaskClient, twin: Twin
    ) -> None:
        other = service.app.test_client()
        theirs = twin.consent(leave(other, link(service, tenant)))
        mine = twin.consent(leave(browser, link(service, tenant))).url.removeprefix(HERE)
        mixed = re.sub(r"code=[^&]+", f"code={theirs.code}", mine)
        assert "connect it again" in browser.get(mixed).text
        assert only_connection(service, tenant) is None

    @pytest.mark.parametrize("how", ["missing", "changed", "of another service", "for another host", "old"])
    def test_a_link_that_is_no_good_says_so(
        self, service: Service, tenant: str, browser: FlaskClient, how: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        url = link(service, tenant)
        if how == "missing":
            url = "/connect/dropbox"
        elif how == "changed":
            url = url[:-3] + "xyz"
        elif how == "of another service":
            forged = URLSafeTimedSerializer(b"guessed", salt="connect")
            ticket = forged.dumps({"tenant": tenant, "host": "dropbox", "settings": {}})
            url = f"/connect/dropbox?ticket={ticket}"
        elif how == "for another host":
            url = url.replace("/connect/dropbox", "/connect/folder")
        else:
            monkeypatch.setattr(connect, "MINUTES", -1)
        answer = browser.get(url)
        assert answer.status_code == 400 and "That did not work" in answer.text

    def test_a_form_that_another_page_sends_is_refused(
        self, service: Service, tenant: str, browser: FlaskClient
    ) -> None:
        url = link(service, tenant)
        form = dict(re.findall(r'name="(ticket|go)" value="([^"]+)"', browser.get(url).text))
        assert browser.post(url, data={**form, "go": "guessed"}).status_code == 400
        assert browser.post(url, data=form).status_code == 400  # the mark is good for one try

    def test_less_than_what_is_needed_is_not_taken(
        self, service: Service, tenant: str, browser: FlaskClient, twin: Twin
    ) -> None:
        place = leave(browser, link(service, tenant)).replace("files.metadata.write", "")
        assert "did not grant files.metadata.write" in come_back(browser, twin, place)
        assert only_connection(service, tenant) is None

    def test_pages_let_nothing_in_from_outside(self, service: Service, tenant: str, browser: FlaskClient) -> None:
        page = browser.get(link(service, tenant))
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "<script" not in page.text
        with browser.get("/pages/static/plain.css") as css:
            assert css.status_code == 200

    def test_a_host_without_a_registration_says_what_to_do(self, tmp_path: Path) -> None:
        bare = Service(tmp_path)
        with pytest.raises(Misconfigured, match=r"\[dropbox\]"):
            authorize_url(bare.engine, bare.add(), "dropbox", {})
        bare.close()


class TestHooks:
    @pytest.fixture
    def connection(self, service: Service, tenant: str, twin: Twin) -> str:
        with service.engine.store.tenant(tenant) as mine:
            made = mine.connections.add("dropbox", twin.id, "Photos", {})
            claimed = mine.connections.claim_scan(made)
            assert claimed is not None
            mine.connections.scanned(made, claimed.wanted)
        return made

    def woken(self, service: Service, tenant: str, connection: str) -> bool:
        with service.engine.store.tenant(tenant) as mine:
            return mine.connections.is_owed(connection)

    def test_a_signed_call_wakes_the_account_that_it_names(
        self, service: Service, tenant: str, connection: str, twin: Twin, browser: FlaskClient
    ) -> None:
        body, headers = twin.hook([twin.id, "dbid:of nobody"])
        assert browser.post("/hooks/dropbox", data=body, headers=dict(headers)).status_code == 200
        assert self.woken(service, tenant, connection)

    @pytest.mark.parametrize("how", ["forged", "unsigned", "changed", "twice signed"])
    def test_a_call_that_is_not_the_hosts_is_refused_unread(
        self, service: Service, tenant: str, connection: str, twin: Twin, browser: FlaskClient, how: str
    ) -> None:
        body, headers = twin.hook(secret="guessed" if how == "forged" else None)
        told = dict(headers)
        if how == "unsigned":
            del told["X-Dropbox-Signature"]
        elif how == "changed":
            body = body.replace(b"{", b"{ ", 1)
        elif how == "twice signed":
            told["X-Dropbox-Signature"] += told["X-Dropbox-Signature"]
        answer = browser.post("/hooks/dropbox", data=body, headers=told)
        assert answer.status_code == 401 and answer.json is not None and answer.json["type"].endswith("signature")
        assert not self.woken(service, tenant, connection)

    def test_a_call_that_comes_again_is_one_more_look_and_nothing_else(
        self, service: Service, tenant: str, connection: str, twin: Twin, browser: FlaskClient
    ) -> None:
        body, headers = twin.hook()
        for _ in range(5):
            assert browser.post("/hooks/dropbox", data=body, headers=dict(headers)).status_code == 200
        with service.engine.store.tenant(tenant) as mine:
            linked = mine.connections.get(connection)
        assert linked.wanted == linked.scanned + 1

    def test_the_challenge_is_answered_as_plain_text(self, browser: FlaskClient) -> None:
        answer = browser.get("/hooks/dropbox?challenge=<b>abc</b>")
        assert (answer.status_code, answer.text, answer.mimetype) == (200, "<b>abc</b>", "text/plain")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_a_huge_call_is_not_taken(self, browser: FlaskClient) -> None:
        assert browser.post("/hooks/dropbox", data=b"x" * (hooks.LARGEST + 1)).status_code == 413

    def test_nobody_calls_for_hosts_that_do_not(self, browser: FlaskClient) -> None:
        for host in ("folder", "nobody", ".."):
            assert browser.post(f"/hooks/{host}", data=b"{}").status_code == 404


class TestOpening:
    def test_a_file_is_shown_to_the_person_whose_account_it_is_in(
        self, service: Service, tenant: str, browser: FlaskClient, twin: Twin
    ) -> None:
        bob = twin.person("bob@example.com")
        mine, theirs = twin.put("/mine.jpg", picture((9, 9, 200))), bob.put("/theirs.jpg", picture((200, 9, 9)))
        come_back(browser, twin, leave(browser, link(service, tenant)))
        service.rest()
        visitor = service.app.test_client()
        sent = visitor.get(f"/open/dropbox?file_id={mine}")
        assert sent.status_code == 302
        back = visitor.get(twin.consent(sent.headers["Location"]).url.removeprefix(HERE), follow_redirects=True)
        assert "<h1>mine.jpg</h1>" in back.text and "data:image/jpeg;base64" in back.text
        for foreign in (theirs, "id:nothing", "../../etc/passwd", ""):
            lost = visitor.get("/open/dropbox", query_string={"file_id": foreign})
            assert lost.status_code == 404 and "theirs" not in lost.text

    def test_a_person_without_a_connection_sees_nothing(
        self, service: Service, tenant: str, browser: FlaskClient, twin: Twin
    ) -> None:
        file = twin.put("/mine.jpg", picture((9, 9, 200)))
        come_back(browser, twin, leave(browser, link(service, tenant)))
        service.rest()
        carol = twin.person("carol@example.com")
        visitor = service.app.test_client()
        sent = visitor.get(f"/open/dropbox?file_id={file}")
        back = twin.consent(sent.headers["Location"], account=carol.id).url.removeprefix(HERE)
        answer = visitor.get(back, follow_redirects=True)
        assert answer.status_code == 404 and "mine.jpg" not in answer.text

    def test_nobody_comes_from_hosts_that_have_no_such_way(self, browser: FlaskClient) -> None:
        assert browser.get("/open/folder?file_id=x").status_code == 404
