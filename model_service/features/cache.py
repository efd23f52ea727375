"""Features kept on disk by content, so that training again on the same pictures needs no pixel."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import tempfile
import zlib
from pathlib import Path

import numpy as np

from model_service.types import Vectors

log = logging.getLogger(__name__)


def content_hash(source: Path | bytes, *, most: int) -> str:
    """SHA-256 of the bytes, in hexadecimal; empty for more than ``most`` bytes and for what cannot be opened."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest() if len(source) <= most else ""
    try:
        if source.stat().st_size > most:
            return ""
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


class Cache:
    """Vectors of pictures in a folder: one small file each (NumPy's format and a checksum), no pickle.

    ``kind`` names everything else that the vectors depend on: encoder, grid, size. Any number of processes may share
    a folder. An entry that is damaged counts as missing; a disk that is full or read-only only makes it forgetful.
    """

    def __init__(self, folder: Path, kind: str, shape: tuple[int, int]) -> None:
        self._folder = folder / kind
        self._shape = shape
        self._told = False

    def get(self, content: str) -> Vectors | None:
        """The vectors of the picture with this content hash, float32 of the shape expected, or None."""
        try:
            stored = self._path(content).read_bytes()
            if zlib.crc32(stored[:-4]) != int.from_bytes(stored[-4:], "little"):
                return None
            vectors = np.load(io.BytesIO(stored[:-4]), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return vectors if vectors.shape == self._shape and vectors.dtype == np.float32 else None

    def put(self, content: str, vectors: Vectors) -> None:
        """Keep the vectors: whole or not at all, replacing what was there."""
        stream = io.BytesIO()
        np.save(stream, np.ascontiguousarray(vectors, dtype=np.float32), allow_pickle=False)
        stored = stream.getvalue()
        path = self._path(content)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, stored + zlib.crc32(stored).to_bytes(4, "little"))
        except OSError as error:
            if not self._told:
                log.warning("features cannot be kept in %s (%s): next time they are computed again", path.parent, error)
            self._told = True

    def drop(self, content: str) -> None:
        """Forget one picture: erasing a photo erases what was computed from it."""
        self._path(content).unlink(missing_ok=True)

    def _path(self, content: str) -> Path:
        # 256 folders: a hundred thousand entries in one would be slow on some disks.
        return self._folder / content[:2] / f"{content[2:]}.npy"


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
