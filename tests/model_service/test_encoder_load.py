"""Encoders by name: what a spec may look like, and what is said when it is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model_service.encoders import load_encoder
from model_service.encoders.joined import Joined
from model_service.encoders.load import split
from model_service.errors import Misconfigured
from tests.contract.encoder import drawn
from tests.model_service.onnx_sample import CARD, write_network


def refusal(spec: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        load_encoder(spec)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("compact", ["compact"]),
        (" compact + onnx:a.onnx ", ["compact", "onnx:a.onnx"]),
        ("onnx:my shoes/a b.onnx+compact", ["onnx:my shoes/a b.onnx", "compact"]),
        ("onnx:a+b.onnx+hub:x/y@v1", ["onnx:a+b.onnx", "hub:x/y@v1"]),
        ("onnx:a++b.onnx", ["onnx:a++b.onnx"]),
        ("onnx:C:\\nets\\a.onnx+compact", ["onnx:C:\\nets\\a.onnx", "compact"]),
        ("onnx:compact+ness.onnx", ["onnx:compact+ness.onnx"]),
        ("compact+shoes", ["compact", "shoes"]),
        ("compact+", ["compact", ""]),
    ],
)
def test_a_plus_joins_only_before_the_name_of_an_encoder(spec: str, parts: list[str]) -> None:
    assert split(spec) == parts


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("", "name of an encoder is missing"),
        ("  ", "name of an encoder is missing"),
        ("+compact", "name of an encoder is missing"),
        ("onnx:", "the path of an ONNX file"),
        ("hub: ", "hub:dinov2-small"),
        ("clip", "pip install 'propernoun[hub]'"),
        ("Compact", "compact (comes with Propernoun)"),
        ("http://example.org/a.onnx", 'no encoder "http"'),
        ("compact:small", "without a colon"),
        ("compact + compact", "compact is named twice"),
        ("onnx:a.onnx+ onnx:a.onnx", "onnx:a.onnx is named twice"),
        ("onnx:/nowhere/a+b.onnx", "/nowhere/a+b"),
        ("onnx:" + "a" * 5000, "4096 letters"),
        ("+".join(f"onnx:{at}.onnx" for at in range(9)), "At most 8"),
    ],
)
def test_a_wrong_spec_is_refused_with_one_sentence(spec: str, said: str) -> None:
    assert said in refusal(spec)


def test_the_name_in_a_fingerprint_loads_the_same_encoder(tmp_path: Path) -> None:
    (tmp_path / "my + shoes").mkdir()
    one = write_network(tmp_path / "my + shoes" / "a.onnx")
    two = write_network(tmp_path / "b.onnx", seed=1)
    encoder = load_encoder(f" onnx:{one} +  onnx: {two} ")
    assert load_encoder(encoder.fingerprint.name).fingerprint == encoder.fingerprint


def test_the_same_network_under_two_names_is_refused(tmp_path: Path) -> None:
    one = write_network(tmp_path / "a.onnx", {**CARD, "name": "one"})
    two = write_network(tmp_path / "b.onnx", {**CARD, "name": "one"})
    assert "are the same encoder" in refusal(f"onnx:{one}+onnx:{two}")


def test_blocks_of_one_name_are_numbered(tmp_path: Path) -> None:
    paths = [write_network(tmp_path / f"{at}.onnx", {**CARD, "name": "mbv1"}, seed=at) for at in range(3)]
    encoder = load_encoder("+".join(f"onnx:{path}" for path in paths))
    assert [block.name for block in encoder.fingerprint.blocks] == ["mbv1", "mbv1#2", "mbv1#3"]


def test_a_part_of_several_blocks_weighs_as_many_as_it_has(tmp_path: Path) -> None:
    one, two, three = (load_encoder(f"onnx:{write_network(tmp_path / f'{at}.onnx', seed=at)}") for at in range(3))
    nested = Joined([Joined([one, two]), three])
    flat = Joined([one, two, three])
    np.testing.assert_allclose(nested.encode([drawn(1)]), flat.encode([drawn(1)]), atol=1e-6)


def test_the_order_of_the_parts_matters_to_the_fingerprint(tmp_path: Path) -> None:
    one, two = (f"onnx:{write_network(tmp_path / f'{at}.onnx', seed=at)}" for at in range(2))
    assert load_encoder(f"{one}+{two}").fingerprint.id != load_encoder(f"{two}+{one}").fingerprint.id


def test_nothing_cannot_be_joined() -> None:
    with pytest.raises(Misconfigured, match="nothing to join"):
        Joined([])


def test_naming_encoders_imports_no_heavy_library() -> None:
    code = "import sys, model_service.encoders; print([x for x in ('torch', 'onnxruntime', 'PIL') if x in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
