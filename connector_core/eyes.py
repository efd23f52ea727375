"""Eyes: encoders of earlier times, loaded once more while their vectors are still needed."""

from __future__ import annotations

import logging
import threading

from model_service.encoders.encoder import Encoder, Fingerprint
from model_service.errors import TaggingError

log = logging.getLogger(__name__)


class Eyes:
    """One earlier encoder at a time: there is one that serves while another takes over."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._id = ""
        self._encoder: Encoder | None = None

    def of(self, used: Fingerprint) -> Encoder | None:
        """The encoder that gives exactly these vectors; None if there is none any more. Tried once a process."""
        with self._turn:
            if self._id != used.id:
                self._id, self._encoder = used.id, _load(used)
            return self._encoder


def _load(used: Fingerprint) -> Encoder | None:
    from model_service.encoders.load import load_encoder

    try:
        found = load_encoder(used.name)
    except TaggingError as error:
        log.warning("the encoder %s (%s) can no longer be loaded: %s", used.name, used.id, error)
        return None
    if found.fingerprint.id != used.id:
        log.warning("the encoder %s is another one now than the one whose vectors are kept (%s)", used.name, used.id)
        return None
    return found
