"""The index of a Multi-Picture JPEG: it counts bytes, so it must follow when metadata grows."""

from __future__ import annotations

import struct

from plugins.folder.formats.format import Unwritable

ENTRIES = 0xB002
ENTRY = 16


def moved(body: bytes, *, grown: int, shifted: int) -> bytes:
    """The same index after the first picture grew by ``grown`` bytes.

    ``shifted`` is by how much the distance from the index to the pictures behind the first one changed.
    ``body`` is the APP2 segment's content, beginning ``MPF``.
    """
    out = bytearray(body)
    tiff = 4
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(bytes(body[tiff : tiff + 4]))
    if order is None:
        raise Unwritable("the index of its several pictures is damaged")
    try:
        (ifd,) = struct.unpack_from(order + "I", body, tiff + 4)
        (count,) = struct.unpack_from(order + "H", body, tiff + ifd)
        for number in range(count):
            tag, _, size, offset = struct.unpack_from(order + "HHII", body, tiff + ifd + 2 + 12 * number)
            if tag == ENTRIES:
                for place in range(tiff + offset, tiff + offset + size - ENTRY + 1, ENTRY):
                    length, start = struct.unpack_from(order + "II", body, place + 4)
                    if start == 0:
                        struct.pack_into(order + "I", out, place + 4, length + grown if length else 0)
                    else:
                        struct.pack_into(order + "I", out, place + 8, start + shifted)
    except struct.error as error:
        raise Unwritable("the index of its several pictures is damaged") from error
    return bytes(out)
