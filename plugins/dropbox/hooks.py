"""Webhooks of Dropbox: a challenge when they are set up, then signed lists of accounts in which something changed."""

from __future__ import annotations

import hashlib
import hmac
import json

from connector_core.apps import App
from connector_core.errors import BadSignature
from connector_core.types import Heard, Hook

LONGEST = 1000
"""characters of a challenge"""


def hear(app: App, hook: Hook) -> Heard:
    """The accounts that a call names. Raises BadSignature before anything of it is read."""
    if hook.method == "GET":
        return Heard(answer=hook.query.get("challenge", "")[:LONGEST])
    expected = hmac.new(app.secret.encode(), hook.body, hashlib.sha256).hexdigest()
    said = hook.headers.get("x-dropbox-signature", "")
    if not app.secret or not hmac.compare_digest(expected.encode(), said.encode()):
        raise BadSignature("This call is not signed by Dropbox.")
    try:
        accounts = list(json.loads(hook.body)["list_folder"]["accounts"])
    except (ValueError, RecursionError, KeyError, TypeError):
        # It is Dropbox's, and says something that we do not know: not to be sent again.
        return Heard()
    return Heard(tuple(dict.fromkeys(one for one in accounts if isinstance(one, str))))
