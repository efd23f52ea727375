"""TIFF: XMP in tag 700 of the first directory. Nothing that is there moves; what grows is appended."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from plugins.folder.formats.format import Inside, Reader, Span, Unwritable

XMP, IPTC = 700, 33723
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
DIRECTORIES = frozenset({330, 34665, 34853, 40965})
DATA = {273: 279, 324: 325, 513: 514}
"""tags that point at picture data → the tags that say how much of it"""
MAX_DIRECTORIES = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of a directory; ``raw`` are its twelve bytes, ``place`` where its value lies."""

    tag: int
    kind: int
    count: int
    raw: bytes
    place: int

    @property
    def size(self) -> int:
        return SIZES.get(self.kind, 1) * self.count


class Tiff:
    """Classic TIFF in both byte orders; a BigTIFF gets a sidecar."""

    keeps_iptc = False

    def matches(self, head: bytes) -> bool:
        return head[:4] in (b"II*\x00", b"MM\x00*")

    def read(self, reader: Reader) -> Inside:
        order, first = _header(reader)
        entries, _ = _directory(reader, order, first)
        found = {e.tag: reader.at(e.place, e.size) for e in entries if e.tag in (XMP, IPTC)}
        return Inside(xmp=found.get(XMP), iptc=found.get(IPTC))

    def write(self, data: bytes, inside: Inside) -> bytes:
        reader = Reader(io.BytesIO(data))
        order, first = _header(reader)
        entries, following = _directory(reader, order, first)
        old = next((e for e in entries if e.tag == XMP), None)
        out = bytearray(data)
        if old is not None and old.size > 4:
            # What no tag leads to any more should not be found by searching the bytes either.
            out[old.place : old.place + old.size] = bytes(old.size)
        if inside.xmp is None:
            rest = b"".join(e.raw for e in entries if e.tag != XMP)
            directory = struct.pack(order + "H", len(rest) // 12) + rest + struct.pack(order + "I", following)
            out[first : first + len(directory)] = directory
            return bytes(out[: old.place]) if old and old.size > 4 and old.place + old.size == len(out) else bytes(out)
        if old is not None and 4 < len(inside.xmp) <= old.size:
            end = inside.xmp.rfind(b"<?xpacket end=")
            padding = b" " * (old.size - len(inside.xmp))
            out[old.place : old.place + old.size] = inside.xmp[:end] + padding + inside.xmp[end:]
            return bytes(out)
        if old is not None and old.size > 4 and old.place + old.size == len(out):
            del out[old.place :]
        out += b"\x00" * (len(out) % 2)
        entry = struct.pack(order + "HHII", XMP, 1, len(inside.xmp), len(out))
        out += inside.xmp + b"\x00" * (len(inside.xmp) % 2)
        fields = sorted([(e.tag, e.raw) for e in entries if e.tag != XMP] + [(XMP, entry)])
        directory = struct.pack(order + "H", len(fields)) + b"".join(raw for _, raw in fields)
        directory += struct.pack(order + "I", following)
        if old is not None:
            out[first : first + len(directory)] = directory
        else:
            struct.pack_into(order + "I", out, 4, len(out))
            out += directory
        if len(out) >= 2**32:
            raise Unwritable("a TIFF ends at 4 GB and this one is full")
        return bytes(out)

    def essence(self, reader: Reader) -> Iterator[bytes | Span]:
        order, first = _header(reader)
        todo, seen = [first], set[int]()
        while todo:
            offset = todo.pop()
            if offset in seen or len(seen) > MAX_DIRECTORIES:
                raise Unwritable("the directories of the TIFF run in a circle")
            seen.add(offset)
            entries, following = _directory(reader, order, offset)
            by_tag = {e.tag: e for e in entries}
            if following:
                todo.append(following)
            for entry in entries:
                if entry.tag == XMP and offset == first:
                    continue
                if entry.tag in DIRECTORIES:
                    yield entry.raw[:8]
                    todo.extend(reversed(_numbers(reader, order, entry)))
                elif entry.tag in DATA and DATA[entry.tag] in by_tag:
                    yield entry.raw[:8]
                    starts = _numbers(reader, order, entry)
                    counts = _numbers(reader, order, by_tag[DATA[entry.tag]])
                    if len(starts) != len(counts):
                        raise Unwritable("the file is a damaged TIFF")
                    yield from zip(starts, counts, strict=True)
                else:
                    yield entry.raw[:8] + reader.at(entry.place, entry.size)


def _header(reader: Reader) -> tuple[str, int]:
    head = reader.at(0, 8)
    order = "<" if head[:2] == b"II" else ">"
    (first,) = struct.unpack_from(order + "I", head, 4)
    return order, first


def _directory(reader: Reader, order: str, offset: int) -> tuple[list[Entry], int]:
    """The fields of one directory and where the next one lies, 0 if there is none."""
    (count,) = struct.unpack(order + "H", reader.at(offset, 2))
    table = reader.at(offset + 2, 12 * count + 4)
    if not count:
        raise Unwritable("the file is a damaged TIFF")
    found = []
    for number in range(count):
        raw = table[12 * number : 12 * number + 12]
        tag, kind, length, value = struct.unpack(order + "HHII", raw)
        is_inline = SIZES.get(kind, 1) * length <= 4
        found.append(Entry(tag, kind, length, raw, offset + 2 + 12 * number + 8 if is_inline else value))
    (following,) = struct.unpack(order + "I", table[-4:])
    return found, following


def _numbers(reader: Reader, order: str, entry: Entry) -> list[int]:
    if entry.kind not in (3, 4, 13):
        raise Unwritable("the file is a damaged TIFF")
    letter = "H" if entry.kind == 3 else "I"
    return list(struct.unpack(f"{order}{entry.count}{letter}", reader.at(entry.place, entry.size)))
