"""Hooks: hosts say that something has changed. What they say is verified, and is only ever a hint to look."""

from __future__ import annotations

import logging
from typing import cast

from flask import Blueprint, Response, current_app, make_response, request

from connector_core import manifest
from connector_core.connector import Pushes
from connector_core.engine import Engine
from connector_core.errors import Gone
from connector_core.queue.job import Job
from connector_core.types import Hook

log = logging.getLogger(__name__)

LARGEST = 256 * 1024
"""bytes of what a host says"""
QUIET = 1.5
"""seconds without a call after which a host is asked what has changed"""

hooks = Blueprint("hooks", __name__, url_prefix="/hooks")


@hooks.route("/<host>", methods=["GET", "POST"])
def hear(host: str) -> Response:
    """Wake the connections of the accounts that a host names. Raises Gone, BadSignature."""
    if host not in manifest.hosts() or not issubclass(manifest.connector_class(host), Pushes):
        raise Gone("No host calls here.")
    engine = cast(Engine, current_app.extensions["engine"])
    request.max_content_length = LARGEST
    told = Hook(
        request.method,
        {name.lower(): value for name, value in request.headers},
        request.args.to_dict(),
        request.get_data(cache=False),
    )
    known = manifest.connector_class(host)
    assert issubclass(known, Pushes)
    heard = known.hear(engine.roads.app(host), told)
    for account in heard.accounts:
        for tenant, connection in engine.store.connected(host, account):
            _wake(engine, tenant, connection)
    answer = make_response(heard.answer)
    answer.content_type = heard.content_type
    return answer


def _wake(engine: Engine, tenant: str, connection: str) -> None:
    try:
        with engine.store.tenant(tenant, only_reads=True) as mine:
            if mine.connections.is_owed(connection, quiet=QUIET):
                return
        with engine.store.tenant(tenant) as mine:
            mine.connections.wake(connection, quiet=QUIET)
        engine.alarm.set(QUIET, Job("scan", tenant, (connection,)))
    except Gone:
        log.info("%s was removed while its host called", connection)
