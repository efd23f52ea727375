"""Thumbnails of a page: small, bounded in number, written into it as data URIs."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageOps

from model_service.types import WHOLE, Box

LARGE, SMALL = 280, 120
"""Longest sides in pixels: a picture to look at, and one beside it."""


class Pictures:
    """Hands out at most ``limit`` pictures; after that, and for what cannot be read, an empty string."""

    def __init__(self, thumbnail: Callable[[str], bytes | None] | None, limit: int) -> None:
        self._thumbnail = thumbnail
        self._left = limit

    def __call__(self, asset: str, side: int = LARGE, box: Box = WHOLE) -> str:
        """A data URI of the asset, with the box drawn into it unless that is the whole picture."""
        if self._thumbnail is None or not asset or self._left <= 0:
            return ""
        data = self._thumbnail(asset)
        small = _shrunk(data, side, box) if data else b""
        if not small:
            return ""
        self._left -= 1
        return "data:image/jpeg;base64," + base64.b64encode(small).decode("ascii")


def _shrunk(data: bytes, side: int, box: Box) -> bytes:
    try:
        with Image.open(BytesIO(data)) as opened:
            opened.draft("RGB", (side * 2, side * 2))
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b""  # the page then shows a placeholder with the name
    picture.thumbnail((side, side))
    if box != WHOLE:
        _outline(picture, box)
    out = BytesIO()
    picture.save(out, "JPEG", quality=74, optimize=True)
    return out.getvalue()


def _outline(picture: Image.Image, box: Box) -> None:
    width, height = picture.size
    left, top = box.x * width, box.y * height
    right, bottom = left + box.width * width - 1, top + box.height * height - 1
    draw = ImageDraw.Draw(picture)
    # Dark around light: visible on any picture.
    draw.rectangle((left, top, max(left, right), max(top, bottom)), outline="#111111", width=4)
    draw.rectangle((left + 1, top + 1, max(left + 1, right - 1), max(top + 1, bottom - 1)), outline="#ffffff", width=2)
