"""A worker process: RQ takes jobs of one kind from Redis, one after the other, until somebody asks it to stop."""

from __future__ import annotations

import logging
import os
import socket
import sys
import time

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

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
    sweeper = Sweeper(Engine(settings, do)) if kind == "model" else None
    if sweeper is not None:
        sweeper.start()
    while True:
        worker = _worker(settings.redis, kind)
        try:
            worker.work(logging_level="WARNING", max_jobs=MOST if kind == "model" else None)
        except RedisError as error:
            log.warning("Redis does not answer (%s); trying again", type(error).__name__)
            time.sleep(PATIENCE)
            continue
        if worker._stop_requested:
            break
        if kind == "model":
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
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


def _worker(url: str, kind: str) -> Worker | SimpleWorker:
    redis = Redis.from_url(url, socket_connect_timeout=5)
    queue = Queue(kind, connection=redis, serializer=JSONSerializer)
    known = SimpleWorker if kind == "model" else Worker
    return known([queue], connection=redis, serializer=JSONSerializer, maintenance_interval=60)
