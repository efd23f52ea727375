"""The pace of a key: so many requests a minute, counted together by all web processes where there is a Redis."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a request may go on, and what its sender is told of the pace."""

    granted: bool
    headers: Mapping[str, str]


class Pace:
    """At most ``count`` requests within any minute, by key."""

    def __init__(self, count: int, redis: str = "") -> None:
        self._storage = storage_from_string(redis or "memory://", wrap_exceptions=True)
        self._window = SlidingWindowCounterRateLimiter(self._storage)
        self._most = RateLimitItemPerMinute(count, namespace="propernoun")

    def take(self, key: str) -> Turn:
        """Count a request. Where Redis does not answer, nobody is held up for it."""
        try:
            granted = self._window.hit(self._most, key)
            until, left = self._window.get_window_stats(self._most, key)
        except StorageError as error:
            log.warning("requests are not counted: %s", type(error.storage_error).__name__)
            return Turn(True, {})
        reset = str(max(1, math.ceil(until - time.time())))
        said = {"RateLimit-Limit": str(self._most.amount), "RateLimit-Remaining": str(left), "RateLimit-Reset": reset}
        return Turn(granted, said if granted else {**said, "Retry-After": reset})
