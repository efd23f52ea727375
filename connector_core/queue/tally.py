"""The tally: how many jobs came to which end, in this process or, with Redis, in all of them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol

from connector_core.errors import PlatformDown

DONE, FAILED, LATER = "done", "failed", "later"
KEY = "propernoun:jobs"


class Tally(Protocol):
    """Counts ends of jobs by verb."""

    def count(self, verb: str, outcome: str) -> None:
        """A job came to this end: ``done``, ``failed`` or ``later``. Never raises: counting holds up no job."""
        ...

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many, by verb and outcome. Raises PlatformDown."""
        ...


class ThreadTally:
    """A tally of the jobs of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, verb: str, outcome: str) -> None:
        """A job came to this end."""
        with self._lock:
            self._counts[verb, outcome] += 1

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many, by verb and outcome."""
        with self._lock:
            return dict(self._counts)


class RedisTally:
    """A tally that all processes keep together."""

    def __init__(self, url: str) -> None:
        from redis import Redis

        self._redis: Any = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, decode_responses=True)

    def count(self, verb: str, outcome: str) -> None:
        """A job came to this end."""
        from redis.exceptions import RedisError

        try:
            self._redis.hincrby(KEY, f"{verb}:{outcome}", 1)
        except RedisError:
            pass  # a job is worth more than its count

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many, by verb and outcome. Raises PlatformDown."""
        from redis.exceptions import RedisError

        try:
            found = self._redis.hgetall(KEY)
        except RedisError as error:
            raise PlatformDown("Redis does not answer.", after=5.0) from error
        parted = {field: field.partition(":") for field in found}
        return {(verb, outcome): int(found[field]) for field, (verb, _, outcome) in parted.items()}
