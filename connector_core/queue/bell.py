"""The bell: a job says that something is done, and whoever waits for it hears at once; nobody looks again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

Wait = dict[str, threading.Event]
KEPT = 60
"""seconds that a ring waits in Redis for somebody who is late"""


class Bell(Protocol):
    """Rings for a name. A ring that nobody waits for is lost, which is why the store has the last word."""

    def ring(self, name: str) -> None:
        """What has this name is done. Never raises: that it is done is in the store."""
        ...

    def wait(self, name: str, seconds: float) -> bool:
        """Wait until it rings, at most so long; false if it did not. Only within ``listen``."""
        ...

    def listen(self, name: str) -> Any:
        """A context within which no ring is missed."""
        ...


class ThreadBell:
    """A bell within this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Wait = {}

    @contextmanager
    def listen(self, name: str) -> Iterator[None]:
        """A context within which no ring is missed."""
        with self._lock:
            self._waiting[name] = threading.Event()
        try:
            yield
        finally:
            with self._lock:
                self._waiting.pop(name, None)

    def ring(self, name: str) -> None:
        """What has this name is done."""
        with self._lock:
            event = self._waiting.get(name)
        if event is not None:
            event.set()

    def wait(self, name: str, seconds: float) -> bool:
        """Wait until it rings."""
        with self._lock:
            event = self._waiting.get(name)
        return event is not None and event.wait(seconds)


class RedisBell:
    """A bell between processes: a ring is a short-lived list, on which the one who waits blocks."""

    def __init__(self, url: str) -> None:
        from redis import Redis

        self._redis: Any = Redis.from_url(url, socket_connect_timeout=5, socket_timeout=60)

    @contextmanager
    def listen(self, name: str) -> Iterator[None]:
        """A context within which no ring is missed: a list keeps it."""
        yield

    def ring(self, name: str) -> None:
        """What has this name is done."""
        from redis.exceptions import RedisError

        try:
            with self._redis.pipeline() as together:
                together.lpush(_key(name), 1).expire(_key(name), KEPT).execute()
        except RedisError:
            pass

    def wait(self, name: str, seconds: float) -> bool:
        """Wait until it rings."""
        from redis.exceptions import RedisError

        try:
            return self._redis.blpop([_key(name)], timeout=max(0.01, seconds)) is not None
        except RedisError:
            return False


def _key(name: str) -> str:
    return f"propernoun:bell:{name}"
