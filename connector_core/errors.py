"""What hosts add to the errors of ``model_service``, grouped by what the caller should do.

* TaggingError            (model_service.errors)
  x Retry      try again later; ``after`` says when      + RateLimited, PlatformDown, IndexDown
  x Reconnect  the person must authorise again
  x Skip       this asset can never work                 + Unreadable, Gone, ReadOnly
  x Refuse     the request itself is wrong               + Misconfigured, BadBundle, TooFewExamples, StaleCursor,
                                                           BadSignature
"""

from __future__ import annotations

from model_service.errors import Refuse, Skip, TaggingError
from model_service.errors import Retry as Retry


class RateLimited(Retry):
    """The host asks for patience."""


class PlatformDown(Retry):
    """The host does not answer, or answers with an error of its own."""


class Reconnect(TaggingError):
    """The host no longer accepts our authorisation; a person must connect again."""


class Gone(Skip):
    """The asset is no longer there."""


class ReadOnly(Skip):
    """The host lets nobody write to this asset."""


class StaleCursor(Refuse):
    """The host no longer knows this cursor: begin again with the empty one and compare with what is known."""


class BadSignature(Refuse):
    """A call that says it comes from a host, and does not."""
