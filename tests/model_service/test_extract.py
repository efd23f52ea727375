"""The way of many files through reading and encoding."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model_service.encoders.encoder import Block, Encoder, Fingerprint
from model_service.errors import Misconfigured
from model_service.features.cache import Cache, content_hash
from model_service.features.extract import Extracted, Source, extract
from model_service.features.picture import read_picture
from model_service.features.regions import boxes
from model_service.types import Picture, Vectors
from tests.model_service.picture_samples import drawing, saved


class Swatch:
    """Encodes a picture as its mean colour, and remembers what it was asked."""

    def __init__(self, revision: str = "1") -> None:
        self.fingerprint = Fingerprint("swatch", revision, (Block("colour", 4),), "mean RGB")
        self.calls: list[int] = []
        self._busy = threading.Lock()

    def encode(self, pictures: Sequence[Picture]) -> Vectors:
        assert self._busy.acquire(blocking=False), "called twice at once"
        self.calls.append(len(pictures))
        rows = np.array([[*p.reshape(-1, 3).mean(axis=0), 1.0] for p in pictures], np.float32).reshape(-1, 4)
        self._busy.release()
        unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def photo(number: int) -> bytes:
    return saved(Image.new("RGB", (16, 12), (number % 256, number // 256 % 256, 99)), "PNG")


def photos(count: int) -> list[Source]:
    return [Source(f"photo {number}", photo(number)) for number in range(count)]


def readers() -> int:
    return sum(thread.name.startswith("read-picture") for thread in threading.enumerate())


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 100])
@pytest.mark.parametrize("workers", [0, 1, 3])
def test_every_source_comes_out_once_in_order_with_its_own_features(count: int, workers: int) -> None:
    sources = photos(count)
    results = list(extract(sources, Swatch(), workers=workers))
    assert [result.asset for result in results] == [source.asset for source in sources]
    for source, result in zip(sources, results, strict=True):
        assert result.features is not None and result.reason == ""
        np.testing.assert_array_equal(result.features.vectors, Swatch().encode([read_picture(source.content)]))
    assert readers() == 0


def test_what_cannot_be_read_comes_with_a_reason_between_the_others(tmp_path: Path) -> None:
    sources = [
        Source("good", photo(1)),
        Source("empty", b""),
        Source("gone", tmp_path / "gone.jpg"),
        Source("text", b"a letter, not a photo"),
        Source("good too", photo(2)),
    ]
    results = list(extract(sources, Swatch(), cache=tmp_path / "kept"))
    assert [result.features is not None for result in results] == [True, False, False, False, True]
    assert [bool(result.reason) for result in results] == [False, True, True, True, False]
    assert "moved or deleted" in results[2].reason


def test_only_unreadable_files_do_not_trouble_the_encoder() -> None:
    encoder = Swatch()
    assert all(result.reason for result in extract([Source(str(n), b"?") for n in range(40)], encoder))
    assert encoder.calls == []


@pytest.mark.parametrize("grid", [0, 2, 3])
def test_a_grid_gives_one_vector_for_the_whole_and_one_for_each_tile(grid: int) -> None:
    encoder = Swatch()
    content = saved(drawing(), "PNG")
    results = list(extract([Source(str(n), content) for n in range(9)], encoder, grid=grid))
    for result in results:
        assert result.features is not None
        assert result.features.boxes == boxes(grid) and len(result.features.vectors) == 1 + grid * grid
    assert max(encoder.calls) <= 16
    if grid == 2:
        # The first tile is most of the red corner, the last most of the white one.
        assert results[0].features is not None
        red, white = results[0].features.vectors[[1, 4], :3]
        assert red[0] > 2 * red[1] and white.min() > 0.8 * white.max()


def test_the_times_spent_are_told() -> None:
    results = list(extract(photos(20), Swatch()))
    assert all(result.decode_ms > 0 and result.encode_ms > 0 for result in results)


def test_features_do_not_hold_on_to_their_batch() -> None:
    [first, *_] = extract(photos(16), Swatch())
    assert first.features is not None and first.features.vectors.base is None


def test_few_sources_are_taken_ahead_of_what_was_given_out() -> None:
    taken = 0

    def endless() -> Iterator[Source]:
        nonlocal taken
        while True:
            taken += 1
            yield Source(str(taken), photo(taken))

    results = extract(endless(), Swatch(), batch=8)
    for given in range(1, 200):
        next(results)
        assert taken <= given + 3 * 8
    results.close()  # type: ignore[attr-defined]


def test_closing_early_stops_the_threads() -> None:
    results = extract(photos(1000), Swatch())
    next(results)
    assert readers() > 0
    results.close()  # type: ignore[attr-defined]
    assert readers() == 0


class Broken(Swatch):
    """Fails as a misconfigured network does."""

    def encode(self, pictures: Sequence[Picture]) -> Vectors:
        raise Misconfigured("The network wants another size.")


def broken_sources() -> Iterator[Source]:
    yield from photos(3)
    raise ConnectionError("the list of files broke off")


@pytest.mark.parametrize(
    ("run", "error"),
    [
        (lambda: extract(photos(50), Broken()), Misconfigured),
        (lambda: extract(broken_sources(), Swatch()), ConnectionError),
        (lambda: extract([Source("a", 5)], Swatch()), AttributeError),  # type: ignore[arg-type]
        (lambda: extract(photos(3), Swatch(), grid=1), Misconfigured),
    ],
)
def test_other_errors_come_through_and_leave_no_thread(
    run: Callable[[], Iterator[Extracted]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        list(run())
    assert readers() == 0


def kept_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.npy"))


def vectors(results: Iterator[Extracted]) -> list[list[list[float]]]:
    return [result.features.vectors.tolist() for result in results if result.features is not None]


def test_a_second_time_needs_no_pixel(tmp_path: Path) -> None:
    first = vectors(extract(photos(30), Swatch(), cache=tmp_path, grid=2))
    again = Swatch()
    assert vectors(extract(photos(30), again, cache=tmp_path, grid=2)) == first
    assert again.calls == []


@pytest.mark.parametrize("change", [{"grid": 2}, {"largest": 8}, {"encoder": Swatch("2")}])
def test_features_are_kept_apart_by_all_that_they_depend_on(tmp_path: Path, change: dict[str, Encoder]) -> None:
    list(extract(photos(3), Swatch(), cache=tmp_path))
    other = {"encoder": Swatch(), **change}
    list(extract(photos(3), cache=tmp_path, **other))  # type: ignore[arg-type]
    assert len(kept_in(tmp_path)) == 6


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x93NUMPY", None])
def test_a_damaged_entry_is_computed_again_and_repaired(tmp_path: Path, damage: bytes | None) -> None:
    first = vectors(extract(photos(1), Swatch(), cache=tmp_path))
    [path] = kept_in(tmp_path)
    stored = bytearray(path.read_bytes())
    stored[-6] ^= 1
    path.write_bytes(stored if damage is None else damage)
    for encoded in ([1], []):
        encoder = Swatch()
        assert vectors(extract(photos(1), encoder, cache=tmp_path)) == first
        assert encoder.calls == encoded


def test_an_entry_of_another_shape_is_computed_again(tmp_path: Path) -> None:
    first = vectors(extract(photos(1), Swatch(), cache=tmp_path))
    kind = next(tmp_path.iterdir()).name
    Cache(tmp_path, kind, (2, 4)).put(content_hash(photo(0), most=9999), np.zeros((2, 4), np.float32))
    assert vectors(extract(photos(1), Swatch(), cache=tmp_path)) == first


def test_a_place_where_nothing_can_be_kept_costs_only_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    results = list(extract(photos(20), Swatch(), cache=tmp_path / "file"))
    assert all(result.features is not None for result in results)
    assert sum("cannot be kept" in record.message for record in caplog.records) == 1


def test_an_erased_photo_leaves_nothing_behind(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "any", (1, 4))
    cache.put("ab" * 32, np.ones((1, 4), np.float32))
    cache.drop("ab" * 32)
    cache.drop("ab" * 32)
    assert cache.get("ab" * 32) is None and kept_in(tmp_path) == []
