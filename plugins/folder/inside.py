"""Keywords inside a picture file, read and written whole, pixels untouched."""

from __future__ import annotations

import io
import os
from collections.abc import Set
from pathlib import Path

from connector_core.errors import ReadOnly
from connector_core.types import Tag
from plugins.folder import disk
from plugins.folder.formats import Format, Inside, Reader, Unwritable, recognise
from plugins.folder.iptc import Iptc
from plugins.folder.ledger import Ledger
from plugins.folder.properties import Properties
from plugins.folder.version import version_of

MAX_FILE = 256 * 2**20


class Picture:
    """One file, as it was when it was opened. Raises Unwritable where keywords cannot be kept inside."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with disk.opened(path) as file:
            self._seen = os.fstat(file.fileno())
            if self._seen.st_size > MAX_FILE:
                raise Unwritable("the file is larger than 256 MB")
            self._data = file.read(MAX_FILE + 1)
        self._format, found = _read(self._data)
        self._inside = found
        # Keywords that are in the part we never change would be hidden by a second list.
        if found.other is not None and b":subject" in found.other:
            raise Unwritable("the XMP inside the file continues in an extension, which is left alone")
        self._xmp = Properties(found.xmp)
        self._iptc = Iptc(found.iptc)
        self.ledger = Ledger(self._xmp, self._iptc if self._format.keeps_iptc else None, elsewhere=self._iptc.words)

    @property
    def remark(self) -> str:
        """What a person should know about where the keywords are; empty if they are where one expects them."""
        if self._format.keeps_iptc and not self._iptc.can_be_written:
            return " (XMP only: the IPTC words inside are in another encoding and were left alone)"
        return ""

    def retag(self, add: Set[Tag], remove: Set[Tag]) -> tuple[str, os.stat_result] | None:
        """Write the file anew; its version and its new state, or None where all was as asked.

        Raises Unwritable, and then nothing was written.
        """
        if not self.ledger.retag(add, remove):
            return None
        if not disk.may_write(self.path):
            raise Unwritable("the file is write-protected")
        iptc = self._iptc.data() if self._format.keeps_iptc else self._inside.iptc
        before = version_of(self._data)
        data = self._write(iptc)
        if version_of(data) != before:
            raise Unwritable("the file is built in a way that could not be kept exactly")
        return before, disk.replace(self.path, data, seen=self._seen)

    def _write(self, iptc: bytes | None) -> bytes:
        if self._xmp.is_empty:
            return self._format.write(self._data, Inside(None, iptc))
        try:
            return self._format.write(self._data, Inside(self._xmp.data(), iptc))
        except Unwritable:
            # Where room is short, the padding is what can go.
            return self._format.write(self._data, Inside(self._xmp.data(padding=0), iptc))


def holds_ours(path: Path) -> bool:
    """Whether we have written inside this file before."""
    try:
        return Picture(path).ledger.is_ours
    except Unwritable:
        return False


def protected(path: Path) -> ReadOnly:
    """The error for a file that has our keywords inside and lets us no longer change them."""
    return ReadOnly(f"{path.name} holds our keywords and is write-protected; allow writing and try again.")


def _read(data: bytes) -> tuple[Format, Inside]:
    reader = Reader(io.BytesIO(data))
    known = recognise(reader)
    if known is None:
        raise Unwritable("nothing is written into files of this kind")
    return known, known.read(reader)
