"""What every picture format can do for us, and the careful reader they share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from model_service.errors import Skip

MAX_PART = 64 * 2**20
MAX_PARTS = 1_000_000

Span = tuple[int, int]
"""A stretch of a file: offset, count."""


class Unwritable(Skip):
    """Keywords cannot be kept inside this file; the text says why, in words that fit into brackets."""


@dataclass(frozen=True, slots=True)
class Inside:
    """The metadata that a file carries; None where it carries none."""

    xmp: bytes | None = None
    iptc: bytes | None = None
    """the IPTC IIM datasets, without what wraps them"""
    other: bytes | None = None
    """XMP that is read but never changed (the extended part in a JPEG)"""


class Reader:
    """Reads stretches of a file and refuses to leave it. Bounded in size and in number of stretches."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._parts = 0
        self.size = file.seek(0, 2)

    def at(self, offset: int, count: int) -> bytes:
        if offset < 0 or count < 0 or offset + count > self.size:
            raise Unwritable("the file is damaged or ends too early")
        self._parts += 1
        if count > MAX_PART or self._parts > MAX_PARTS:
            raise Unwritable("the file holds far more parts than a picture does")
        self._file.seek(offset)
        found = self._file.read(count)
        if len(found) != count:
            raise Unwritable("the file became shorter while it was read")
        return found


class Format(Protocol):
    """A picture format into which keywords can be written without re-encoding pixels."""

    keeps_iptc: bool
    """true: ``write`` stores ``Inside.iptc`` as well"""

    def matches(self, head: bytes) -> bool:
        """Whether a file that begins like this is of the format."""
        ...

    def read(self, reader: Reader) -> Inside:
        """The metadata inside. Raises Unwritable where the structure is damaged."""
        ...

    def write(self, data: bytes, inside: Inside) -> bytes:
        """The same picture with this metadata; ``other`` is left as it is. Raises Unwritable."""
        ...

    def essence(self, reader: Reader) -> Iterator[bytes | Span]:
        """Everything that ``write`` leaves alone, in a fixed order: what a version is made of. Raises Unwritable."""
        ...
