"""The blueprint for those who run the service: whether it lives, whether it can work, and how it does."""

from __future__ import annotations

import os
from collections.abc import Iterator

from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from connector_core.engine import Engine
from connector_core.web.gate import the_engine
from connector_core.web.measures import Measures
from connector_core.web.problems import problem

health = Blueprint("health", __name__)


@health.get("/healthz")
def lives() -> dict[str, str]:
    """The process lives."""
    return {"state": "alive"}


@health.get("/readyz")
def ready() -> dict[str, str] | Response:
    """The service can work; 503 says what is missing."""
    missing = list(_missing(the_engine()))
    if missing:
        return problem(503, "not-ready", "Not ready", " ".join(missing), {"Retry-After": "5"})
    return {"state": "ready"}


@health.get("/metrics")
def metrics() -> Response:
    """Measures for Prometheus, if the settings say so."""
    if not the_engine().settings.metrics:
        raise NotFound("Metrics are off; PROPERNOUN_METRICS=on shows them.")
    measures: Measures = current_app.extensions["measures"]
    return Response(measures.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _missing(engine: Engine) -> Iterator[str]:
    try:
        engine.store.ready()
    except SQLAlchemyError as error:
        yield f"The database does not answer ({type(error).__name__})."
    ready = getattr(engine.queue, "ready", None)
    if ready is not None and not ready():
        yield "The queue does not answer."
    folder = engine.settings.data
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        yield "The data folder cannot be written to."
