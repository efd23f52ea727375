"""The version of a file: a hash of everything in it but the metadata that we may write."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from plugins.folder.formats import Reader, Unwritable, recognise
from plugins.folder.formats.format import Span

BLOCK = 2**20


def version(file: BinaryIO) -> str:
    """32 hexadecimal digits. A file whose structure cannot be followed is hashed as a whole. Bounded memory."""
    digest = hashlib.blake2b(digest_size=16)
    for piece in _essence(file):
        if isinstance(piece, bytes):
            digest.update(piece)
            continue
        offset, left = piece
        file.seek(offset)
        while left > 0 and (block := file.read(min(BLOCK, left))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def version_of(data: bytes) -> str:
    """The same for bytes in memory."""
    return version(io.BytesIO(data))


def _essence(file: BinaryIO) -> list[bytes | Span]:
    reader = Reader(file)
    known = recognise(reader)
    if known is None:
        return [(0, reader.size)]
    try:
        return list(_joined(known.essence(reader)))
    except Unwritable:
        return [(0, reader.size)]


def _joined(pieces: Iterator[bytes | Span]) -> Iterator[bytes | Span]:
    """Neighbouring stretches as one."""
    last: Span | None = None
    for piece in pieces:
        if last is not None and not isinstance(piece, bytes) and last[0] + last[1] == piece[0]:
            last = (last[0], last[1] + piece[1])
            continue
        if last is not None:
            yield last
            last = None
        if isinstance(piece, bytes):
            yield piece
        else:
            last = piece
    if last is not None:
        yield last
