"""Who may go: one writer in a namespace at a time, one lister with the same arguments, so many calls a second."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator

from tests.twins.dropbox.calls import Call
from tests.twins.dropbox.refusals import rate_limited
from tests.twins.dropbox.state import State


class Turns:
    """What is under way in this process."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._busy: set[tuple[str, ...]] = set()
        self._recent: dict[str, deque[float]] = {}

    @contextlib.contextmanager
    def take(self, call: Call, *, writes: bool) -> Iterator[None]:
        """Do a call alone where it must be. Raises Refused."""
        self._count(call.account.id)
        key, seconds = None, 0.0
        if writes:
            key, seconds = ("write", call.account.root), self._state.knob("write_seconds", 0.0)
        elif call.route.startswith("files/list_folder"):
            key, seconds = (call.route, call.account.id, call.text), self._state.knob("list_seconds", 0.0)
        if key is None:
            yield
            return
        with self._lock:
            if key in self._busy:
                raise rate_limited("too_many_write_operations" if writes else "too_many_requests", 1)
            self._busy.add(key)
        try:
            if seconds:
                time.sleep(seconds)
            yield
        finally:
            with self._lock:
                self._busy.discard(key)

    def _count(self, account: str) -> None:
        most = self._state.knob("rate", 0)
        if not most:
            return
        with self._lock:
            now, recent = time.monotonic(), self._recent.setdefault(account, deque())
            while recent and recent[0] < now - 1:
                recent.popleft()
            if len(recent) >= most:
                raise rate_limited("too_many_requests", 1)
            recent.append(now)
