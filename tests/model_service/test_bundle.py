"""Bundles: what is saved is what is loaded, or there is a sentence."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from model_service.bundle import NAMES, load_bundle, save_bundle
from model_service.errors import BadBundle
from model_service.training.train import Trained, train
from tests.model_service.synthetic import PRINT, Shop

EXAMPLES = tuple(Shop(tags=3, noise=0.4).examples(shoots=3, each=2))
ASKED = [e.asset for e in EXAMPLES], [e.features for e in EXAMPLES]


@functools.cache
def made(seed: int = 0) -> Trained:
    return train(EXAMPLES, PRINT, risk=0.2 + seed / 100, seed=seed)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    save_bundle(made(), tmp_path / "shop.model")
    return tmp_path / "shop.model"


def refused(folder: Path) -> str:
    with pytest.raises(BadBundle) as caught:
        load_bundle(folder)
    said = str(caught.value)
    assert said.endswith(".") and "\n" not in said
    return said


def test_a_round_trip_predicts_exactly_the_same(bundle: Path) -> None:
    model, report = load_bundle(bundle, fingerprint=PRINT)
    assert model.predict(*ASKED) == made().model.predict(*ASKED)
    assert report == json.loads(json.dumps(made().report.to_json()))


def test_a_loaded_model_learns_on_like_the_one_saved(bundle: Path) -> None:
    model, _ = load_bundle(bundle)
    gone = [e for e in EXAMPLES if e.tag == "tag1"][:4]
    assert model.update(removed=gone).predict(*ASKED) == made().model.update(removed=gone).predict(*ASKED)


def test_others_may_read_a_model_as_they_may_any_new_folder(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "usual").mkdir()
    assert bundle.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_drafts_that_a_killed_save_left_are_swept_once_nobody_works_on_them(bundle: Path) -> None:
    old, young = (bundle.parent / f".shop.model-{letter * 16}" for letter in "ab")
    for draft in (old, young):
        draft.mkdir()
    os.utime(old, (0, 0))
    save_bundle(made(1), bundle)
    assert not old.exists() and young.exists()


def test_names_that_are_no_unicode_survive(tmp_path: Path) -> None:
    odd = os.fsdecode(b"caf\xe9.jpg")
    examples = [replace(EXAMPLES[0], asset=odd), *EXAMPLES[1:]]
    save_bundle(train(examples, PRINT, risk=0.2), tmp_path / "m")
    model, _ = load_bundle(tmp_path / "m")
    assert model.predict(["x"], [EXAMPLES[0].features])[0].evidence.nearest == odd


def test_a_model_remembers_how_pictures_were_cut(tmp_path: Path) -> None:
    save_bundle(train(EXAMPLES, PRINT, risk=0.2, grid=3), tmp_path / "m")
    assert load_bundle(tmp_path / "m")[0].grid == 3


def test_a_risk_of_any_number_type_comes_back(tmp_path: Path) -> None:
    save_bundle(train(EXAMPLES, PRINT, risk=np.float64(0.25)), tmp_path / "m")
    assert load_bundle(tmp_path / "m")[0].risk == 0.25


def test_a_bundle_is_json_and_safetensors_alone(bundle: Path) -> None:
    assert sorted(path.name for path in bundle.iterdir()) == sorted(NAMES)
    json.loads((bundle / "model.json").read_text("utf-8"))
    json.loads((bundle / "report.json").read_text("utf-8"))
    assert load_file(bundle / "model.safetensors")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mask", [0x01, 0x20, 0xFF])
def test_a_flipped_byte_anywhere_is_noticed(bundle: Path, name: str, mask: int) -> None:
    path = bundle / name
    whole = path.read_bytes()
    for place in {*range(0, len(whole), max(1, len(whole) // 120)), len(whole) - 1}:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :])
        refused(bundle)
    path.write_bytes(whole)
    load_bundle(bundle)


@pytest.mark.parametrize("name", NAMES)
def test_a_truncated_or_missing_file_is_refused(bundle: Path, name: str) -> None:
    whole = (bundle / name).read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        (bundle / name).write_bytes(whole[:length])
        refused(bundle)
    (bundle / name).unlink()
    assert name in refused(bundle)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no complete model" in refused(tmp_path / "nothing")


def test_an_endlessly_nested_description_is_refused(bundle: Path) -> None:
    (bundle / "model.json").write_text("[" * 200_000)
    refused(bundle)


def test_another_encoder_is_refused(bundle: Path) -> None:
    other = replace(PRINT, revision="2")
    with pytest.raises(BadBundle, match=rf"trained with the encoder synthetic \({PRINT.id}\).*{other.id}.*\.$"):
        load_bundle(bundle, fingerprint=other)


def test_another_format_is_refused(tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_service.bundle.FORMAT", 2)
    assert "format 1, this version reads 2" in refused(bundle)


def test_saving_again_replaces_the_old_model(bundle: Path) -> None:
    save_bundle(made(1), bundle)
    assert load_bundle(bundle)[0].risk == made(1).model.risk
    assert list(bundle.parent.iterdir()) == [bundle], "nothing is left behind"


@pytest.mark.parametrize("also", [False, True])
def test_a_folder_with_other_things_is_left_alone(tmp_path: Path, also: bool) -> None:
    folder = tmp_path / "photos"
    if also:
        save_bundle(made(), folder)
    folder.mkdir(exist_ok=True)
    (folder / "holiday.jpg").write_bytes(b"dear")
    with pytest.raises(BadBundle, match=r"choose another folder.*\.$"):
        save_bundle(made(1), folder)
    assert (folder / "holiday.jpg").read_bytes() == b"dear"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("dear")
    with pytest.raises(BadBundle):
        save_bundle(made(), tmp_path / "model")
    assert (tmp_path / "model").read_text() == "dear"


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    save_bundle(made(), tmp_path / "m")
    assert load_bundle(tmp_path / "m")[0].risk == made().model.risk


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.model_service.test_bundle import made
from model_service.bundle import save_bundle
trained, left = made(1), int(sys.argv[2])
def watch(event, args):
    global left
    if event in ("os.rename", "open") and str(sys.argv[1]) in str(args[0]) and not str(args[0]).endswith(".pyc"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
save_bundle(trained, Path(sys.argv[1]) / "shop.model")
"""


@pytest.mark.parametrize("steps", [1, 3, 4])
def test_a_kill_at_any_step_leaves_the_old_model(bundle: Path, steps: int) -> None:
    root = Path(__file__).parents[2]
    code = subprocess.run([sys.executable, "-c", KILLED, bundle.parent, str(steps)], cwd=root, check=False).returncode
    assert code == -signal.SIGKILL
    assert bundle.exists() == (steps < 4), "the last step lies between the two renames"
    assert load_bundle(bundle)[0].risk == made().model.risk
    save_bundle(made(1), bundle)
    assert load_bundle(bundle)[0].risk == made(1).model.risk


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_without_leave_to_write_keeps_its_model(bundle: Path) -> None:
    bundle.parent.chmod(0o500)
    try:
        with pytest.raises(OSError):
            save_bundle(made(1), bundle)
    finally:
        bundle.parent.chmod(0o700)
    assert load_bundle(bundle)[0].risk == made().model.risk
