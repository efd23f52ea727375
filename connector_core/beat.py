"""A sign of life from work that takes long: others take over what falls silent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)


@contextmanager
def beating(beat: Callable[[], None], every: float) -> Iterator[None]:
    """Call ``beat`` every so many seconds, on a thread, until the work within has ended."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(every):
            try:
                beat()
            except Exception:
                # The work itself will say what is wrong; a beat that was missed costs nothing yet.
                log.exception("a sign of life was not heard")

    thread = threading.Thread(target=run, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
