"""How fast a host may be called: as fast as it lets us, found by trying."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from connector_core.errors import RateLimited

SLOWEST, FASTEST = 0.2, 200.0
"""calls a second"""
SOONER, MORE = 0.25, 0.05
"""calls a second that each answered call adds: until the host first asks for patience, and from then on"""
PATIENCE = 15.0
"""seconds that a call waits for its turn; whoever would have to wait longer comes back later"""


class Pace:
    """A lane to a host: calls take turns, a rate apart. Safe for threads.

    Each answer raises the rate a little; when the host asks for patience it is halved, and nothing is sent before the
    host said so (AIMD, Chiu and Jain 1989; Retry-After of RFC 9110).
    """

    def __init__(self, rate: float, *, patience: float = PATIENCE, sleep: Callable[[float], None] = time.sleep) -> None:
        self.rate = rate
        self._patience = patience
        self._more = SOONER
        self._next = 0.0
        self._lock = threading.Lock()
        self._sleep = sleep

    def take(self) -> None:
        """Wait for the next turn. Raises RateLimited where that would take too long."""
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now)
            if turn - now > self._patience:
                raise RateLimited("The host has asked for patience.", after=turn - now)
            self._next = turn + 1 / self.rate
        if turn > now:
            self._sleep(turn - now)

    def went_well(self) -> None:
        """The host answered."""
        with self._lock:
            self.rate = min(FASTEST, self.rate + self._more)

    def slow_down(self, after: float) -> None:
        """The host asks for patience for so many seconds."""
        with self._lock:
            self.rate, self._more = max(SLOWEST, self.rate / 2), MORE
            self._next = max(self._next, time.monotonic() + after)
