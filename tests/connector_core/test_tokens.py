"""Tokens: many workers, one renewal; a lost answer and a dead worker cost patience, never the connection."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from connector_core import tokens
from connector_core.apps import App
from connector_core.db import open_database
from connector_core.errors import PlatformDown, Reconnect
from connector_core.http import Http
from connector_core.manifest import OAuth
from connector_core.reach import Reach
from connector_core.store.store import Store
from connector_core.tokens import Grant, Held, Token, seal
from connector_core.vault import Vault, fresh_key
from model_service.errors import Misconfigured
from tests.connector_core.noted import Noted


class Authority:
    """A host's place for tokens; its refresh tokens are good once, unless the answer was lost."""

    def __init__(self) -> None:
        self.renewed: list[str] = []
        self.refuses = self.loses = self.keeps_refresh = False
        self.slow = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = {
                    k: v[0] for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()
                }
                assert (told["client_id"], told["client_secret"]) == ("app", "hush")
                outer.answer(self, told)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, to: BaseHTTPRequestHandler, told: dict[str, str]) -> None:
        time.sleep(self.slow)
        self.renewed.append(told.get("refresh_token") or told["code"])
        said: dict[str, object] = {"access_token": f"access {len(self.renewed)}", "expires_in": 3600}
        if not self.keeps_refresh:
            said["refresh_token"] = f"refresh {len(self.renewed)}"
        if self.loses:
            self.loses = False
            to.connection.close()
            return
        body = json.dumps({"error": "invalid_grant"} if self.refuses else said).encode()
        to.send_response(400 if self.refuses else 200)
        to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def authority() -> Iterator[Authority]:
    made = Authority()
    yield made
    made.close()


@pytest.fixture
def vault() -> Vault:
    return Vault([fresh_key()])


@pytest.fixture
def hold(database: str, authority: Authority, vault: Vault) -> Iterator[Callable[[Token], Callable[[], Held]]]:
    """Stores a token; gives a maker of workers that hold it."""
    store = Store(open_database(database), Noted())
    tenant = store.add("Nordlys")
    app = App("app", "hush")
    oauth = OAuth(authority.url + "/authorize", authority.url + "/token", "", (), {})

    def keep(token: Token) -> Callable[[], Held]:
        with store.tenant(tenant) as mine:
            connection = mine.connections.add("dropbox", "dbid:1", "Photos", {})
            mine.connections.keep_secret(connection, seal(vault, token))
        grant = Grant(oauth, app, Http(Reach((), trusted=[authority.url])))
        return lambda: Held(store, vault, tenant, connection, grant)

    yield keep
    store.engine.dispose()


Hold = Callable[[Token], Callable[[], Held]]


def stale() -> Token:
    return Token("old", "refresh 0", time.time() - 10)


def test_a_token_that_is_good_is_not_renewed(hold: Hold, authority: Authority) -> None:
    assert hold(Token("good", "refresh 0", time.time() + 3600))().token() == "good"
    assert hold(Token("good for ever"))().token() == "good for ever"
    assert authority.renewed == []


def test_eight_workers_renew_once(hold: Hold, authority: Authority) -> None:
    authority.slow = 0.2
    worker = hold(stale())
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: worker().token(), range(8))) == {"access 1"}
    assert authority.renewed == ["refresh 0"]
    assert worker().token() == "access 1"


def test_eight_workers_whose_token_was_refused_renew_once(hold: Hold, authority: Authority) -> None:
    worker = hold(Token("taken away", "refresh 0", time.time() + 3600))
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: worker().token(instead_of="taken away"), range(8)))
    assert (found, authority.renewed) == ({"access 1"}, ["refresh 0"])


def test_a_new_refresh_token_is_used_the_next_time(hold: Hold, authority: Authority) -> None:
    worker = hold(stale())
    assert worker().token() == "access 1"
    assert worker().token(instead_of="access 1") == "access 2"
    assert authority.renewed == ["refresh 0", "refresh 1"]


def test_no_new_refresh_token_means_the_old_one(hold: Hold, authority: Authority) -> None:
    authority.keeps_refresh = True
    worker = hold(stale())
    worker().token()
    assert worker().token(instead_of="access 1") == "access 2"
    assert authority.renewed == ["refresh 0", "refresh 0"]


def test_a_lost_answer_is_asked_for_again(hold: Hold, authority: Authority) -> None:
    authority.loses = True
    worker = hold(stale())
    with pytest.raises(PlatformDown):
        worker().token()
    assert worker().token() == "access 2"
    assert authority.renewed == ["refresh 0", "refresh 0"]


def test_a_worker_that_died_while_renewing_is_followed(
    hold: Hold, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "LEASE", 0.3)
    worker = hold(stale())
    dead = worker()
    with dead._store.tenant(dead._tenant) as mine:
        assert mine.connections.claim_renewal(dead._connection, lease=0.3)
    assert worker().token() == "access 1"


def test_a_dead_authorisation_asks_for_a_person(hold: Hold, authority: Authority) -> None:
    authority.refuses = True
    worker = hold(stale())
    for _ in range(2):
        with pytest.raises(Reconnect):
            worker().token()
    with pytest.raises(Reconnect):
        hold(Token("old", "", 1.0))().token()


def test_a_code_becomes_a_token(authority: Authority) -> None:
    oauth = OAuth("", authority.url + "/token", "", (), {})
    grant = Grant(oauth, App("app", "hush"), Http(Reach((), trusted=[authority.url])))
    token, said = grant.by_code("the code", "the verifier", "http://here/back")
    assert (token.access, token.refresh, said["expires_in"]) == ("access 1", "refresh 1", 3600)
    assert 3500 < token.expires - time.time() < 3700
    assert "access 1" not in repr(token) and "refresh 1" not in repr(token)


class TestVault:
    def test_what_is_sealed_is_opened_and_cannot_be_read(self, vault: Vault) -> None:
        sealed = vault.seal({"access": "hush"})
        assert b"hush" not in sealed
        assert vault.open(sealed) == {"access": "hush"}

    def test_keys_are_changed_one_after_the_other(self) -> None:
        old, new = fresh_key(), fresh_key()
        sealed = Vault([old]).seal({"access": "hush"})
        both = Vault([new, old])
        assert both.open(sealed) == {"access": "hush"}
        assert Vault([new]).open(both.reseal(sealed)) == {"access": "hush"}
        with pytest.raises(Misconfigured, match="PROPERNOUN_SECRETS"):
            Vault([new]).open(sealed)

    def test_a_forged_secret_is_refused(self, vault: Vault) -> None:
        sealed = bytearray(vault.seal({"access": "hush"}))
        sealed[20] ^= 1
        with pytest.raises(Misconfigured):
            vault.open(bytes(sealed))

    def test_a_key_for_one_purpose_is_none_for_another(self, vault: Vault) -> None:
        assert vault.derived("sessions") == vault.derived("sessions") != vault.derived("tickets")

    @pytest.mark.parametrize("key", ["", "short", "é"])
    def test_no_key_is_said_in_words(self, key: str) -> None:
        with pytest.raises(Misconfigured, match="PROPERNOUN_SECRETS"):
            Vault([key])

    def test_the_file_of_the_key_is_for_one_user_alone(self, tmp_path: Path) -> None:
        from connector_core.vault import kept_key

        place = tmp_path / "data" / "secret"
        assert kept_key(place) == kept_key(place)
        assert place.stat().st_mode & 0o777 == 0o600
