"""The twin as a Flask app: what every call goes through before a route sees it, and what is noted of it after."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from typing import Any

from flask import Flask, Response, g, request

from tests.twins.dropbox import ledger
from tests.twins.dropbox.calls import Call, open_call
from tests.twins.dropbox.consent import pages
from tests.twins.dropbox.faults import Fault, strike
from tests.twins.dropbox.refusals import Refused, rate_limited, unauthorised
from tests.twins.dropbox.routes import ROUTES
from tests.twins.dropbox.state import State
from tests.twins.dropbox.turns import Turns

MOST = 64 * 2**20


def create_app(state: State) -> Flask:
    """The twin of this state."""
    app = Flask("dropbox_twin", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST
    app.register_blueprint(pages(state))
    turns = Turns(state)

    @app.before_request
    def before() -> Response | None:
        g.route = request.path.removeprefix("/2").strip("/")
        g.call = None
        g.fault = strike(state, g.route)
        return _go_wrong(state, g.fault) if g.fault is not None else None

    @app.post("/2/<path:name>")
    def api(name: str) -> Response:
        if name not in ROUTES:
            return Response(f'Unknown API function: "{name}"', 400, mimetype="text/plain")
        route = ROUTES[name]
        try:
            call = g.call = open_call(state, name, route, g.fault)
            with turns.take(call, writes=route.writes):
                answer = route.answer(call)
        except Refused as error:
            return error.response()
        if isinstance(answer, tuple):
            data, result, media_type = answer
            return Response(data, 200, {"Dropbox-API-Result": json.dumps(result)}, mimetype=media_type)
        return Response(json.dumps(answer), 200, mimetype="application/json")

    @app.after_request
    def after(answer: Response) -> Response:
        call: Call | None = g.call
        account, argument = (call.account.id, call.text) if call is not None else ("", "")
        sent, answered = request.content_length or 0, len(answer.get_data())
        if g.route:
            ledger.note_call(state, g.route, account, answer.status_code, sent, answered, argument)
        if g.fault is not None and g.fault.kind == "lose":
            hang_up()
        elif g.fault is not None and g.fault.kind == "cut":
            answer.headers["Content-Length"] = str(answered + 100)
            answer.automatically_set_content_length = False
        return answer

    return app


def hang_up() -> None:
    """Break the connection that this request came over."""
    with contextlib.suppress(OSError, KeyError):
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


def _go_wrong(state: State, fault: Fault) -> Response | None:
    match fault.kind:
        case "error":
            return Response("", 500)
        case "unavailable":
            return Response("", 503, {"Retry-After": f"{fault.seconds:g}"})
        case "rate":
            return rate_limited("too_many_requests", fault.seconds).response()
        case "writes":
            return rate_limited("too_many_write_operations", fault.seconds).response()
        case "refuse":
            return unauthorised("invalid_access_token").response()
        case "drop":
            hang_up()
            return Response("", 500)
        case "hang":
            time.sleep(fault.seconds)
        case "expire":
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            state.do("UPDATE tokens SET ends = 0 WHERE access = ?", token)
    return None


def ignore(*_: Any) -> None:
    """Twins are quiet."""
