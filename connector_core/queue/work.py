"""A worker process: RQ takes jobs of one kind from Redis, one after the other, until somebody asks it to stop."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from types import FrameType

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, Worker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.worker.base import BaseWorker

import connector_core.worker  # noqa: F401  # before the fork, so that no job waits for imports
from connector_core.engine import Engine
from connector_core.settings import Settings
from connector_core.sweep import Sweeper
from connector_core.worker import do
from model_service.errors import Misconfigured

log = logging.getLogger(__name__)

MOST = 500
"""jobs of the kind ``model`` before the process begins anew, with fresh memory"""
PATIENCE = 2.0
"""seconds until Redis is tried again"""


def work(settings: Settings, kind: str) -> None:
    """Do jobs of a kind, ``io`` or ``model``. SIGTERM or SIGINT: the job at hand is finished, then it ends.

    ``io`` forks for each job, so that one that hangs or crashes takes nothing along. ``model`` does not: an encoder
    in memory would be loaded anew for each, or hang in the fork. It sweeps beside its jobs.
    """
    if not settings.redis:
        raise Misconfigured("Workers need PROPERNOUN_REDIS; without it `propernoun serve` does the jobs itself.")
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, _end)  # until RQ listens to them itself
    sweeper = Sweeper(Engine(settings, do)) if kind == "model" else None
    if sweeper is not None:
        sweeper.start()
    stop = _Stop()
    while not stop.is_asked:
        try:
            _worker(settings.redis, kind, stop).work(
                logging_level="WARNING", max_jobs=MOST if kind == "model" else None
            )
            if kind == "model" and not stop.is_asked:
                os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
        except StopRequested:
            break
        except RedisError as error:
            if not stop.is_asked:
                log.warning("Redis does not answer (%s); trying again", type(error).__name__)
                time.sleep(PATIENCE)
    if sweeper is not None:
        sweeper.stop()


def is_alive(settings: Settings) -> bool:
    """Whether Redis knows of a worker on this machine that has not fallen silent."""
    here = socket.gethostname()
    try:
        found = Worker.all(connection=Redis.from_url(settings.redis, socket_connect_timeout=5, socket_timeout=5))
    except (RedisError, ValueError):
        return False
    return any(one.hostname == here for one in found)


class _Stop:
    """Whether somebody has asked this process to end: RQ itself remembers it only if that was during a job."""

    is_asked = False


def _worker(url: str, kind: str, stop: _Stop) -> BaseWorker:
    redis = Redis.from_url(url, socket_connect_timeout=5)
    queue = Queue(kind, connection=redis, serializer=JSONSerializer)
    known = _Here if kind == "model" else _Forking
    made = known([queue], connection=redis, serializer=JSONSerializer, maintenance_interval=60)
    made.stop = stop
    return made


class _Obedient(BaseWorker):
    """What RQ's workers lack: it ends when asked to also without Redis, and makes itself known to an emptied one."""

    stop: _Stop

    def handle_warm_shutdown_request(self) -> None:
        self.stop.is_asked = True

    def set_shutdown_requested_date(self) -> None:
        pass  # nobody reads it, and it would fail without Redis

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        if pipeline is None and not self.connection.hexists(self.key, "birth"):
            self.connection.delete(self.key)
            self.register_birth()  # type: ignore[no-untyped-call]
        super().heartbeat(timeout, pipeline)


class _Forking(_Obedient, Worker):
    pass


class _Here(_Obedient, SimpleWorker):
    pass


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
