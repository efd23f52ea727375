"""Thumbnails as Dropbox makes them: of some kinds of picture, up to 20 MB, never larger than the picture itself."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable

from PIL import Image, ImageOps

from tests.twins.dropbox.refusals import conflict

ENDINGS = frozenset({"jpg", "jpeg", "png", "tiff", "tif", "gif", "webp", "ppm", "bmp"})
LARGEST = 20 * 2**20


def thumbnail(path: str, hash: str, data: Callable[[], bytes], form: str, size: str, mode: str) -> bytes:
    """The bytes of a thumbnail. Raises Refused."""
    if path.rsplit(".", 1)[-1].lower() not in ENDINGS:
        raise conflict("unsupported_extension")
    found = _Source(hash, data())
    if len(found.data) > LARGEST:
        raise conflict("unsupported_image")
    made = _made(found, form, size, mode)
    if made is None:
        raise conflict("conversion_error")
    return made


class _Source:
    """Bytes that are known by their hash."""

    def __init__(self, hash: str, data: bytes) -> None:
        self.hash, self.data = hash, data

    def __hash__(self) -> int:
        return hash(self.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and other.hash == self.hash


@functools.lru_cache(maxsize=256)
def _made(source: _Source, form: str, size: str, mode: str) -> bytes | None:
    width, height = (int(one) for one in re.fullmatch(r"w(\d+)h(\d+)", size).groups())  # type: ignore[union-attr]
    try:
        with Image.open(io.BytesIO(source.data)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError):
        return None
    if mode != "strict" and (picture.width > picture.height) != (width > height):
        width, height = height, width
    pick = max if mode == "fitone_bestfit" else min
    share = min(1.0, pick(width / picture.width, height / picture.height))
    if share < 1:
        picture = picture.resize((max(1, round(picture.width * share)), max(1, round(picture.height * share))))
    out = io.BytesIO()
    picture.save(out, form.upper(), quality=80)
    return out.getvalue()
