"""JPEG: XMP in an APP1 segment, IPTC in the Photoshop resources of APP13."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from plugins.folder.formats import mpf, photoshop
from plugins.folder.formats.format import Inside, Reader, Span, Unwritable

XMP = b"http://ns.adobe.com/xap/1.0/\x00"
EXTENDED = b"http://ns.adobe.com/xmp/extension/\x00"
PHOTOSHOP = b"Photoshop 3.0\x00"
MPF = b"MPF\x00"
EXIF = b"Exif\x00\x00"
LONGEST = 65533
EXTENDED_HEAD = len(EXTENDED) + 32 + 8

APP0, APP1, APP2, APP13 = 0xE0, 0xE1, 0xE2, 0xED
SOS, EOI = 0xDA, 0xD9
WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker with its content; ``start`` is where it (and what fills the gap before it) begins."""

    marker: int
    start: int
    end: int
    body: bytes

    def is_a(self, marker: int, name: bytes) -> bool:
        return self.marker == marker and self.body.startswith(name)

    @property
    def is_ours_to_change(self) -> bool:
        return self.is_a(APP1, XMP) or self.is_a(APP13, PHOTOSHOP)


class Jpeg:
    """Keeps every segment and the whole of the compressed picture byte for byte."""

    keeps_iptc = True

    def matches(self, head: bytes) -> bool:
        return head.startswith(b"\xff\xd8\xff")

    def read(self, reader: Reader) -> Inside:
        segments, _ = _segments(reader)
        packets = [s.body[len(XMP) :] for s in segments if s.is_a(APP1, XMP)]
        if len(packets) > 1:
            raise Unwritable("the file holds two XMP packets, which only one of them may")
        resources = _resources(segments)
        extended = b"".join(s.body[EXTENDED_HEAD:] for s in segments if s.is_a(APP1, EXTENDED))
        return Inside(
            xmp=packets[0] if packets else None,
            iptc=photoshop.iptc(resources) if resources else None,
            other=extended or None,
        )

    def write(self, data: bytes, inside: Inside) -> bytes:
        segments, tail = _segments(Reader(io.BytesIO(data)))
        resources = _resources(segments)
        renewed = photoshop.with_iptc(resources, inside.iptc)
        if renewed == resources:
            kept = [s for s in segments if not s.is_a(APP1, XMP)]
            fresh = b""
        else:
            kept = [s for s in segments if not s.is_ours_to_change]
            room = LONGEST - len(PHOTOSHOP)
            pieces = (renewed[i : i + room] for i in range(0, len(renewed), room))
            fresh = b"".join(_segment(APP13, PHOTOSHOP + piece) for piece in pieces)
        if inside.xmp is not None:
            fresh = _segment(APP1, XMP + inside.xmp) + fresh
        # Ahead of everything that counts bytes from its own place (the MPF index of phones).
        first = 0
        while first < len(kept) and (kept[first].marker == APP0 or kept[first].is_a(APP1, EXIF)):
            first += 1
        out = bytearray(data[:2])
        moved: list[tuple[int, Segment]] = []
        for number, segment in enumerate(kept):
            if number == first:
                out += fresh
            if segment.is_a(APP2, MPF):
                moved.append((len(out), segment))
            out += data[segment.start : segment.end]
        if first == len(kept):
            out += fresh
        grown = len(out) - tail
        for place, segment in moved:
            body = mpf.moved(segment.body, grown=grown, shifted=grown - (place - segment.start))
            out[place + (segment.end - segment.start) - len(body) : place + segment.end - segment.start] = body
        return bytes(out) + data[tail:]

    def essence(self, reader: Reader) -> Iterator[bytes | Span]:
        segments, tail = _segments(reader)
        for segment in segments:
            # The MPF index only says where the other pictures lie; the pictures themselves are in the tail.
            if not segment.is_ours_to_change and not segment.is_a(APP2, MPF):
                yield segment.start, segment.end - segment.start
        yield tail, reader.size - tail


def _segment(marker: int, body: bytes) -> bytes:
    if len(body) > LONGEST:
        raise Unwritable("a JPEG holds no more than 64 KB of keywords and there is more")
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def _segments(reader: Reader) -> tuple[list[Segment], int]:
    """Everything before the compressed picture, and where that begins."""
    found: list[Segment] = []
    offset = 2
    while True:
        start = offset
        if reader.at(offset, 1) != b"\xff":
            raise Unwritable("the file is a damaged JPEG")
        while (marker := reader.at(offset + 1, 1)[0]) == 0xFF:
            offset += 1
        if marker == SOS:
            return found, start
        if marker in (0x00, EOI):
            raise Unwritable("the file is a JPEG without a picture")
        if marker in WITHOUT_LENGTH:
            offset += 2
            found.append(Segment(marker, start, offset, b""))
            continue
        length = int.from_bytes(reader.at(offset + 2, 2), "big")
        if length < 2:
            raise Unwritable("the file is a damaged JPEG")
        found.append(Segment(marker, start, offset + 2 + length, reader.at(offset + 4, length - 2)))
        offset += 2 + length


def _resources(segments: list[Segment]) -> bytes:
    return b"".join(s.body[len(PHOTOSHOP) :] for s in segments if s.is_a(APP13, PHOTOSHOP))
