"""The app: what all its blueprints share, made for one engine."""

from __future__ import annotations

import logging
import re
import secrets
import time
from importlib.metadata import version

from flask import Response, current_app, g, request
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from werkzeug.routing import BaseConverter

from connector_core.engine import Engine
from connector_core.logs import begin
from connector_core.web import gate
from connector_core.web.api import make_api
from connector_core.web.connect import connect
from connector_core.web.health import health
from connector_core.web.hooks import hooks
from connector_core.web.measures import Measures
from connector_core.web.openings import openings
from connector_core.web.pace import Pace
from connector_core.web.pages import pages
from connector_core.web.problems import Problem, answer_with_problems, invalid

log = logging.getLogger(__name__)

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""headers of every answer that does not say otherwise; no other site is allowed anything (no CORS)"""
FORMS = 64_000
"""bytes of the fields of a form, files apart"""


class Id(BaseConverter):
    """An id of ours in a path; anything else there is none."""

    regex = "[0-9a-f]{26}"


def create_app(engine: Engine) -> OpenAPI:
    """The web process of an engine. It parses and answers; pictures are looked at by those who do the jobs."""
    app = OpenAPI(
        "propernoun",
        info=Info(title="Propernoun", version=version("propernoun"), description="Tags photos with your proper nouns."),
        security_schemes={"key": {"type": "http", "scheme": "bearer", "description": "a key that begins with pn_"}},
        validation_error_callback=invalid,
        validation_error_model=Problem,
        doc_ui=False,
        static_folder=None,
    )
    app.url_map.converters["id"] = Id
    app.config.update(MAX_CONTENT_LENGTH=gate.LARGEST, MAX_FORM_MEMORY_SIZE=FORMS, MAX_FORM_PARTS=20)
    app.config.update(
        SECRET_KEY=engine.vault.derived("sessions"),
        SESSION_COOKIE_NAME="propernoun",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=engine.settings.url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=12 * 3600,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["engine"] = engine
    app.extensions["pace"] = Pace(engine.settings.requests, engine.settings.redis)
    app.extensions["measures"] = Measures(engine)
    answer_with_problems(app)
    app.before_request(_arrive)
    app.before_request(gate.weigh)
    app.after_request(_leave)
    app.teardown_request(_forget)
    for one in (health, pages, connect, openings, hooks):
        app.register_blueprint(one)
    app.register_api(make_api())
    app.add_url_rule("/v1/openapi.json", "openapi", lambda: app.api_doc)
    return app


def _arrive() -> None:
    sent = request.headers.get("X-Request-Id", "")
    g.started, g.request_id = (
        time.perf_counter(),
        sent if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", sent) else secrets.token_hex(8),
    )
    begin(request=g.request_id)


def _leave(answer: Response) -> Response:
    for name, value in SAFE.items():
        answer.headers.setdefault(name, value)
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    answer.headers["X-Request-Id"] = g.get("request_id", "")
    if "started" in g:
        took = time.perf_counter() - g.started
        route = request.url_rule.rule if request.url_rule else "none"
        _measures().answered(request.method if route != "none" else "any", route, answer.status_code, took)
        log.info("%s %s %d %.0fms", request.method, route, answer.status_code, took * 1000)
    return answer


def _measures() -> Measures:
    found: Measures = current_app.extensions["measures"]
    return found


def _forget(_: BaseException | None) -> None:
    begin()
