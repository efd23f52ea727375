"""What Prometheus is told: how requests are answered, what waits, and how jobs end; of no tenant by name."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from connector_core.engine import Engine
from connector_core.errors import Retry
from connector_core.store.census import Census, census

FRESH = 15.0
"""seconds that a census counts as new: counting a million assets takes a moment"""
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Measures:
    """The measures of one app, in a registry of their own."""

    def __init__(self, engine: Engine) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "propernoun_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "propernoun_request_seconds",
            "Seconds that an answer took",
            ["method", "route"],
            registry=self._registry,
            buckets=SECONDS,
        )
        self._registry.register(_Owed(engine))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Owed(Collector):
    """What is asked of the store and the queue when somebody looks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._taken, self._census = -FRESH, Census({}, 0, 0.0, 0.0)

    def describe(self) -> list[Metric]:
        return []  # without it, registering would ask the database

    def collect(self) -> Iterator[Metric]:
        found = self._counted()
        by_state = GaugeMetricFamily("propernoun_assets", "Assets by state", labels=["state"])
        for state, count in sorted(found.assets.items()):
            by_state.add_metric([state], count)
        yield by_state
        yield GaugeMetricFamily("propernoun_outbox", "Assets whose metadata are owed to a host", value=found.outbox)
        oldest = GaugeMetricFamily("propernoun_oldest_seconds", "Age of the oldest thing that is owed", labels=["what"])
        oldest.add_metric(["read"], found.unread)
        oldest.add_metric(["write"], found.unwritten)
        yield oldest
        try:
            yield from self._jobs()
        except Retry:
            return  # the rest is worth telling; /readyz says that the queue is away

    def _jobs(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("propernoun_jobs_waiting", "Jobs that wait, by kind", labels=["kind"])
        for kind, count in self._engine.queue.depth().items():
            waiting.add_metric([kind], count)
        yield waiting
        ended = CounterMetricFamily("propernoun_jobs", "Jobs that came to an end", labels=["verb", "outcome"])
        for (verb, outcome), count in sorted(self._engine.tally.counts().items()):
            ended.add_metric([verb, outcome], count)
        yield ended

    def _counted(self) -> Census:
        with self._lock:
            if time.monotonic() - self._taken > FRESH:
                self._census, self._taken = census(self._engine.store.engine), time.monotonic()
            return self._census
