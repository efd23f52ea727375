"""Look: a picture that a caller sent is tagged and not kept; what was seen on it waits for the caller for an hour."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from connector_core.engine import Engine
from connector_core.errors import Retry
from connector_core.operations.predict import Judged, judge
from connector_core.store.looks import KEPT
from connector_core.store.scope import fresh
from model_service.errors import TaggingError
from model_service.features.extract import Source, extract

log = logging.getLogger(__name__)

LARGEST = 32_000_000
"""bytes of a picture"""
NO_MODEL = "There is no model yet: teach at least two tags, and train."


def hand_in(engine: Engine, tenant: str, write: Callable[[Path], object], look: str = "") -> str:
    """The id under which a picture now waits to be looked at; ``write`` puts its bytes into a file.

    Raises Retry where too many of this tenant wait already.
    """
    look = look or fresh()
    place = inbox(engine, tenant) / look
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        write(place)
        with engine.store.tenant(tenant) as mine:
            mine.looks.add(look)
            mine.later("look", look)
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return look


def look(engine: Engine, tenant: str, look: str) -> None:
    """Look at a picture, tell whoever waits, and throw the picture away. Twice is the same as once."""
    with engine.store.tenant(tenant) as mine:
        is_due = mine.looks.begin(look)
    if is_due:
        started = time.monotonic()
        try:
            found = _see(engine, tenant, look)
        except Retry:
            with engine.store.tenant(tenant) as mine:
                mine.looks.wait(look)  # the sweep has it tried again
            raise
        except TaggingError as error:
            found = str(error)
        with engine.store.tenant(tenant) as mine:
            if isinstance(found, str):
                mine.looks.failed(look, found)
            else:
                reason = "" if found.model else NO_MODEL
                mine.looks.seen(look, {"model": found.model, "predictions": found.rows(mine), "reason": reason})
        log.info("looked at %s, %.3fs", look, time.monotonic() - started)
    (inbox(engine, tenant) / look).unlink(missing_ok=True)
    engine.bell.ring(look)


def forget(engine: Engine, tenant: str) -> None:
    """Throw away results whose time has passed, and pictures that a crash has left."""
    with engine.store.tenant(tenant) as mine:
        past = mine.looks.past()
        mine.looks.drop(past)
    folder = inbox(engine, tenant)
    for place in folder.iterdir() if folder.is_dir() else ():
        if place.name in past or time.time() - place.stat().st_mtime > KEPT:
            place.unlink(missing_ok=True)


def inbox(engine: Engine, tenant: str) -> Path:
    """The folder of pictures that wait to be looked at."""
    return engine.home(tenant) / "inbox"


def _see(engine: Engine, tenant: str, look: str) -> Judged | str:
    """What is on a picture; or why that cannot be said."""
    source, serving = Source(look, inbox(engine, tenant) / look), engine.serving(tenant)
    eyes = engine.eyes(serving)
    if eyes is None:
        return f"The encoder of the model in use, {serving.name}, can no longer be loaded; train a new model."
    (read,) = extract([source], eyes, workers=1)
    if read.features is None:
        return read.reason
    return judge(engine, tenant, {look: read.features}, serving.id)
