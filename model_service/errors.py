"""What can go wrong, grouped by what the caller should do.

* TaggingError
  x Skip      this asset can never work           + Unreadable
  x Refuse    the request itself is wrong         + Misconfigured, BadBundle, TooFewExamples
  x Retry     try again later; ``after`` says when  + IndexDown

Every message is one sentence or two that a person without training can act on. ``connector_core.errors``
adds the families that only hosts can cause.
"""

from __future__ import annotations


class TaggingError(Exception):
    """Anything that Propernoun itself reports; its text is meant for people."""


class Skip(TaggingError):
    """This asset can never work as it is: record the reason on it and go on."""


class Unreadable(Skip):
    """The file is no picture that can be read: truncated, empty, mislabelled or far too large."""


class Refuse(TaggingError):
    """The request itself is wrong; repeating it changes nothing."""


class Misconfigured(Refuse):
    """A setting, an option or a missing extra; the text says which and what to write instead."""


class BadBundle(Refuse):
    """A saved model that is damaged, of another format, or bound to another encoder."""


class TooFewExamples(Refuse):
    """Nothing can be learned from so little; the text says what is missing."""


class Retry(TaggingError):
    """Worth trying again, not before ``after`` seconds have passed."""

    def __init__(self, message: str, *, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


class IndexDown(Retry):
    """The server that keeps the vectors does not answer, or answers with an error of its own."""
