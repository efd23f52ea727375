"""What every Encoder must do; a subclass gives the fixture ``encoder``, and ``again`` and ``other`` where it can."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from model_service.encoders import Encoder
from model_service.types import Picture, Vectors


def drawn(seed: int, width: int = 96, height: int = 64) -> Picture:
    """A picture without chance in it but its seed: two gradients, a disc and a frame, in integer arithmetic only."""
    y, x = np.mgrid[0:height, 0:width]
    red = (x * 255 // max(1, width - 1) + seed * 40) % 256
    green = (y * 255 // max(1, height - 1) + seed * 90) % 256
    blue = (x * (seed + 2) + y * 3) % 256
    picture = np.stack([red, green, blue], axis=2).astype(np.uint8)
    reach = min(width, height) // 3
    disc = (x - width // 2) ** 2 + (y - height // 2) ** 2 < reach**2
    picture[disc] = (250 - 60 * seed % 200, 30 + 50 * seed % 200, 90)
    picture[:: height - 1 or 1] = 20
    return picture


def some(count: int) -> list[Picture]:
    """Pictures of different sizes and content."""
    return [drawn(seed, 60 + 37 * seed % 200, 50 + 53 * seed % 170) for seed in range(count)]


def assert_close(one: Vectors, other: Vectors, far: float = 1e-3) -> None:
    """No coordinate of a unit vector differs by more than ``far``."""
    assert one.shape == other.shape
    assert np.abs(one - other).max() <= far


class EncoderContract:
    """The promises of Encoder, as tests."""

    far = 1e-5
    """how much a coordinate may depend on the batch it was computed in"""

    @pytest.fixture
    def again(self) -> Encoder:
        """The same encoder, made anew."""
        pytest.skip("no second construction given")

    @pytest.fixture
    def other(self) -> Encoder:
        """An encoder of the same kind with different weights."""
        pytest.skip("this encoder has only one set of weights")

    def test_it_is_an_encoder(self, encoder: Encoder) -> None:
        assert isinstance(encoder, Encoder)

    def test_vectors_are_unit_float32_rows_as_long_as_the_fingerprint_says(self, encoder: Encoder) -> None:
        vectors = encoder.encode(some(3))
        assert vectors.dtype == np.float32
        assert vectors.shape == (3, encoder.fingerprint.dim)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_all_blocks_of_a_row_have_the_same_length(self, encoder: Encoder) -> None:
        vectors = encoder.encode(some(2))
        blocks = encoder.fingerprint.blocks
        ends = np.cumsum([block.dim for block in blocks])[:-1]
        for part in np.split(vectors, ends, axis=1):
            np.testing.assert_allclose(np.linalg.norm(part, axis=1), 1 / np.sqrt(len(blocks)), atol=1e-5)

    def test_block_names_are_unique(self, encoder: Encoder) -> None:
        names = [block.name for block in encoder.fingerprint.blocks]
        assert len(set(names)) == len(names)
        assert all(names)

    def test_no_pictures_give_no_rows(self, encoder: Encoder) -> None:
        vectors = encoder.encode([])
        assert vectors.shape == (0, encoder.fingerprint.dim)
        assert vectors.dtype == np.float32

    def test_a_picture_has_the_same_vector_alone_and_in_any_batch(self, encoder: Encoder) -> None:
        pictures = some(19)
        together = encoder.encode(pictures)
        assert_close(encoder.encode([pictures[18]]), together[18:], self.far)
        assert_close(encoder.encode(pictures[::-1]), together[::-1], self.far)

    def test_different_pictures_have_different_vectors(self, encoder: Encoder) -> None:
        one, two = encoder.encode([drawn(1), drawn(4)])
        assert np.abs(one - two).max() > 1e-3

    def test_twice_is_the_same(self, encoder: Encoder) -> None:
        assert_close(encoder.encode(some(3)), encoder.encode(some(3)), 1e-6)

    @pytest.mark.parametrize("size", [(8, 8), (640, 10), (10, 640), (1, 1), (640, 640)])
    def test_odd_sizes_are_encoded(self, encoder: Encoder, size: tuple[int, int]) -> None:
        vectors = encoder.encode([drawn(2, *size)])
        assert np.isfinite(vectors).all()
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    @pytest.mark.parametrize("grey", [0, 127, 255])
    def test_a_plain_picture_still_gives_a_unit_vector(self, encoder: Encoder, grey: int) -> None:
        vectors = encoder.encode([np.full((40, 40, 3), grey, np.uint8)])
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_pictures_are_left_as_they_are(self, encoder: Encoder) -> None:
        picture = drawn(3)
        before = picture.copy()
        encoder.encode([picture])
        assert np.array_equal(picture, before)

    def test_read_only_pictures_are_encoded(self, encoder: Encoder) -> None:
        picture = drawn(3)
        picture.flags.writeable = False
        assert_close(encoder.encode([picture]), encoder.encode([picture.copy()]), 1e-6)

    def test_a_view_into_a_larger_picture_is_encoded_like_a_copy(self, encoder: Encoder) -> None:
        picture = drawn(2, 120, 100)
        views = [picture[10:80, 5:90], picture[:, ::-1], picture[::2, ::2], picture[:, :, ::-1]]
        assert_close(encoder.encode(views), encoder.encode([view.copy() for view in views]), 1e-6)

    def test_four_threads_get_the_same_vectors(self, encoder: Encoder) -> None:
        pictures = some(4)
        alone = [encoder.encode([picture]) for picture in pictures]
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda at: encoder.encode([pictures[at % 4]]), range(16)))
        for at, vectors in enumerate(found):
            assert_close(vectors, alone[at % 4], self.far)

    def test_the_fingerprint_says_everything_and_stays(self, encoder: Encoder) -> None:
        before = encoder.fingerprint
        encoder.encode(some(1))
        assert encoder.fingerprint == before
        assert before.name and before.revision and before.preprocessing

    def test_made_anew_it_is_the_same_encoder(self, encoder: Encoder, again: Encoder) -> None:
        assert again.fingerprint == encoder.fingerprint
        assert again.fingerprint.id == encoder.fingerprint.id
        assert_close(again.encode(some(2)), encoder.encode(some(2)), 1e-6)

    def test_other_weights_are_another_encoder(self, encoder: Encoder, other: Encoder) -> None:
        assert other.fingerprint.revision != encoder.fingerprint.revision
        assert other.fingerprint.id != encoder.fingerprint.id
        assert np.abs(other.encode(some(1)) - encoder.encode(some(1))).max() > 1e-3
