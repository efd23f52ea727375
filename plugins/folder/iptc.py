"""IPTC IIM datasets: the older list of keywords, which some programs still read first."""

from __future__ import annotations

from collections.abc import Iterable

from plugins.folder.formats import Unwritable
from plugins.folder.properties import key

KEYWORD, VERSION, CHARSET = (2, 25), (2, 0), (1, 90)
UTF8 = b"\x1b%G"
LONGEST = 64
"""bytes of a keyword, by the standard"""


def cut(word: str) -> str:
    """The word as IPTC can hold it: no more than 64 bytes, never half a letter."""
    return word.encode()[:LONGEST].decode(errors="ignore").strip()


class Iptc:
    """The datasets of one picture. Text in an encoding that it does not declare is never rewritten."""

    def __init__(self, data: bytes | None = None) -> None:
        self._data = data
        self._is_changed = False
        self._sets = _parse(data or b"")
        declared = b"".join(value for name, value in self._sets if name == CHARSET)
        texts = [value for name, value in self._sets if name[0] == 2 and name != VERSION]
        self.can_be_written = declared == UTF8 or (not declared and all(_is_utf8(text) for text in texts))
        """false: other people's words are in an encoding that ours would spoil"""

    @property
    def words(self) -> list[str]:
        return [value.decode("utf-8", "replace").strip("\x00 ") for name, value in self._sets if name == KEYWORD]

    def add(self, words: Iterable[str]) -> None:
        fresh = [(KEYWORD, word.encode()) for word in words]
        if not fresh:
            return
        self._is_changed = True
        names = [name for name, _ in self._sets]
        if CHARSET not in names:
            self._sets.insert(0, (CHARSET, UTF8))
        if VERSION not in names:
            self._sets.insert(sum(name[0] < 2 for name, _ in self._sets), (VERSION, b"\x00\x04"))
        last = max((i for i, (name, _) in enumerate(self._sets) if name <= KEYWORD), default=-1)
        self._sets[last + 1 : last + 1] = fresh

    def discard(self, words: Iterable[str]) -> None:
        doomed = {key(word) for word in words}
        kept = [
            (name, value)
            for name, value in self._sets
            if name != KEYWORD or key(value.decode("utf-8", "replace").strip("\x00 ")) not in doomed
        ]
        self._is_changed |= len(kept) != len(self._sets)
        self._sets = kept

    def data(self) -> bytes | None:
        """The datasets, or None where nothing is said any more."""
        if not self._is_changed:
            return self._data
        if all(name in (CHARSET, VERSION) for name, _ in self._sets):
            return None
        return b"".join(_dataset(name, value) for name, value in self._sets)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _dataset(name: tuple[int, int], value: bytes) -> bytes:
    size = len(value).to_bytes(2, "big") if len(value) < 0x8000 else b"\x80\x04" + len(value).to_bytes(4, "big")
    return b"\x1c" + bytes(name) + size + value


def _parse(data: bytes) -> list[tuple[tuple[int, int], bytes]]:
    found = []
    offset = 0
    while offset + 5 <= len(data) and data[offset] == 0x1C:
        name = (data[offset + 1], data[offset + 2])
        size = int.from_bytes(data[offset + 3 : offset + 5], "big")
        offset += 5
        if size & 0x8000:
            width = size & 0x7FFF
            if width > 4:
                raise Unwritable("its IPTC keywords are damaged")
            size = int.from_bytes(data[offset : offset + width], "big")
            offset += width
        if offset + size > len(data):
            raise Unwritable("its IPTC keywords are damaged")
        found.append((name, data[offset : offset + size]))
        offset += size
    if data[offset:].strip(b"\x00"):
        raise Unwritable("its IPTC keywords are damaged")
    return found
