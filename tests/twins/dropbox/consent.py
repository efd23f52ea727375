"""The pages of authorisation: a person sees what is asked and by whom, says yes or no, and goes back with a code."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, render_template_string, request

from tests.twins.dropbox import accounts, oauth
from tests.twins.dropbox.oauth import MEANING, Ask, Denied
from tests.twins.dropbox.state import State

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{{ app }} · Dropbox twin</title>
<style>body{font:16px/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}
button{font:inherit;padding:.5rem 1.5rem}</style><h1>{{ app }} would like to</h1>
<ul>{% for one in scopes %}<li data-scope="{{ one }}">{{ meaning[one] }}</li>{% endfor %}</ul>
<form method="post" action="/oauth2/authorize"><input type="hidden" name="ask" value="{{ ask }}">
<p><label>Your account <select name="account">{% for one in people %}<option value="{{ one.id }}">{{ one.email }}
</option>{% endfor %}</select></label></p>
<p><button name="say" value="deny">Deny</button> <button name="say" value="allow">Allow</button></p></form></html>"""
REFUSED = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Dropbox twin</title>
<h1>The app is not set up rightly</h1><p>{{ why }}</p></html>"""


def pages(state: State) -> Blueprint:
    """The routes below ``/oauth2``."""
    routes = Blueprint("oauth2", __name__, url_prefix="/oauth2")

    @routes.get("/authorize")
    def show() -> Any:
        if len(request.args) != len(list(request.args.items(multi=True))):
            return render_template_string(REFUSED, why="a parameter comes twice"), 400
        try:
            ask = oauth.read_ask(state, request.args)
        except Denied as error:
            return render_template_string(REFUSED, why=error.description), 400
        number = secrets.token_urlsafe(16)
        state.turn(f"ask:{number}", [ask.client, ask.redirect, ask.scope, ask.state, ask.challenge, ask.offline])
        return render_template_string(
            PAGE, app="Propernoun", scopes=ask.scope.split(), meaning=MEANING, ask=number,
            people=accounts.everybody(state),
        )  # fmt: skip

    @routes.post("/authorize")
    def answer() -> Any:
        key = f"ask:{request.form.get('ask', '')}"
        held = state.knob(key, None)
        if held is None or request.form.get("say") not in ("allow", "deny"):
            return render_template_string(REFUSED, why="nobody asked that"), 400
        state.do("DELETE FROM knobs WHERE name = ?", key)
        ask = Ask(*held)
        back = {"state": ask.state} if ask.state else {}
        if request.form["say"] == "deny":
            back |= {"error": "access_denied", "error_description": "The user chose not to give your app access."}
        else:
            back["code"] = oauth.allow(state, ask, accounts.of(state, request.form.get("account", "")).id)
        return redirect(f"{ask.redirect}{'&' if '?' in ask.redirect else '?'}{urlencode(back)}")

    @routes.post("/token")
    def token() -> Any:
        return _granted(state)

    return routes


def _granted(state: State) -> Response:
    basic = request.authorization
    who = (str(basic.username), str(basic.password)) if basic is not None and basic.type == "basic" else None
    try:
        if len(request.form) != len(list(request.form.items(multi=True))) or request.args:
            raise Denied("invalid_request", "parameters belong in the body, each once")
        return jsonify(oauth.exchange(state, request.form, who))
    except Denied as error:
        said = {"error": error.error, "error_description": error.description}
        return Response(json.dumps(said), 401 if error.error == "invalid_client" else 400, mimetype="application/json")
