"""What read_picture makes of good files."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from model_service.features.picture import read_picture
from tests.model_service.picture_samples import (
    HEIC_HELD_SIDEWAYS,
    HEIC_WITH_DAMAGED_METADATA,
    UPRIGHT,
    corners,
    drawing,
    saved,
    turned,
)

FORMATS: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: saved(drawing(), "JPEG", quality=95),
    "progressive jpeg": lambda: saved(drawing(), "JPEG", quality=95, progressive=True),
    "cmyk jpeg": lambda: saved(drawing().convert("CMYK"), "JPEG", quality=95),
    "png": lambda: saved(drawing(), "PNG"),
    "palette png": lambda: saved(drawing().quantize(8), "PNG"),
    "webp": lambda: saved(drawing(), "WEBP", quality=95),
    "animated webp": lambda: saved(drawing(), "WEBP", save_all=True, append_images=[Image.new("RGB", (64, 48))]),
    "gif": lambda: saved(drawing(), "GIF"),
    "animated gif": lambda: saved(drawing(), "GIF", save_all=True, append_images=[Image.new("RGB", (64, 48))]),
    "avif": lambda: saved(drawing(), "AVIF", quality=95),
    "bmp": lambda: saved(drawing(), "BMP"),
    "tiff": lambda: saved(drawing(), "TIFF"),
    "lzw tiff": lambda: saved(drawing(), "TIFF", compression="tiff_lzw"),
    "deflate tiff": lambda: saved(drawing(), "TIFF", compression="tiff_adobe_deflate"),
    "cmyk tiff": lambda: saved(drawing().convert("CMYK"), "TIFF"),
    "tiff of two pages": lambda: saved(drawing(), "TIFF", save_all=True, append_images=[Image.new("RGB", (64, 48))]),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_the_same_drawing(name: str) -> None:
    picture = read_picture(FORMATS[name]())
    assert picture.shape == (48, 64, 3) and picture.dtype == np.uint8
    assert corners(picture) == UPRIGHT


def test_a_heic_photo_from_a_phone_is_read_upright() -> None:
    picture = read_picture(HEIC_HELD_SIDEWAYS)
    assert picture.shape == (64, 48, 3)
    assert corners(picture) == ["blue", "red", "white", "green"]


def test_a_heic_photo_whose_metadata_is_damaged_is_read_without_touching_it() -> None:
    assert read_picture(HEIC_WITH_DAMAGED_METADATA).shape == (48, 64, 3)


def test_a_file_that_is_named_wrongly_is_read_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(FORMATS["png"]())
    assert corners(read_picture(tmp_path / "photo.jpg")) == UPRIGHT


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_however_the_camera_was_held_the_picture_is_upright(form: str, orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = drawing().transpose(undo[orientation]) if orientation > 1 else drawing()
    picture = read_picture(saved(stored, form, exif=turned(orientation), quality=95))
    assert picture.shape == (48, 64, 3)
    assert corners(picture) == UPRIGHT


def test_a_rotated_photo_is_upright_also_when_it_is_made_smaller() -> None:
    stored = drawing(3000, 2000).transpose(Image.Transpose.ROTATE_90)
    picture = read_picture(saved(stored, "JPEG", exif=turned(6)))
    assert picture.shape == (427, 640, 3)
    assert corners(picture) == UPRIGHT


@pytest.mark.parametrize("size", [(640, 480), (641, 480), (5000, 300), (300, 5000), (1281, 1281), (12, 9)])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_the_longer_side_is_at_most_640_and_small_pictures_keep_their_size(form: str, size: tuple[int, int]) -> None:
    height, width = read_picture(saved(drawing(*size), form)).shape[:2]
    assert max(width, height) == min(640, max(size))
    assert width / height == pytest.approx(size[0] / size[1], rel=0.03)


def test_the_longer_side_can_be_chosen() -> None:
    assert read_picture(saved(drawing(1000, 500), "JPEG"), largest=100).shape == (50, 100, 3)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_transparency_becomes_white(form: str) -> None:
    image = Image.new("RGBA", (64, 48), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (32, 0, 64, 48))
    picture = read_picture(saved(image, form, **({"lossless": True} if form == "WEBP" else {})))
    assert picture[24, 10].tolist() == [255, 0, 0]
    assert picture[24, 50].tolist() == [255, 255, 255]


def test_a_shrunken_cutout_has_no_dark_fringe() -> None:
    image = Image.new("RGBA", (1280, 1280), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (0, 0, 641, 1280))
    assert read_picture(saved(image, "PNG")).min() > 250


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_palette_colour_that_means_transparent_becomes_white(form: str) -> None:
    image = drawing().quantize(8)
    picture = read_picture(saved(image, form, transparency=image.getpixel((5, 5))))
    assert corners(picture) == ["white", "green", "blue", "white"]


def test_a_colour_that_means_transparent_becomes_white() -> None:
    assert corners(read_picture(saved(drawing(), "PNG", transparency=(255, 0, 0)))) == [
        "white",
        "green",
        "blue",
        "white",
    ]


def test_grey_pictures_have_three_equal_channels() -> None:
    for image in (drawing().convert("L"), drawing().convert("LA"), drawing().convert("1")):
        picture = read_picture(saved(image, "PNG"))
        assert picture.shape == (48, 64, 3)
        assert (picture[..., 0] == picture[..., 2]).all() and np.ptp(picture) > 100
    assert np.ptp(read_picture(saved(drawing().convert("L"), "JPEG"))[..., 0]) > 100


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_brought_to_eight(form: str) -> None:
    ramp = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    picture = read_picture(saved(Image.fromarray(ramp), form))
    assert np.abs(picture[..., 0].astype(int) - (ramp >> 8)).max() <= 1


def test_a_float_tiff_is_stretched_from_black_to_white() -> None:
    ramp = np.linspace(-3, 7, 64 * 48).reshape(48, 64).astype(np.float32)
    ramp[0, 0] = np.nan
    picture = read_picture(saved(Image.fromarray(ramp), "TIFF"))
    assert picture.min() == 0 and picture.max() == 255 and picture[-1, -1, 0] == 255


def test_an_interlaced_png_is_read() -> None:
    interlaced = Path(__file__).with_name("test_picture_interlaced.png").read_bytes()
    assert interlaced[28] == 1
    assert corners(read_picture(interlaced)) == UPRIGHT


def wide_gamut() -> bytes:
    """A profile in which pure red is redder than sRGB can show (Display P3 primaries at gamma 2.2)."""
    return (Path(__file__).with_name("test_picture_wide.icc")).read_bytes()


def test_wide_gamut_colours_become_srgb() -> None:
    muted = Image.new("RGB", (64, 48), (200, 100, 100))
    plain = read_picture(saved(muted, "PNG"))[5, 5].astype(int)
    wide = read_picture(saved(muted, "PNG", icc_profile=wide_gamut()))[5, 5].astype(int)
    assert plain.tolist() == [200, 100, 100]
    assert wide[0] > 205 and wide[1] < 100


def test_an_srgb_profile_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = drawing()
    assert (read_picture(saved(image, "PNG", icc_profile=profile)) == np.asarray(image)).all()


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 4000, None])
def test_a_damaged_profile_is_ignored(profile: bytes | None) -> None:
    damaged = profile if profile is not None else wide_gamut()[:200]
    assert corners(read_picture(saved(drawing(), "PNG", icc_profile=damaged))) == UPRIGHT


def test_damaged_metadata_is_ignored_without_a_warning() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a note of some length"
    beyond = exif.tobytes()[:-10]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_picture(saved(drawing(), "JPEG", exif=beyond)).size == 64 * 48 * 3
        assert read_picture(saved(drawing(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\xff")).shape == (48, 64, 3)


def test_long_notes_in_a_png_do_not_matter() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("comment", "a" * 500_000, zip=True)
    assert corners(read_picture(saved(drawing(), "PNG", pnginfo=notes))) == UPRIGHT


def test_many_threads_read_the_same_as_one(tmp_path: Path) -> None:
    files = [make() for make in FORMATS.values()] + [HEIC_HELD_SIDEWAYS]
    alone = [read_picture(file) for file in files]
    with ThreadPoolExecutor(8) as pool:
        for one, many in zip(alone * 10, pool.map(read_picture, files * 10), strict=True):
            assert (one == many).all()


def test_a_photo_of_24_megapixels_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    drawing(6000, 4000).save(path, quality=85)
    assert grown(path) < 40_000_000


def grown(path: Path) -> int:
    """By how many bytes reading a picture makes a fresh process grow, at its peak."""
    code = (
        "import resource, sys; from pathlib import Path; from model_service.features.picture import read_picture;"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; before = peak();"
        "read_picture(Path(sys.argv[1])); print(peak() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
