"""The command line on a small drawn library: real photos, a real model, real keywords."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connector_core.cli import main
from connector_core.operations.connect import open_folder
from connector_core.operations.search import matches
from connector_core.operations.tag import untag, write
from connector_core.sample_library import PRODUCTS, Library, draw_library
from model_service.types import WHOLE, Decision, Evidence, Prediction

_NAMES = ("Aurora Shell Storm Blue", "PN-2047", "Nordlys Oat Clusters Cocoa")
_FEW = tuple(product for product in PRODUCTS if product.name in _NAMES)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    drawn = draw_library(tmp_path_factory.mktemp("cli") / "lib", examples=6, new=2, strangers=3, products=_FEW)
    (drawn.examples / _NAMES[1] / "broken.jpg").write_bytes(b"\xff\xd8\xff no more")
    return drawn


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def model(library: Library, kept: Path) -> Path:
    folder = library.root / "model"
    done = _run(kept, "train", library.examples, "--model", folder)
    assert done.exit_code == 0, done.output
    assert "broken.jpg" in done.output
    return folder


def _run(kept: Path, *arguments: object) -> Result:
    return CliRunner(env={"PROPERNOUN_DATA": str(kept), "COLUMNS": "200"}).invoke(main, [str(one) for one in arguments])


def _applied(asset: str, tag: str, decision: Decision = Decision.APPLY) -> Prediction:
    return Prediction(asset, tag, "product", 0.99, decision, "", Evidence("", 1.0, WHOLE, "", 0.0))


def test_help_imports_nothing_heavy() -> None:
    check = "import sys, connector_core.cli; print([n for n in ('numpy', 'onnxruntime', 'rich') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_training_writes_a_model_and_a_page(model: Path) -> None:
    assert (model / "model.json").is_file()
    page = (model / "report.html").read_text(encoding="utf-8")
    assert "Aurora Shell Storm Blue" in page


def test_a_report_can_be_read_back_and_names_what_was_skipped(model: Path, kept: Path, tmp_path: Path) -> None:
    done = _run(kept, "report", "--model", model, "--html", tmp_path / "page.html")
    assert done.exit_code == 0, done.output
    assert "learned 3 tags from 18 examples" in done.output and "broken.jpg" in done.output
    assert (tmp_path / "page.html").is_file()


def test_tagging_changes_no_file_unless_told_to(library: Library, model: Path, kept: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in library.new.iterdir()}
    done = _run(kept, "tag", library.new, "--model", model, "--csv", tmp_path / "all.csv")
    assert done.exit_code == 0, done.output
    assert "Nothing was written" in done.output
    assert {path.name: path.read_bytes() for path in library.new.iterdir()} == before
    assert len((tmp_path / "all.csv").read_text(encoding="utf-8").splitlines()) == 1 + len(before)


def test_what_is_written_can_be_searched_and_taken_back(library: Library, kept: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(library.new, photos)
    name = min(path.name for path in photos.iterdir())
    connector = open_folder(photos)
    written = write(connector, [_applied(name, "Crème Brûlée 30")], frozenset({"Crème Brûlée 30"}))
    assert written.changed == 1 and written.failed == ()
    assert name in _run(kept, "search", photos, "creme 30").output
    assert "No photo was found" in _run(kept, "search", photos, "aurora").output
    done = _run(kept, "untag", photos)
    assert done.exit_code == 0 and "changed in 1 file" in done.output
    assert "No photo was found" in _run(kept, "search", photos, "creme 30").output


def test_a_tag_that_no_longer_applies_goes_and_one_of_another_vocabulary_stays(
    library: Library, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(library.new, photos)
    name = min(path.name for path in photos.iterdir())
    connector = open_folder(photos)
    write(connector, [_applied(name, "Old"), _applied(name, "Summer")], frozenset())
    write(connector, [_applied(name, "Old", Decision.REVIEW)], frozenset({"Old", "New"}))
    assert connector.retag(name, add=frozenset(), remove=frozenset()).tags == {"Summer"}
    assert untag(connector, [name, "gone.jpg"]).failed[0][0] == "gone.jpg"


def test_evaluation_writes_the_promised_figures(library: Library, kept: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    done = _run(
        kept, "evaluate", "--examples", library.examples, "--judge", library.answers, "--shots", "2,4",
        "--repeats", "1", "--json", out,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["encoder"] == "compact"
    assert [row["shots"] for row in found["results"]] == [2, 4]
    row = found["results"][1]
    assert set(row) == {
        "shots", "top1", "top5", "applied", "applied_error", "applied_error_upper", "promised_top1", "ece",
        "unknown_auroc", "unknown_applied", "train_seconds", "ms",
    }  # fmt: skip
    assert set(row["ms"]) == {"decode", "encode", "score"} and row["ms"]["encode"] > 0
    # Three tags in five candidates: the right one is always among them.
    assert row["top5"] == 1.0 and 0.0 <= row["top1"] <= 1.0 and 0.0 <= row["unknown_auroc"] <= 1.0
    assert [one["path"] for one in found["skipped"]] == ["PN-2047/broken.jpg"]


def test_without_strangers_nothing_is_said_about_them(library: Library, kept: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    done = _run(kept, "evaluate", "--examples", library.examples, "--judge", library.examples, "--json", out)
    assert done.exit_code == 0, done.output
    (row,) = json.loads(out.read_text(encoding="utf-8"))["results"]
    assert (row["shots"], row["unknown_auroc"], row["unknown_applied"]) == ("all", None, None)


def test_similar_photos_are_found(library: Library, kept: Path) -> None:
    picture = min((library.examples / "PN-2047").glob("2*.jpg"))
    done = _run(kept, "search", library.examples, "--like", picture, "--limit", "3")
    assert done.exit_code == 0, done.output
    assert f"PN-2047/{picture.name}" in done.output and "1.00 similar" in done.output


def test_the_demo_never_writes_into_a_person_s_photos(library: Library, kept: Path, tmp_path: Path) -> None:
    photos = tmp_path / "mine"
    shutil.copytree(library.examples, photos)
    shutil.copytree(library.new, photos / "new")
    before = {path: path.read_bytes() for path in photos.rglob("*.jpg")}
    done = _run(kept, "demo", photos, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "dry run" in done.output
    assert "data:image/jpeg" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert {path: path.read_bytes() for path in photos.rglob("*.jpg")} == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("train", "nowhere"), "There is no nowhere"),
        (("tag", ".", "--model", "nowhere"), "nowhere"),
        (("search", "."), "Name what to search for"),
        (("demo", "--risk", "much"), "is no share"),
        (("evaluate", "--examples", "a", "--judge", "b", "--shots", "few"), "is no list of numbers"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_two(
    arguments: tuple[str, ...], sentence: str, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jpg").write_bytes(b"")
    done = _run(kept, *arguments)
    assert done.exit_code == 2
    assert sentence in done.output and len(done.output.splitlines()) == 1


@pytest.mark.parametrize(
    ("query", "tag", "found"),
    [
        ("AURORA blue", "Aurora Shell Storm Blue", True),
        ("creme", "Crème Brûlée", True),
        ("strasse", "Große Straße", True),
        ("2047", "PN-2047", True),
        ("pn-2047", "PN-2047", True),
        ("urora", "Aurora Shell", False),
        ("aurora red", "Aurora Shell Storm Blue", False),
    ],
)
def test_words_match_in_any_accent_and_case(query: str, tag: str, found: bool) -> None:
    assert matches(query, tag) is found
