"""Which kind of picture a file is, by what it contains: names and extensions lie."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from model_service.features.heic import HeicImageFile

HEAD = 64
"""bytes from the start that suffice to tell"""

READABLE = "JPEG, PNG, WebP, HEIC, TIFF, GIF, AVIF or BMP"


@dataclass(frozen=True, slots=True)
class Kind:
    """A format that can be read."""

    name: str
    """as people write it"""
    open: Callable[[IO[bytes]], ImageFile.ImageFile]
    """reads the header, no pixels"""
    megapixels: int
    """the most that is decoded; what bounds memory is that no kind needs more than about 1.5 GB for its most"""


# Opened by class and not through Image.open: that one asks every plugin, and has a pixel limit of its own
# which would refuse the 200 megapixels of today's phones.
_JPEG = Kind("JPEG", JpegImagePlugin.JpegImageFile, 200)
_PNG = Kind("PNG", PngImagePlugin.PngImageFile, 128)
_GIF = Kind("GIF", GifImagePlugin.GifImageFile, 128)
_WEBP = Kind("WebP", WebPImagePlugin.WebPImageFile, 64)
_TIFF = Kind("TIFF", TiffImagePlugin.TiffImageFile, 128)
_BMP = Kind("BMP", BmpImagePlugin.BmpImageFile, 128)
_AVIF = Kind("AVIF", AvifImagePlugin.AvifImageFile, 64)
_HEIC = Kind("HEIC", HeicImageFile, 64)


def kind_of(head: bytes) -> Kind | None:
    """The kind of a file that starts with these bytes (``HEAD`` of them are enough), None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _WEBP
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return _TIFF
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return _BMP
    if head[4:8] == b"ftyp":
        return _box(head)
    return None


def _box(head: bytes) -> Kind | None:
    """HEIC and AVIF share their container with films: the brands in its first box tell them apart."""
    size = int.from_bytes(head[:4], "big")
    stream = io.BytesIO(head[8:size])
    brands = {stream.read(4) for _ in range(HEAD // 4)}
    if brands & {b"avif", b"avis"}:
        return _AVIF
    if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}:
        return _HEIC
    return None
