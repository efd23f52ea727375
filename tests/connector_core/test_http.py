"""Calls to hosts: whatever a server does on a real socket ends in a word of the core, and nothing leads elsewhere."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from connector_core import http
from connector_core.errors import PlatformDown, RateLimited, Reconnect
from connector_core.http import Http, Lanes, retry_after
from connector_core.pace import Pace
from connector_core.reach import Forbidden, Reach
from model_service.errors import Misconfigured, Unreadable

Say = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A host that says what the test wants it to say, one answer after the other; the last one stays."""

    def __init__(self) -> None:
        self.answers: list[Say] = []
        self.heard: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.heard.append((self.command, self.path, headers, body))
                say = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                say(self)

            do_GET = do_POST = _any

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def say(status: int, body: bytes = b"{}", **headers: str) -> Say:
    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        to.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.end_headers()
        to.wfile.write(body)

    return answer


def hang_up(to: BaseHTTPRequestHandler) -> None:
    to.close_connection = True
    to.connection.shutdown(socket.SHUT_RDWR)


def break_off(to: BaseHTTPRequestHandler) -> None:
    to.send_response(200)
    to.send_header("Content-Length", "1000")
    to.end_headers()
    to.wfile.write(b"only this")
    hang_up(to)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def road(server: Server) -> Http:
    return Http(Reach((), trusted=[server.url]), lanes=Lanes(Pace(200), Pace(200)))


class Changing:
    """A bearer that hands out the next token when one is refused."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)

    def token(self, *, instead_of: str = "") -> str:
        if instead_of:
            assert self._tokens.pop(0) == instead_of
        return self._tokens[0]


class TestAnswers:
    def test_an_answer_is_handed_over_whatever_the_host_thinks(self, server: Server, road: Http) -> None:
        server.answers = [say(409, b'{"error": "path/not_found"}')]
        answer = road.call("POST", f"{server.url}/x", json={"a": "é"}, headers={"X-Why": "1"})
        assert (answer.status, answer.json()) == (409, {"error": "path/not_found"})
        command, path, headers, body = server.heard[0]
        assert (command, path, headers["x-why"]) == ("POST", "/x", "1")
        assert body.decode() in ('{"a": "\\u00e9"}', '{"a":"\\u00e9"}')

    def test_a_redirect_is_an_answer_and_is_not_followed(self, server: Server, road: Http) -> None:
        server.answers = [say(302, Location="http://127.0.0.1:1/inside")]
        assert road.call("GET", server.url).status == 302
        assert len(server.heard) == 1

    def test_patience_is_asked_for_in_seconds(self, server: Server, road: Http) -> None:
        server.answers = [say(429, Retry_After="7")]
        with pytest.raises(RateLimited) as caught:
            road.call("GET", server.url)
        assert caught.value.after == 7
        assert len(server.heard) == 1

    def test_an_error_of_the_hosts_own_is_tried_later(self, server: Server, road: Http) -> None:
        server.answers = [say(500)]
        with pytest.raises(PlatformDown, match="500"):
            road.call("GET", server.url)

    def test_a_read_is_tried_again_when_a_connection_breaks(self, server: Server, road: Http) -> None:
        server.answers = [hang_up, say(200, b'"here"')]
        assert road.call("GET", server.url).json() == "here"

    def test_a_write_is_not_tried_again(self, server: Server, road: Http) -> None:
        server.answers = [hang_up, say(200)]
        with pytest.raises(PlatformDown):
            road.call("POST", server.url, lane="write")
        assert len(server.heard) == 1

    def test_a_host_that_is_not_there_is_down(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(PlatformDown, match="does not answer"):
            Http(Reach((), trusted=[url])).call("GET", url)

    def test_a_host_that_hangs_is_down(self, server: Server, road: Http, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http, "ANSWER", 0.2)
        server.answers = [lambda to: time.sleep(1)]
        with pytest.raises(PlatformDown, match="does not answer"):
            road.call("POST", server.url, lane="write")

    def test_an_endless_answer_is_not_swallowed(
        self, server: Server, road: Http, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(http, "MOST", 1000)
        server.answers = [say(200, b"x" * 5000)]
        with pytest.raises(PlatformDown, match="more than"):
            road.call("GET", server.url)

    def test_nonsense_instead_of_json_is_the_hosts_fault(self, server: Server, road: Http) -> None:
        server.answers = [say(200, b"<html>")]
        with pytest.raises(PlatformDown):
            road.call("GET", server.url).json()

    def test_proxies_and_passwords_of_the_environment_are_not_used(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        server.answers = [say(200)]
        assert Http(Reach((), trusted=[server.url])).call("GET", server.url).status == 200


class TestTokens:
    def test_a_refused_token_is_renewed_once(self, server: Server) -> None:
        server.answers = [say(401), say(200)]
        road = Http(Reach((), trusted=[server.url]), bearer=Changing("old", "new"))
        assert road.call("GET", server.url).status == 200
        assert [heard[2]["authorization"] for heard in server.heard] == ["Bearer old", "Bearer new"]

    def test_a_new_token_that_is_refused_too_asks_for_a_person(self, server: Server) -> None:
        server.answers = [say(401)]
        with pytest.raises(Reconnect):
            Http(Reach((), trusted=[server.url]), bearer=Changing("old", "new", "newer")).call("GET", server.url)
        assert len(server.heard) == 2


class TestFiles:
    def test_bytes_arrive(self, server: Server, road: Http, tmp_path: Path) -> None:
        server.answers = [say(200, b"x" * 300_000)]
        assert road.fetch("GET", server.url, tmp_path / "a", limit=300_000).status == 200
        assert (tmp_path / "a").read_bytes() == b"x" * 300_000

    def test_too_many_bytes_leave_nothing(self, server: Server, road: Http, tmp_path: Path) -> None:
        server.answers = [say(200, b"x" * 300_001)]
        with pytest.raises(Unreadable):
            road.fetch("GET", server.url, tmp_path / "a", limit=300_000)
        assert list(tmp_path.iterdir()) == []

    def test_a_download_that_breaks_off_leaves_nothing(self, server: Server, road: Http, tmp_path: Path) -> None:
        server.answers = [break_off]
        with pytest.raises(PlatformDown):
            road.fetch("GET", server.url, tmp_path / "a", limit=5000)
        assert list(tmp_path.iterdir()) == []

    def test_an_answer_that_is_no_file_is_handed_over(self, server: Server, road: Http, tmp_path: Path) -> None:
        server.answers = [say(409, b'{"error": 1}')]
        assert road.fetch("GET", server.url, tmp_path / "a", limit=10).json() == {"error": 1}
        assert list(tmp_path.iterdir()) == []


class Welcoming(Reach):
    """Every address may be called, as far as its name goes."""

    def check(self, url: str) -> None:
        pass


class TestReach:
    @pytest.mark.parametrize(
        "url",
        [
            "http://api.example.com/",
            "https://api.example.com:8443/",
            "https://evil.example/",
            "https://api.example.com.evil.example/",
            "https://api.example.com@evil.example/",
            "https://user:word@api.example.com/",
            "ftp://api.example.com/",
            "file:///etc/passwd",
            "https://api.example.com:99999/",
            "//api.example.com/",
            "",
        ],
    )
    def test_only_the_named_origins_on_their_port_are_called(self, url: str) -> None:
        with pytest.raises(Forbidden):
            Http(Reach(["https://api.example.com"])).call("GET", url)

    @pytest.mark.parametrize(
        "peer",
        [
            "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
            "224.0.0.1", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        ],
    )  # fmt: skip
    def test_a_name_that_leads_into_a_private_network_is_not_called(self, peer: str) -> None:
        with pytest.raises(Forbidden, match="not public"):
            Reach(["https://api.example.com"]).check_peer("api.example.com", 443, peer)

    @pytest.mark.parametrize("peer", ["8.8.8.8", "2606:4700::1111"])
    def test_the_public_internet_is(self, peer: str) -> None:
        Reach(["https://api.example.com"]).check_peer("api.example.com", 443, peer)

    def test_a_private_network_that_was_entered_is(self) -> None:
        reach = Reach(["https://pim.example.com"], private=["10.1.0.0/16"])
        reach.check_peer("pim.example.com", 443, "10.1.2.3")
        with pytest.raises(Forbidden):
            reach.check_peer("pim.example.com", 443, "10.2.0.1")

    def test_the_peer_is_asked_before_a_byte_is_sent(self, server: Server) -> None:
        # Its name is allowed, and so is its port; but it leads to this machine, as after DNS rebinding.
        server.answers = [say(200)]
        with pytest.raises(Forbidden, match="not public"):
            Http(Welcoming(())).call("GET", server.url.replace("127.0.0.1", "localhost"))
        assert server.heard == []

    def test_no_network_is_said_in_words(self) -> None:
        with pytest.raises(Misconfigured, match="PROPERNOUN_PRIVATE"):
            Reach((), private=["ten"])


class TestPace:
    def test_calls_are_a_rate_apart(self) -> None:
        waits: list[float] = []
        pace = Pace(10, sleep=waits.append)
        for _ in range(5):
            pace.take()
        assert [round(wait, 1) for wait in waits] == [0.1, 0.2, 0.3, 0.4]

    def test_who_would_wait_too_long_comes_back_later(self) -> None:
        pace = Pace(10)
        pace.slow_down(120)
        with pytest.raises(RateLimited) as caught:
            pace.take()
        assert 115 < caught.value.after <= 120

    def test_the_rate_follows_the_host(self) -> None:
        pace = Pace(8)
        pace.slow_down(0)
        assert pace.rate == 4
        for _ in range(100):
            pace.went_well()
        assert 8 < pace.rate < 10

    def test_reading_does_not_wait_for_writing(self, server: Server) -> None:
        server.answers = [say(429, Retry_After="60"), say(200)]
        road = Http(Reach((), trusted=[server.url]))
        with pytest.raises(RateLimited):
            road.call("POST", server.url, lane="write")
        assert road.call("GET", server.url).status == 200
        with pytest.raises(RateLimited):
            road.call("POST", server.url, lane="write")
        assert len(server.heard) == 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5", 5), ("0.5", 0.5), ("-3", 0), ("1e9", 86_400), ("soon", None), ("", None), (formatdate(0), 0)],
)
def test_retry_after_is_a_number_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after(text) == seconds


def test_a_date_in_the_future_is_so_many_seconds_away() -> None:
    found = retry_after(formatdate(time.time() + 30, usegmt=True))
    assert found is not None and 28 <= found <= 30
