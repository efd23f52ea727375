"""Any bytes give a picture or Unreadable: never another error, never a warning, never a long wait."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_service.errors import Unreadable
from model_service.features.picture import read_picture
from tests.model_service.picture_samples import HEIC_HELD_SIDEWAYS, drawing, saved, turned
from tests.model_service.test_picture import FORMATS

SAMPLES = [make() for make in FORMATS.values()] + [
    HEIC_HELD_SIDEWAYS,
    saved(drawing(), "JPEG", exif=turned(6)),
    saved(drawing(), "PNG", exif=turned(6)),
    saved(drawing().convert("RGBA"), "WEBP", lossless=True),
    saved(drawing().convert("I;16"), "TIFF"),
]

LIMITS = settings(max_examples=300, deadline=5000, suppress_health_check=[HealthCheck.too_slow])


def reads_or_refuses(content: bytes) -> None:
    try:
        picture = read_picture(content)
    except Unreadable as error:
        assert str(error).endswith(".")
    else:
        assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3
        assert 1 <= min(picture.shape[:2]) and max(picture.shape[:2]) <= 640


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    content = bytearray(draw(st.sampled_from(SAMPLES)))
    # Headers are where decoders believe what they read: half of the damage goes there.
    place = st.one_of(st.integers(0, min(200, len(content) - 1)), st.integers(0, len(content) - 1))
    for _ in range(draw(st.integers(1, 8))):
        content[draw(place)] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
    if draw(st.booleans()):
        del content[draw(place) :]
    return bytes(content)


@given(damaged())
@LIMITS
def test_damaged_files_are_read_or_refused(content: bytes) -> None:
    reads_or_refuses(content)


@given(st.binary(max_size=200), st.sampled_from([sample[:16] for sample in SAMPLES]))
@LIMITS
def test_noise_behind_a_good_start_is_read_or_refused(noise: bytes, start: bytes) -> None:
    reads_or_refuses(start + noise)


@given(st.binary(max_size=300))
@LIMITS
def test_noise_is_read_or_refused(noise: bytes) -> None:
    reads_or_refuses(noise)
