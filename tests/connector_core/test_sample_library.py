"""The drawn sample library: complete, readable, repeatable, and honest about its splits."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from connector_core.sample_library import PRODUCTS, Library, draw_library, photo
from connector_core.sample_library.camera import develop
from connector_core.sample_library.catalogue import RELATIVES, UNRELATED, Product
from connector_core.sample_library.shoots import EXAMPLE_SHOOTS, NEW_SHOOTS
from model_service.errors import Refuse

_EXIF_IFD, _TAKEN = 0x8769, 0x9003
_NAMES = ("Aurora Shell Storm Blue", "PN-2047", "Nordlys Oat Clusters Cocoa")
_FEW = tuple(product for product in PRODUCTS if product.name in _NAMES)


def _draw(to: Path, **options: int) -> Library:
    return draw_library(to, examples=4, new=2, strangers=3, products=_FEW, **options)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return _draw(tmp_path_factory.mktemp("sample"))


def _answers(library: Library) -> dict[str, str]:
    with library.answers.open(newline="", encoding="utf-8") as file:
        return {row["path"]: row["tag"] for row in csv.DictReader(file)}


def _digests(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _days(folder: Path) -> set[str]:
    days = set()
    for path in folder.rglob("*.jpg"):
        with Image.open(path) as picture:
            days.add(str(picture.getexif().get_ifd(_EXIF_IFD)[_TAKEN]).split()[0])
    return days


def test_every_product_has_its_examples(library: Library) -> None:
    counts = {folder.name: len(list(folder.glob("*.jpg"))) for folder in library.examples.iterdir()}
    assert counts == dict.fromkeys(_NAMES, 4)
    assert set(library.tags) == set(_NAMES)
    assert library.example_count == 12


def test_the_answers_name_every_new_photo_and_nothing_else(library: Library) -> None:
    answers = _answers(library)
    assert set(answers) == {path.relative_to(library.root).as_posix() for path in library.new.iterdir()}
    assert sorted(answers.values()) == sorted([*_NAMES, *_NAMES, "", "", ""])
    assert (library.new_count, library.stranger_count) == (9, 3)


def test_names_of_new_photos_do_not_give_the_tag_away(library: Library) -> None:
    paths = sorted(_answers(library))
    assert all(Path(path).name.startswith("DSC_") for path in paths)
    tags = [_answers(library)[path] for path in paths]
    assert tags != sorted(tags)


def test_every_photo_opens_and_has_the_size_of_a_photo(library: Library) -> None:
    paths = [*library.examples.rglob("*.jpg"), *library.new.rglob("*.jpg")]
    for path in paths:
        with Image.open(path) as picture:
            picture.load()
            assert 480 <= min(picture.size) <= max(picture.size) <= 800
            assert np.asarray(picture).std() > 3, f"{path} is an empty picture"


def test_new_photos_come_from_other_days_than_the_examples(library: Library) -> None:
    assert _days(library.examples).isdisjoint(_days(library.new))
    assert {shoot.name for shoot in EXAMPLE_SHOOTS}.isdisjoint(shoot.name for shoot in NEW_SHOOTS)


def test_examples_of_a_tag_come_from_three_shoots(library: Library) -> None:
    assert [len(_days(folder)) for folder in library.examples.iterdir()] == [3, 3, 3]


def test_the_same_seed_draws_the_same_bytes(library: Library, tmp_path: Path) -> None:
    assert _digests(_draw(tmp_path / "again").root) == _digests(library.root)


def test_another_seed_draws_other_photos(library: Library, tmp_path: Path) -> None:
    other = _digests(_draw(tmp_path / "other", seed=8).root)
    assert set(other.values()).isdisjoint(_digests(library.examples).values())


def test_progress_ends_at_the_number_of_photos(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    draw_library(
        tmp_path / "lib",
        examples=1,
        new=1,
        strangers=0,
        products=_FEW[1:2],
        on_progress=lambda done, of: heard.append((done, of)),
    )
    assert heard == [(1, 2), (2, 2)]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(Refuse, match="not an empty folder"):
        _draw(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_count_out_of_bounds_is_refused_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refuse, match="between 0 and 200 for 'examples', not 5000"):
        draw_library(tmp_path / "lib", examples=5000)


def test_strangers_are_not_in_the_vocabulary() -> None:
    names = [product.name for product in (*PRODUCTS, *RELATIVES, *UNRELATED)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("product", [*PRODUCTS[::4], *UNRELATED[:2]], ids=lambda product: str(product.name))
def test_a_photo_depends_on_its_generator_alone(product: Product) -> None:
    first, again, other = (photo(product, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(np.asarray(first), np.asarray(again))
    assert first.size != other.size or not np.array_equal(np.asarray(first), np.asarray(other))


def test_two_revisions_of_a_board_differ_where_their_chips_do() -> None:
    revisions = [product for product in PRODUCTS if product.name.startswith("PN-2041")]
    b, c = (product.look.piece(np.random.default_rng(1)).albedo for product in revisions)
    changed = np.abs(b - c).max(axis=2) > 0.1
    assert 0.01 < changed.mean() < 0.2


def test_a_shaken_camera_leaves_no_dark_rim() -> None:
    wall = np.full((480, 480, 3), 0.5, dtype=np.float32)
    for seed in range(40):
        levels = np.asarray(develop(wall, NEW_SHOOTS[0], np.random.default_rng(seed)), dtype=np.float32)
        assert levels[0].mean() > 0.8 * levels[8].mean()
