"""A JobQueue on Redis: RQ brings jobs to workers in other processes and on other machines."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, WatchError
from rq import Queue
from rq.serializers import JSONSerializer

from connector_core.errors import PlatformDown
from connector_core.queue.job import AHEAD, KINDS, Job, kind_of

log = logging.getLogger(__name__)

RUN = "connector_core.worker.run"
LONGEST = {"io": 600, "model": 7200}
"""seconds that a job may take"""
KEPT = 24 * 3600
"""seconds that it is remembered that a job waits"""
SILENT = 1.0
"""seconds for which a Redis that did not answer is not asked again: nobody's request waits for each of its jobs"""


class RedisQueue:
    """One function, strings only, no pickle: jobs outlive a change of the code that does them.

    A job that waits is not queued twice: a mark in Redis names it until it begins, and counts as long as that one is
    in the queue. (RQ's own ``unique`` would hold while a job runs, and drop what comes then.)
    """

    def __init__(self, url: str, *, run: str = RUN) -> None:
        self._redis = Redis.from_url(url, socket_timeout=10, socket_connect_timeout=2)
        self._queues = {kind: Queue(kind, connection=self._redis, serializer=JSONSerializer) for kind in KINDS}
        self._run = run
        self._silent_until = 0.0

    def put(self, job: Job) -> None:
        """Have it done soon. Never raises: what is owed is in the store, and is put again when Redis answers."""
        if time.monotonic() < self._silent_until:
            return
        try:
            while not self._put(job, self._queues[kind_of(job)]):
                pass  # it began, or another one put it, in this moment
        except RedisError as error:
            self._silent_until = time.monotonic() + SILENT
            log.warning("Redis does not answer (%s): %s waits for the sweep", type(error).__name__, job.name)

    def begin(self, job: Job) -> None:
        """A worker has it: from now on the same job may be queued anew."""
        self._redis.delete(_mark(job))

    def depth(self) -> dict[str, int]:
        """How many jobs wait, by kind. Raises PlatformDown."""
        try:
            return {kind: queue.count for kind, queue in self._queues.items()}
        except RedisError as error:
            raise PlatformDown(f"Redis does not answer ({type(error).__name__}).", after=5.0) from error

    def ready(self) -> bool:
        """Whether Redis answers."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False

    def _put(self, job: Job, queue: Queue) -> bool:
        """Queue it unless it waits; false if its mark changed meanwhile, so that nobody knows."""
        with self._redis.pipeline() as together:
            together.watch(_mark(job))  # type: ignore[no-untyped-call]
            known: Any = together.get(_mark(job))
            if known is not None and together.lpos(queue.key, known) is not None:
                return True
            made = secrets.token_hex(16)
            together.multi()
            together.set(_mark(job), made, ex=KEPT)
            queue.enqueue(
                self._run,
                job.name,
                job.tenant,
                *job.args,
                job_id=made,
                job_timeout=LONGEST[queue.name],
                result_ttl=0,
                failure_ttl=3600,
                at_front=job.name in AHEAD,
                pipeline=together,
            )
            try:
                together.execute()
            except WatchError:
                return False
            return True


def _mark(job: Job) -> str:
    return "propernoun:waits:" + ":".join((job.name, job.tenant, *job.args))
