"""The twin in a person's hand: its files, its tags, its faults, and the server that shows them to our connector."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.twins.dropbox import accounts, faults, ledger
from tests.twins.dropbox.app import create_app, ignore
from tests.twins.dropbox.browser import Redirect, consent
from tests.twins.dropbox.faults import Fault
from tests.twins.dropbox.ledger import Traffic, Write
from tests.twins.dropbox.person import Person
from tests.twins.dropbox.state import State
from tests.twins.dropbox.tree import Lookup

CLIENT, SECRET = "twinclient", "twinsecret"


class Twin(Person):
    """A Dropbox on a loopback port, in the hand of its first person; ``person`` gives others.

    With a ``file``, what it holds outlives it and can be opened by another process at the same time. ``serve=False``
    opens that file without serving it: to put files, plan faults and look at writes from outside.
    """

    def __init__(
        self,
        file: Path | None = None,
        *,
        port: int = 0,
        serve: bool = True,
        redirects: Sequence[str] = ("http://127.0.0.1:8765/connect/dropbox/back",),
    ) -> None:
        self.state = State(file)
        if not self.state.knob("client", ""):
            self.state.turn("client", CLIENT)
            self.state.turn("secret", SECRET)
            self.state.turn("redirects", list(redirects))
        super().__init__(self.state, accounts.add(self.state, "ada@example.com"))
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        if serve:
            self._server = make_server("127.0.0.1", port, create_app(self.state), threaded=True, request_handler=_Quiet)
            self.state.turn("port", self._server.server_port)

    # The server

    @property
    def url(self) -> str:
        """Where it listens: ``http://127.0.0.1:PORT``, instead of every address of Dropbox."""
        return f"http://127.0.0.1:{self.state.knob('port', 0)}"

    def start(self) -> Self:
        """Serve on a thread."""
        assert self._server is not None, "this one only looks at the file"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="twin", daemon=True)
        self._thread.start()
        return self

    def serve_forever(self) -> None:
        """Serve on this thread, until interrupted."""
        assert self._server is not None, "this one only looks at the file"
        self._server.serve_forever()

    def close(self) -> None:
        """Stop serving and let go of the file."""
        if self._server is not None:
            if self._thread is not None:
                self._server.shutdown()
                self._thread.join(5)
            self._server.server_close()
        self.state.close()

    def __enter__(self) -> Self:
        return self.start() if self._server is not None else self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Other people, and the app

    @property
    def client(self) -> str:
        """The id of our app there."""
        return str(self.state.knob("client", ""))

    @property
    def secret(self) -> str:
        """The secret of our app there; webhooks are signed with it."""
        return str(self.state.knob("secret", ""))

    def person(self, email: str, *, team: str = "") -> Person:
        """Another person with a Dropbox; members of one ``team`` see one space, with a home each."""
        return Person(self.state, accounts.add(self.state, email, team=team))

    def allow_redirect(self, url: str) -> None:
        """Register an address that people may be sent back to."""
        self.state.turn("redirects", [*self.state.knob("redirects", []), url])

    # How it behaves

    def set(self, **knobs: Any) -> None:
        """Set it otherwise.

        ``page_size`` most entries a page · ``empty_pages`` before each page that has entries · ``token_seconds`` that
        an access token is good for · ``rate`` most calls a second of an account · ``write_seconds``,
        ``list_seconds`` that a write or a listing takes: who comes in between is refused.
        """
        known = {"page_size", "empty_pages", "token_seconds", "rate", "write_seconds", "list_seconds"}
        assert set(knobs) <= known, f"there is no {min(set(knobs) - known)}"
        for name, value in knobs.items():
            self.state.turn(name, value)

    def plan(self, *wrong: Fault) -> None:
        """Have things go wrong, in this order."""
        for fault in wrong:
            faults.plan(self.state, fault)

    def unplan(self) -> None:
        """Let everything go well again."""
        self.state.do("DELETE FROM faults")

    @property
    def planned(self) -> int:
        """How many planned faults have not happened yet."""
        found = self.state.row("SELECT coalesce(sum(times), 0) n FROM faults")
        return int(found["n"]) if found is not None else 0

    def expire_tokens(self) -> None:
        """Every access token ends now; refresh tokens go on."""
        self.state.do("UPDATE tokens SET ends = 0")

    def reset_cursors(self) -> None:
        """No cursor that was given is known any more."""
        self.state.turn("generation", self.state.knob("generation", 0) + 1)

    # What became of it

    @property
    def calls(self) -> dict[str, int]:
        """By route, how often it was called; refused calls count."""
        return ledger.calls(self.state)

    @property
    def traffic(self) -> dict[str, Traffic]:
        """By route, calls and bytes."""
        return ledger.traffic(self.state)

    @property
    def writes(self) -> list[Write]:
        """Everything that was written over the API, in its order."""
        return ledger.writes(self.state)

    def forget_calls(self) -> None:
        """Count anew."""
        self.state.do("DELETE FROM calls")
        self.state.do("DELETE FROM writes")

    # The browser and the webhooks

    def consent(self, url: str, *, allow: bool = True, account: str = "") -> Redirect:
        """Walk through the consent page as a browser would, from the address that our service sends people to.

        ``account`` is who says yes: an address or an id; else the first person.
        """
        return consent(self.url, url, allow=allow, account=account)

    def hook(self, people: Sequence[str] = (), *, secret: str | None = None) -> tuple[bytes, Mapping[str, str]]:
        """Body and headers of a webhook call that names these account ids; ``secret``: of a forger."""
        ids = list(people) or [self.id]
        users = [int(hashlib.sha256(one.encode()).hexdigest()[:8], 16) for one in ids]
        body = json.dumps({"list_folder": {"accounts": ids}, "delta": {"users": users}}).encode()
        key = self.secret if secret is None else secret
        signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        return body, {
            "Content-Type": "application/json",
            "X-Dropbox-Signature": signature,
            "User-Agent": "DropboxHooks",
        }

    def notify(self, url: str, people: Sequence[str] = (), *, secret: str | None = None) -> requests.Response:
        """Call a webhook once; call again to duplicate, in another order to reorder, with a ``secret`` to forge."""
        body, headers = self.hook(people, secret=secret)
        return requests.post(url, data=body, headers=dict(headers), timeout=10, allow_redirects=False)

    def challenge(self, url: str) -> bool:
        """Ask a webhook whether it is ours, as Dropbox does when it is entered; whether it answered rightly."""
        asked = requests.get(url, params={"challenge": "c<h>a&l"}, timeout=10, allow_redirects=False)
        plain = asked.headers.get("Content-Type", "").split(";")[0] == "text/plain"
        sniff = asked.headers.get("X-Content-Type-Options") == "nosniff"
        return asked.status_code == 200 and asked.text == "c<h>a&l" and plain and sniff


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    log = log_request = ignore


__all__ = ["Lookup", "Person", "Redirect", "Twin"]
