"""A JobQueue on Redis: RQ brings jobs to workers in other processes and on other machines."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from connector_core.errors import PlatformDown
from connector_core.queue.job import AHEAD, KINDS, Job, kind_of

RUN = "connector_core.worker.run"
LONGEST = {"io": 600, "model": 7200}
"""seconds that a job may take"""
MARKED = 60
"""seconds after which a job that was put is put again, should it have been lost"""


class RedisQueue:
    """One function, strings only, no pickle: jobs outlive a change of the code that does them.

    A job that waits is not queued twice: a mark in Redis, which goes when the job begins, says that it waits. The
    mark of a lost job fades by itself. (RQ's own ``unique`` would hold while a job runs, and drop what comes then.)
    """

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5)
        self._queues = {kind: Queue(kind, connection=self._redis, serializer=JSONSerializer) for kind in KINDS}

    def put(self, job: Job) -> None:
        """Have it done soon. Raises PlatformDown where Redis does not answer; the sweep finds what was meant."""
        kind = kind_of(job)
        try:
            if not self._redis.set(_mark(job), 1, nx=True, ex=MARKED):
                return
            self._queues[kind].enqueue(
                RUN,
                job.name,
                job.tenant,
                *job.args,
                job_timeout=LONGEST[kind],
                result_ttl=0,
                failure_ttl=3600,
                at_front=job.name in AHEAD,
            )
        except RedisError as error:
            raise PlatformDown(f"Redis does not answer ({type(error).__name__}); the jobs wait.", after=5.0) from error

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


def _mark(job: Job) -> str:
    return "propernoun:waits:" + ":".join((job.name, job.tenant, *job.args))
