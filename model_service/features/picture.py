"""From a file to a Picture: upright, RGB, small, or one sentence saying why not."""

from __future__ import annotations

import contextlib
import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from PIL import ExifTags, Image, ImageFile

from model_service.errors import Unreadable
from model_service.features.colour import to_srgb
from model_service.features.kinds import HEAD, READABLE, Kind, kind_of
from model_service.types import Picture

LARGEST = 640
"""pixels of the longer side of what is kept"""
LARGEST_FILE = 512_000_000
"""bytes"""
SMALLEST_SIDE = 8
"""pixels: below that nothing can be seen"""
LONGEST = 20
"""times the shorter side: beyond that it is a line, not a picture"""
LARGE = 32_000_000
"""pixels from which on pictures are decoded one at a time, however many threads there are"""

_turn = threading.Lock()

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_DAMAGE = (
    *(OSError, SyntaxError, ValueError, EOFError, RuntimeError, ArithmeticError, LookupError),
    *(TypeError, AttributeError, AssertionError, struct.error, zlib.error, Image.DecompressionBombError),
)
"""what decoders raise on damaged files"""


def read_picture(source: Path | bytes, *, largest: int = LARGEST) -> Picture:
    """The upright RGB rendition of a picture whose longer side has at most ``largest`` pixels.

    The format is decided by content. Of films and documents in one file (GIF, WebP, TIFF) the first picture counts;
    transparency becomes white; wide-gamut and print colours become sRGB; metadata that is damaged is ignored.
    A file that is cut short is refused even if its upper part would decode: half a product is no example of it.
    Memory is bounded (about 1.5 GB for the largest pictures accepted, which take turns); safe on many threads.
    Raises Unreadable with the sentence to show.
    """
    with _opened(source) as file:
        head = file.read(HEAD)
        if not head:
            raise Unreadable("The file is empty (0 bytes): copy or download it again.")
        kind = kind_of(head)
        if kind is None:
            raise Unreadable(f"The file is not a picture that can be read; save it as {READABLE}.")
        file.seek(0)
        _quiet()
        try:
            return _decode(file, kind, largest)
        except MemoryError:
            raise Unreadable("The picture needs more memory than there is: export a smaller one.") from None
        except _DAMAGE as error:
            raise Unreadable(
                f"The file starts like a {kind.name} picture but is damaged or cut short: copy or export it again."
            ) from error


@contextlib.contextmanager
def _opened(source: Path | bytes) -> Iterator[IO[bytes]]:
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > LARGEST_FILE:
            raise Unreadable(
                f"The file has {size / 1e6:,.0f} MB; up to {LARGEST_FILE / 1e6:.0f} are read: export a smaller one."
            )
        file: IO[bytes] = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except FileNotFoundError:
        raise Unreadable("The file is not there any more: it was moved or deleted.") from None
    except IsADirectoryError:
        raise Unreadable("This is a folder, not a picture.") from None
    except PermissionError:
        raise Unreadable("The file may not be opened: allow reading it.") from None
    except OSError as error:
        raise Unreadable(f"The file cannot be opened ({error.strerror}): check the disk or the connection.") from error
    with file:
        yield file


def _decode(file: IO[bytes], kind: Kind, largest: int) -> Picture:
    image = kind.open(file)
    _check(image.size, kind)
    with _turn if image.width * image.height > LARGE else contextlib.nullcontext():
        _load(image, kind, largest)
        profile = image.info.get("icc_profile")
        small = _shrink(_resizable(image), largest)
    if small.mode == "CMYK":
        small = to_srgb(small, profile)
    small = to_srgb(_flat(small), profile if image.mode in ("RGB", "RGBA", "P") else None)
    return np.array(_upright(small, image), dtype=np.uint8)


def _check(size: tuple[int, int], kind: Kind) -> None:
    width, height = size
    if width * height > kind.megapixels * 1_000_000:
        raise Unreadable(
            f"The picture has {width * height / 1e6:,.0f} megapixels; {kind.name} pictures "
            f"of up to {kind.megapixels} are read: export a smaller one."
        )
    if min(size) < SMALLEST_SIDE:
        raise Unreadable(
            f"The picture is {width} x {height} pixels, too small to show anything: "
            f"at least {SMALLEST_SIDE} on each side are needed."
        )
    if max(size) > LONGEST * min(size):
        raise Unreadable(
            f"The picture is {width} x {height} pixels, too narrow to show a product: "
            f"its longer side may be {LONGEST} times the shorter."
        )


def _load(image: ImageFile.ImageFile, kind: Kind, largest: int) -> None:
    """Decode; a JPEG at the smallest of 1/1, 1/2, 1/4 and 1/8 of its size that still has enough pixels."""
    if kind.name == "JPEG":
        image.draft(None, _target(image.size, largest))
    image.load()


def _target(size: tuple[int, int], largest: int) -> tuple[int, int]:
    scale = min(1.0, largest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _resizable(image: Image.Image) -> Image.Image:
    """The image in a mode whose pixels can be averaged: no palette, no 16 bits, no colour that means transparent."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        # No agreed range: what there is becomes black to white.
        values = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0.0, neginf=0.0)
        low, high = float(values.min()), float(values.max())
        return Image.fromarray(((values - low) * (255 / max(high - low, 1e-6))).astype(np.uint8))
    if "transparency" in image.info or image.mode == "PA":
        return image.convert("RGBA")
    return image.convert("RGB") if image.mode in ("P", "1") else image


def _shrink(image: Image.Image, largest: int) -> Image.Image:
    size = _target(image.size, largest)
    return image if size == image.size else image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _flat(image: Image.Image) -> Image.Image:
    """RGB on white paper."""
    if image.mode not in ("RGBA", "LA", "RGBa", "La"):
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
    paper.alpha_composite(image.convert("LA").convert("RGBA") if image.mode == "La" else image.convert("RGBA"))
    return paper.convert("RGB")


def _upright(image: Image.Image, opened: ImageFile.ImageFile) -> Image.Image:
    try:
        turn = _UPRIGHT.get(opened.getexif().get(ExifTags.Base.Orientation, 1))
    except _DAMAGE:
        turn = None
    return image if turn is None else image.transpose(turn)


def _quiet() -> None:
    """Keep Pillow's warnings about odd metadata from people: what matters is said as Unreadable.

    Adds one filter for Pillow's own modules and takes nothing back: ``catch_warnings`` swaps the filters of the
    whole process, which goes wrong when threads do it at once.
    """
    first = warnings.filters[0] if warnings.filters else None
    if first is None or first[0] != "ignore" or getattr(first[3], "pattern", None) != r"PIL\.":
        warnings.filterwarnings("ignore", module=r"PIL\.")
