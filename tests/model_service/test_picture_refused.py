"""What read_picture refuses, and the sentence it gives."""

from __future__ import annotations

import os
import re
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from model_service.errors import Unreadable
from model_service.features.picture import LARGEST_FILE, read_picture
from tests.model_service.picture_samples import HEIC_HELD_SIDEWAYS, drawing, saved

JARGON = re.compile(r"PIL|Pillow|Error|Traceback|IFD|codec|decoder|tile|0x|<|None|\bNaN\b")


def refusal(source: Path | bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_picture(source)
    sentence = str(caught.value)
    assert sentence[0].isupper() and sentence.endswith(".") and len(sentence) < 160
    assert not JARGON.search(sentence), sentence
    return sentence


def declared(width: int, height: int) -> bytes:
    """A PNG of a few bytes that declares any size."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_an_empty_file_is_refused() -> None:
    assert "empty" in refusal(b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_that_is_cut_short_is_refused(form: str, share: float) -> None:
    whole = saved(drawing(200, 150), form)
    assert "cut short" in refusal(whole[: int(len(whole) * share)])


def test_a_jpeg_is_refused_even_if_only_its_last_bytes_are_missing() -> None:
    assert "cut short" in refusal(saved(drawing(), "JPEG")[:-2])


def test_a_heic_photo_that_is_cut_short_is_refused() -> None:
    assert "cut short" in refusal(HEIC_HELD_SIDEWAYS[:-100])


@pytest.mark.parametrize(
    "content",
    [
        b"Dear customer,\n",
        b"%PDF-1.7 ...",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0" * 50,
        b"PK\3\4",
        b"BMW is a car",
        b"II",
        b"\0",
    ],
)
def test_what_is_no_picture_is_refused_whatever_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "photo.jpg").write_bytes(content)
    assert "not a picture" in refusal(tmp_path / "photo.jpg")


def test_formats_outside_the_list_are_refused() -> None:
    assert "not a picture" in refusal(saved(drawing(), "PPM"))
    assert "not a picture" in refusal(saved(drawing(), "EPS"))


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7)])
def test_a_picture_that_shows_nothing_is_refused(size: tuple[int, int]) -> None:
    assert "too small" in refusal(saved(Image.new("RGB", size), "PNG"))


@pytest.mark.parametrize("size", [(2000, 90), (90, 2000)])
def test_a_line_is_refused(size: tuple[int, int]) -> None:
    assert "too narrow" in refusal(saved(Image.new("RGB", size), "PNG"))


@pytest.mark.parametrize("size", [(30_000, 30_000), (65_000, 65_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_of_far_too_many_pixels_is_refused_by_its_header(size: tuple[int, int]) -> None:
    assert "megapixels" in refusal(declared(*size))


def test_a_jpeg_of_900_megapixels_is_refused_by_its_header() -> None:
    small = saved(drawing(), "JPEG")
    at = small.index(b"\xff\xc0") + 5
    assert "900 megapixels" in refusal(small[:at] + struct.pack(">HH", 30_000, 30_000) + small[at + 4 :])


def test_a_header_that_promises_more_than_there_is_is_refused() -> None:
    assert "cut short" in refusal(declared(8000, 8000))


def test_a_file_of_more_than_512_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.tif"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    assert "up to 512 are read" in refusal(path)


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    assert "moved or deleted" in refusal(tmp_path / "gone.jpg")
    assert "folder" in refusal(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(saved(drawing(), "JPEG"))
    path.chmod(0)
    assert "allow reading" in refusal(path)
