"""Jobs become deeds: the one place where any error is caught, logged, and not lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from connector_core.engine import Engine
from connector_core.errors import Gone, Reconnect, Retry
from connector_core.operations.ingest import ingest
from connector_core.operations.learn import learn
from connector_core.operations.predict import predict
from connector_core.operations.push import push
from connector_core.operations.scan import scan
from connector_core.queue.job import Job

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""seconds until a connection is tried again after something that nobody foresaw"""
VERBS: dict[str, Callable[..., None]] = {
    "scan": scan,
    "ingest": ingest,
    "predict": predict,
    "push": push,
    "learn": learn,
}


def do(engine: Engine, job: Job) -> None:
    """Do a job. It never raises: what went wrong is on the connection, in words, and the sweep tries again."""
    started = time.monotonic()
    try:
        VERBS[job.name](engine, job.tenant, *job.args)
    except Gone as error:
        log.info("%s %s: %s", job.name, job.args, error)
    except Retry as error:
        _on_connection(engine, job, state="down", reason=str(error), retry_at=time.time() + max(error.after, 5.0))
    except Reconnect as error:
        _on_connection(engine, job, state="reconnect", reason=str(error))
    except Exception as error:
        log.exception("%s %s of %s failed", job.name, job.args, job.tenant)
        reason = f"Something unforeseen happened ({type(error).__name__}); it is tried again."
        _on_connection(engine, job, reason=reason, retry_at=time.time() + PATIENCE)
    log.info("%s %s of %s: %.2fs", job.name, " ".join(job.args), job.tenant, time.monotonic() - started)


def sweep(engine: Engine) -> int:
    """Put a job for everything that is owed: what was lost, what is due now, what a dead worker left; how many."""
    owed = engine.store.owed()
    for job in owed:
        engine.queue.put(job)
    return len(owed)


def _on_connection(engine: Engine, job: Job, **values: object) -> None:
    if job.name not in ("scan", "ingest", "push"):
        return
    try:
        with engine.store.tenant(job.tenant) as mine:
            mine.connections.set(job.args[0], **values)
    except Gone:
        log.info("%s %s: its connection is gone", job.name, job.args)
