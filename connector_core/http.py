"""Every call to a host: authorised, paced, guarded, bounded; and what went wrong, in the words of the core."""

from __future__ import annotations

import contextlib
import json as json_lib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from connector_core.errors import PlatformDown, RateLimited, Reconnect
from connector_core.pace import Pace
from connector_core.reach import Reach
from model_service.errors import Unreadable

CONNECT, ANSWER = 10.0, 60.0
"""seconds until a host must have been reached, and between two bytes of its answer"""
LONGEST = 600.0
"""seconds that a download may take"""
MOST = 32 * 2**20
"""bytes of an answer that is not a file"""
AGAIN = 2
"""times that a read is tried again at once, when a connection broke"""
CHUNK = 2**16
WAIT = 30.0
"""seconds of patience where a host asks for some and does not say how much"""


class Bearer(Protocol):
    """An access token that renews itself."""

    def token(self, *, instead_of: str = "") -> str:
        """A valid one; another one than ``instead_of``, which the host refused. Raises Reconnect, PlatformDown."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered."""

    status: int
    headers: Mapping[str, str]
    """names in any case"""
    content: bytes = b""
    """empty where it went into a file"""

    def json(self) -> Any:
        """What the content says. Raises PlatformDown where that is no JSON: the host is not itself then."""
        try:
            return json_lib.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise PlatformDown("The host answers with something that cannot be read.", after=WAIT) from error


@dataclass(slots=True)
class Lanes:
    """The paces of a connection: reading and writing do not wait for each other."""

    read: Pace = field(default_factory=lambda: Pace(20.0))
    write: Pace = field(default_factory=lambda: Pace(5.0))

    def __getitem__(self, lane: str) -> Pace:
        return self.write if lane == "write" else self.read


class Http:
    """A road to one host for one account. Safe for threads.

    ``moved`` leads origins elsewhere: to a twin in tests. Redirects are not followed, proxies and passwords of the
    environment are not used.
    """

    def __init__(
        self,
        reach: Reach,
        *,
        bearer: Bearer | None = None,
        lanes: Lanes | None = None,
        moved: Mapping[str, str] | None = None,
    ) -> None:
        self._reach = reach
        self._bearer = bearer
        self._lanes = lanes or Lanes()
        self._moved = dict(moved or {})
        self.patience = (CONNECT, ANSWER)
        """seconds until a host must have been reached, and between two bytes of its answer"""
        self._session = requests.Session()
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, reach.adapter())

    def call(
        self,
        method: str,
        url: str,
        *,
        lane: str = "read",
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer, whatever the host thinks of the request: its statuses are a dialect that the plugin speaks.

        Raises RateLimited (429, 503 with Retry-After), PlatformDown (5xx, timeouts, broken connections, too long an
        answer), Reconnect (the token is refused, and so is a new one). A read is tried again when a connection broke;
        a write is not: whoever asked for it must first look what became of it.
        """
        with self._answered(method, url, lane, headers, json, data) as answer:
            return Answer(answer.status_code, answer.headers, _bounded(answer))

    def fetch(
        self,
        method: str,
        url: str,
        to: Path,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> Answer:
        """The bytes of a file, in ``to`` if the status is 200 or 206; any other answer is handed back as of ``call``.

        Raises Unreadable where there are more than ``limit`` bytes, and leaves nothing behind then; else as ``call``.
        """
        with self._answered(method, url, "read", headers, None, data) as answer:
            if answer.status_code not in (200, 206):
                return Answer(answer.status_code, answer.headers, _bounded(answer))
            try:
                _save(answer, to, limit)
            except BaseException:
                to.unlink(missing_ok=True)
                raise
            return Answer(answer.status_code, answer.headers)

    @contextlib.contextmanager
    def _answered(
        self, method: str, url: str, lane: str, headers: Mapping[str, str] | None, json: Any, data: Any
    ) -> Iterator[requests.Response]:
        told = dict(headers or {})
        used = self._bearer.token() if self._bearer else ""
        answer = self._sent(method, url, lane, told, used, json, data)
        if answer.status_code == 401 and self._bearer:
            answer.close()
            used = self._bearer.token(instead_of=used)
            answer = self._sent(method, url, lane, told, used, json, data)
            if answer.status_code == 401:
                answer.close()
                raise Reconnect("The host no longer accepts our authorisation; connect it again.")
        try:
            yield answer
        except requests.RequestException as error:
            raise _down(url, error) from error
        finally:
            answer.close()

    def _sent(
        self, method: str, url: str, lane: str, headers: dict[str, str], token: str, json: Any, data: Any
    ) -> requests.Response:
        place = self._place(url)
        self._reach.check(place)
        if token:
            headers = {**headers, "Authorization": f"Bearer {token}"}
        tries = 1 + (AGAIN if lane == "read" else 0)
        for left in range(tries - 1, -1, -1):
            self._lanes[lane].take()
            try:
                answer = self._session.request(
                    method, place, headers=headers, json=json, data=data, stream=True,
                    timeout=self.patience, allow_redirects=False,
                )  # fmt: skip
            except requests.RequestException as error:
                if left and isinstance(error, requests.ConnectionError):
                    continue
                raise _down(url, error) from error
            return self._welcome(answer, url, lane)
        raise AssertionError("the loop above returns or raises")

    def _welcome(self, answer: requests.Response, url: str, lane: str) -> requests.Response:
        """The answer, if it is one. The lane hears how it went."""
        status, asked = answer.status_code, retry_after(answer.headers.get("Retry-After", ""))
        if status == 429 or (status == 503 and asked is not None):
            answer.close()
            after = WAIT if asked is None else asked
            self._lanes[lane].slow_down(after)
            raise RateLimited(f"{_name(url)} asks us to wait {after:.0f} s.", after=after)
        if status >= 500:
            answer.close()
            raise PlatformDown(f"{_name(url)} answers with an error of its own ({status}).", after=WAIT)
        self._lanes[lane].went_well()
        return answer

    def _place(self, url: str) -> str:
        for origin, instead in self._moved.items():
            if url == origin or url.startswith(origin + "/"):
                return instead + url[len(origin) :]
        return url


def retry_after(text: str) -> float | None:
    """Seconds that a Retry-After header asks for: a number or a date (RFC 9110, 10.2.3); None if it says nothing."""
    try:
        return min(max(float(text), 0.0), 86_400.0)
    except ValueError:
        pass
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0), 86_400.0)
    except (ValueError, TypeError):
        return None


def _bounded(answer: requests.Response) -> bytes:
    found = bytearray()
    for chunk in answer.iter_content(CHUNK):
        found += chunk
        if len(found) > MOST:
            raise PlatformDown(f"{_name(answer.url)} answers with more than {MOST // 2**20} MB.", after=WAIT)
    return bytes(found)


def _save(answer: requests.Response, to: Path, limit: int) -> None:
    until, size = time.monotonic() + LONGEST, 0
    with to.open("wb") as file:
        for chunk in answer.iter_content(CHUNK):
            size += len(chunk)
            if size > limit:
                raise Unreadable(f"The file is larger than {limit // 2**20} MB and was not read.")
            if time.monotonic() > until:
                raise PlatformDown("The download took too long.", after=WAIT)
            file.write(chunk)
    told = answer.headers.get("Content-Length", "")
    if told.isdigit() and not answer.headers.get("Content-Encoding") and size != int(told):
        raise PlatformDown("The download broke off.")


def _down(url: str, error: Exception) -> PlatformDown:
    return PlatformDown(f"{_name(url)} does not answer ({type(error).__name__}).", after=WAIT)


def _name(url: str) -> str:
    return urlsplit(url).hostname or "The host"
