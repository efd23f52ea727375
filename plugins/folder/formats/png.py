"""PNG: XMP in an iTXt chunk named ``XML:com.adobe.xmp``."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

from plugins.folder.formats.format import Inside, Reader, Span, Unwritable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
NAME = b"XML:com.adobe.xmp\x00"
MAX_TEXT = 16 * 2**20


class Png:
    """Keeps every chunk but the XMP one byte for byte."""

    keeps_iptc = False

    def matches(self, head: bytes) -> bool:
        return head.startswith(SIGNATURE)

    def read(self, reader: Reader) -> Inside:
        packets = [reader.at(start + 8, end - start - 12) for _, start, end, is_xmp in _chunks(reader) if is_xmp]
        if len(packets) > 1:
            raise Unwritable("the file holds two XMP packets, which only one of them may")
        return Inside(xmp=_text(packets[0]) if packets else None)

    def write(self, data: bytes, inside: Inside) -> bytes:
        fresh = b"" if inside.xmp is None else _chunk(b"iTXt", NAME + b"\x00\x00\x00\x00" + inside.xmp)
        chunks = list(_chunks(Reader(io.BytesIO(data))))
        place = next((s for _, s, _, is_xmp in chunks if is_xmp), None)
        if place is None:
            place = next((s for kind, s, _, _ in chunks if kind == b"IDAT"), None)
        if place is None:
            raise Unwritable("the file is a PNG without a picture")
        out = bytearray(SIGNATURE)
        for _, start, end, is_xmp in chunks:
            if start == place:
                out += fresh
            if not is_xmp:
                out += data[start:end]
        return bytes(out) + data[chunks[-1][2] :]

    def essence(self, reader: Reader) -> Iterator[bytes | Span]:
        end = 8
        for _, start, end, is_xmp in _chunks(reader):
            if not is_xmp:
                yield start, end - start
        yield end, reader.size - end


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _chunks(reader: Reader) -> Iterator[tuple[bytes, int, int, bool]]:
    """Kind, start, end and whether it is the XMP, up to the last chunk."""
    offset, kind = 8, b""
    while kind != b"IEND":
        head = reader.at(offset, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if not kind.isalpha() or (offset == 8 and kind != b"IHDR") or offset + 12 + length > reader.size:
            raise Unwritable("the file is a damaged PNG")
        is_xmp = kind == b"iTXt" and length > len(NAME) and reader.at(offset + 8, len(NAME)) == NAME
        yield kind, offset, offset + 12 + length, is_xmp
        offset += 12 + length


def _text(body: bytes) -> bytes:
    rest = body[len(NAME) :]
    compressed, parts = rest[:1], rest[2:].split(b"\x00", 2)
    if len(parts) != 3 or compressed not in (b"\x00", b"\x01"):
        raise Unwritable("the XMP inside the file is damaged")
    if compressed == b"\x00":
        return parts[2]
    try:
        inflate = zlib.decompressobj()
        text = inflate.decompress(parts[2], MAX_TEXT)
    except zlib.error as error:
        raise Unwritable("the XMP inside the file is damaged") from error
    if not inflate.eof:
        raise Unwritable("the XMP inside the file is damaged or far too large")
    return text
