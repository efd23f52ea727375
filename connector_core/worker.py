"""Jobs become deeds: the one place where any error is caught, logged, and not lost."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable

from connector_core.engine import Engine
from connector_core.errors import Gone, Reconnect, Retry
from connector_core.logs import bound
from connector_core.operations.erase import erase
from connector_core.operations.ingest import ingest
from connector_core.operations.learn import learn
from connector_core.operations.listen import listen
from connector_core.operations.look import forget, look
from connector_core.operations.predict import predict
from connector_core.operations.push import push
from connector_core.operations.reembed import reembed
from connector_core.operations.scan import scan
from connector_core.queue.job import Job
from connector_core.queue.tally import DONE, FAILED, LATER
from connector_core.settings import Settings
from connector_core.store.owed import OPEN
from model_service.errors import Refuse

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""seconds until a connection is tried again after something that nobody foresaw"""
ON_CONNECTION = frozenset({"scan", "ingest", "push", "listen"})
"""verbs whose first word is a connection, which then says what is wrong"""
VERBS: dict[str, Callable[..., None]] = {
    "scan": scan,
    "ingest": ingest,
    "predict": predict,
    "push": push,
    "listen": listen,
    "learn": learn,
    "reembed": reembed,
    "look": look,
    "forget": forget,
    "erase": erase,
}


def do(engine: Engine, job: Job) -> None:
    """Do a job. It never raises: what went wrong is on the connection, in words, and the sweep tries again."""
    with bound(tenant=job.tenant, job=" ".join((job.name, *job.args))):
        engine.tally.count(job.name, _do(engine, job))


def _do(engine: Engine, job: Job) -> str:
    started, outcome = time.monotonic(), DONE
    try:
        VERBS[job.name](engine, job.tenant, *job.args)
        if job.name in ON_CONNECTION:
            _after(engine, job)
    except Gone as error:
        log.info("%s %s: %s", job.name, job.args, error)
    except Retry as error:
        outcome = LATER
        _on_connection(engine, job, state="down", reason=str(error), retry_at=time.time() + max(error.after, 5.0))
    except Reconnect as error:
        outcome = LATER
        _on_connection(engine, job, state="reconnect", reason=str(error))
    except Refuse as error:
        # A folder that is no longer there, an account without a setting: a person can put it right.
        outcome = FAILED
        log.warning("%s %s of %s: %s", job.name, job.args, job.tenant, error)
        _on_connection(engine, job, state="down", reason=str(error), retry_at=time.time() + PATIENCE)
    except Exception as error:
        outcome = FAILED
        log.exception("%s %s of %s failed", job.name, job.args, job.tenant)
        _unforeseen(engine, job, f"Something unforeseen happened ({type(error).__name__})")
    log.info("%s %s of %s: %.2fs", job.name, " ".join(job.args), job.tenant, time.monotonic() - started)
    return outcome


def run(name: str, tenant: str, *args: str) -> None:
    """Do a job that came through Redis: strings only, so that it may be older than this code."""
    from connector_core.queue.redis import RedisQueue

    engine, job = _engine(), Job(name, tenant, args)
    if isinstance(engine.queue, RedisQueue):
        engine.queue.begin(job)
    do(engine, job)


@functools.cache
def _engine() -> Engine:
    """The engine of this worker process, made when its first job comes."""
    return Engine(Settings.from_env(), do)


def _after(engine: Engine, job: Job) -> None:
    """A host that was down answers again; and how fast it may be called is remembered."""
    with engine.store.tenant(job.tenant, only_reads=True) as mine:
        linked = mine.connections.get(job.args[0])
    engine.roads.remember(job.tenant, linked)
    if linked.state in OPEN and linked.retry_at <= time.time() and (linked.state != "live" or linked.reason):
        _on_connection(engine, job, state="live", reason="")


def _unforeseen(engine: Engine, job: Job, what: str) -> None:
    """A training is not tried for ever: it would take the same course again."""
    if job.name != "learn":
        _on_connection(engine, job, reason=f"{what}; it is tried again.", retry_at=time.time() + PATIENCE)
        return
    with engine.store.tenant(job.tenant) as mine:
        mine.models.fail(job.args[0], f"{what}; train again, and report it if that does not help.")


def _on_connection(engine: Engine, job: Job, **values: object) -> None:
    if job.name not in ON_CONNECTION:
        return
    try:
        with engine.store.tenant(job.tenant) as mine:
            mine.connections.troubled(job.args[0], **values)
    except Gone:
        log.info("%s %s: its connection is gone", job.name, job.args)
