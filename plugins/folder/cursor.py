"""Where a reader of a folder's changes stands, as the short text that it keeps for us."""

from __future__ import annotations

import re
from dataclasses import dataclass

from connector_core.errors import StaleCursor

SHAPE = re.compile(r"([0-9a-f]{12})\.(\d{1,18})(?:\.(\d{1,18})\.(\d{1,18}))?")


@dataclass(frozen=True, slots=True)
class Cursor:
    """All changes up to ``seq`` are known. ``step`` counts the pages of a walk under way, 0 between two walks."""

    memory: str
    seq: int = 0
    removals_after: int = 0
    """older removals are no news: this walk began from nothing"""
    step: int = 0

    @classmethod
    def parse(cls, text: str, memory: str) -> Cursor:
        """Raises StaleCursor where the text is none of ours, or of a memory that is gone."""
        found = SHAPE.fullmatch(text)
        if found is None or found[1] != memory:
            raise StaleCursor(
                "What was seen in this folder before is no longer known; its pictures are listed again from the start."
            )
        return cls(memory, int(found[2]), int(found[3] or 0), int(found[4] or 0))

    def __str__(self) -> str:
        return f"{self.memory}.{self.seq}" + (f".{self.removals_after}.{self.step}" if self.step else "")
