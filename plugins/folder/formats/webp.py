"""WebP: XMP in a RIFF chunk, announced by a flag of the extended header."""

from __future__ import annotations

import io
from collections.abc import Iterator

from plugins.folder.formats.format import Inside, Reader, Span, Unwritable

XMP, EXTENDED = b"XMP ", b"VP8X"
HAS_XMP, HAS_ALPHA = 0x04, 0x10


class Webp:
    """Keeps the picture chunks byte for byte; a simple file gets the extended header that XMP asks for."""

    keeps_iptc = False

    def matches(self, head: bytes) -> bool:
        return head[:4] == b"RIFF" and head[8:12] == b"WEBP"

    def read(self, reader: Reader) -> Inside:
        packets = [reader.at(start + 8, size) for kind, start, size in _chunks(reader) if kind == XMP]
        if len(packets) > 1:
            raise Unwritable("the file holds two XMP packets, which only one of them may")
        return Inside(xmp=packets[0] if packets else None)

    def write(self, data: bytes, inside: Inside) -> bytes:
        reader = Reader(io.BytesIO(data))
        chunks = list(_chunks(reader))
        body = bytearray()
        if not any(kind == EXTENDED for kind, _, _ in chunks) and inside.xmp is not None:
            body += _chunk(EXTENDED, _extended(reader, chunks))
        for kind, start, size in chunks:
            if kind == EXTENDED:
                header = bytearray(data[start + 8 : start + 8 + size])
                header[0] = header[0] | HAS_XMP if inside.xmp is not None else header[0] & ~HAS_XMP
                body += _chunk(EXTENDED, bytes(header))
            elif kind != XMP:
                body += _chunk(kind, data[start + 8 : start + 8 + size])
        if inside.xmp is not None:
            body += _chunk(XMP, inside.xmp)
        return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + bytes(body) + data[_end(reader) :]

    def essence(self, reader: Reader) -> Iterator[bytes | Span]:
        for kind, start, size in _chunks(reader):
            if kind not in (XMP, EXTENDED):
                yield start, 8 + size
        end = _end(reader)
        yield end, reader.size - end


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\x00" * (len(body) % 2)


def _end(reader: Reader) -> int:
    size = int.from_bytes(reader.at(4, 4), "little")
    return min(8 + size + size % 2, reader.size)


def _chunks(reader: Reader) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and size of the content."""
    offset, end = 12, 8 + int.from_bytes(reader.at(4, 4), "little")
    if end > reader.size or end < 20:
        raise Unwritable("the file is a damaged WebP")
    while offset < end:
        head = reader.at(offset, 8)
        size = int.from_bytes(head[4:], "little")
        if offset + 8 + size > end:
            raise Unwritable("the file is a damaged WebP")
        if head[:4] == EXTENDED and size < 10:
            raise Unwritable("the file is a damaged WebP")
        yield head[:4], offset, size
        offset += 8 + size + size % 2


def _extended(reader: Reader, chunks: list[tuple[bytes, int, int]]) -> bytes:
    """The extended header of a simple file, its width and height read from the picture's own."""
    kind, start, size = chunks[0]
    head = reader.at(start + 8, min(10, size))
    if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width = int.from_bytes(head[6:8], "little") & 0x3FFF
        height = int.from_bytes(head[8:10], "little") & 0x3FFF
        flags = HAS_XMP
    elif kind == b"VP8L" and head[:1] == b"\x2f" and len(head) >= 5:
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = HAS_XMP | (HAS_ALPHA if bits >> 28 & 1 else 0)
    else:
        raise Unwritable("the file is a WebP of an unknown kind")
    if not width or not height:
        raise Unwritable("the file is a damaged WebP")
    return bytes((flags, 0, 0, 0)) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
