"""GIF: XMP in an application extension, followed by Adobe's landing strip."""

from __future__ import annotations

import io
from collections.abc import Iterator

from plugins.folder.formats.format import Inside, Reader, Span, Unwritable

XMP = b"\x21\xff\x0bXMP DataXMP"
# Whatever byte of the text a reader takes for a length, it lands here and is led to the closing zero.
STRIP = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"

Block = tuple[str, int, int]
"""``xmp``, ``early`` (an extension that must stay first) or ``picture``; start, end"""


class Gif:
    """Keeps every frame and every other extension byte for byte."""

    keeps_iptc = False

    def matches(self, head: bytes) -> bool:
        return head[:6] in (b"GIF87a", b"GIF89a")

    def read(self, reader: Reader) -> Inside:
        packets = [reader.at(start, end - start) for kind, start, end in _blocks(reader) if kind == "xmp"]
        if len(packets) > 1:
            raise Unwritable("the file holds two XMP packets, which only one of them may")
        if packets and not packets[0].endswith(STRIP):
            raise Unwritable("the XMP inside the file is damaged")
        return Inside(xmp=packets[0][len(XMP) : -len(STRIP)] if packets else None)

    def write(self, data: bytes, inside: Inside) -> bytes:
        blocks = list(_blocks(Reader(io.BytesIO(data))))
        place = next((start for kind, start, _ in blocks if kind == "picture"), None)
        if place is None:
            raise Unwritable("the file is a GIF without a picture")
        if inside.xmp is not None and b"\x00" in inside.xmp:
            raise Unwritable("the XMP inside the file is damaged")
        out = bytearray(data[: blocks[0][1]])
        # Extensions came with the later of the two versions, which takes in all of the earlier one.
        out[:6] = b"GIF89a"
        for kind, start, end in blocks:
            if start == place and inside.xmp is not None:
                out += XMP + inside.xmp + STRIP
            if kind != "xmp":
                out += data[start:end]
        return bytes(out) + data[blocks[-1][2] :]

    def essence(self, reader: Reader) -> Iterator[bytes | Span]:
        blocks = list(_blocks(reader))
        yield 6, blocks[0][1] - 6
        for kind, start, end in blocks:
            if kind != "xmp":
                yield start, end - start
        yield blocks[-1][2], reader.size - blocks[-1][2]


def _blocks(reader: Reader) -> Iterator[Block]:
    """Every block behind the header, without the closing one."""
    offset = 13 + _colours(reader.at(10, 1)[0])
    seen = False
    while (kind := reader.at(offset, 1)) != b"\x3b":
        start = offset
        if kind == b"\x21":
            label = reader.at(offset + 1, 1)[0]
            is_xmp = label == 0xFF and offset + len(XMP) <= reader.size and reader.at(offset, len(XMP)) == XMP
            offset = _behind(reader, offset + 2)
            name = "xmp" if is_xmp else "picture" if label in (0xF9, 0x01) else "early"
        elif kind == b"\x2c":
            offset = _behind(reader, offset + 11 + _colours(reader.at(offset + 9, 1)[0]))
            name = "picture"
        else:
            raise Unwritable("the file is a damaged GIF")
        seen = True
        yield name, start, offset
    if not seen:
        raise Unwritable("the file is a GIF without a picture")


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind(reader: Reader, offset: int) -> int:
    while size := reader.at(offset, 1)[0]:
        offset += 1 + size
    return offset + 1
