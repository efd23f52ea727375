"""Cursors: where a page ended, as a text that callers hand back and need not understand."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from model_service.errors import Refuse


def pack(*key: str | float) -> str:
    """A cursor that goes on after this key."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def unpack(cursor: str, kinds: Sequence[type]) -> tuple[Any, ...] | None:
    """The key after which to go on; None at the beginning. Raises Refuse for a cursor that is none of ours."""
    if not cursor:
        return None
    try:
        key = json.loads(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise Refuse("This cursor is none of ours; begin again without one.") from error
    fits = isinstance(key, list) and [type(part) for part in key] == list(kinds)
    if not fits or any(isinstance(part, str) and ("\0" in part or not part.isprintable()) for part in key):
        raise Refuse("This cursor is none of ours; begin again without one.")
    return tuple(key)
