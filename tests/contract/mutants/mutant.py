"""One planted bug, and the promise that it breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plugins.dropbox.connector import Dropbox


@dataclass(frozen=True, slots=True)
class Mutant:
    """A connector with a bug."""

    bug: str
    """as the docs list it"""
    connector: type[Dropbox]
    caught_by: str
    """a test of the suite"""
    given: Mapping[str, object] = field(default_factory=dict)
    """what the test is called with besides the platform"""
