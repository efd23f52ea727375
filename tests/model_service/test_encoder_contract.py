"""Every encoder keeps the promises of Encoder; those that ship keep their numbers."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from benchmarks.reference import has_reference, reference_encoders
from model_service.encoders import Encoder, load_encoder
from tests.contract.canonical import KEPT, NUMBERS, SHIPPED
from tests.contract.encoder import EncoderContract, drawn
from tests.model_service.onnx_sample import CARD, write_network

needs_compact = pytest.mark.skipif(
    find_spec("model_service.encoders.compact") is None, reason="the compact encoder is not there yet"
)


class TestOnnx(EncoderContract):
    @pytest.fixture
    def encoder(self, tmp_path: Path) -> Encoder:
        return load_encoder(f"onnx:{write_network(tmp_path / 'tiny.onnx')}")

    @pytest.fixture
    def again(self, encoder: Encoder, tmp_path: Path) -> Encoder:
        return load_encoder(f"onnx:{tmp_path / 'tiny.onnx'}")

    @pytest.fixture
    def other(self, tmp_path: Path) -> Encoder:
        return load_encoder(f"onnx:{write_network(tmp_path / 'other.onnx', seed=1)}")


class TestOnnxSeenTwiceOneByOne(EncoderContract):
    """Both mirror images, and a network that takes one picture at a time."""

    @pytest.fixture
    def encoder(self, tmp_path: Path) -> Encoder:
        card = {**CARD, "flip": True, "resize": "crop", "channels": "BGR", "layout": "NHWC"}
        return load_encoder(f"onnx:{write_network(tmp_path / 'tiny.onnx', card, layout='NHWC', batch=1)}")


class TestJoined(EncoderContract):
    @pytest.fixture
    def encoder(self, tmp_path: Path) -> Encoder:
        first = write_network(tmp_path / "tiny.onnx", {**CARD, "name": "tiny"})
        second = write_network(tmp_path / "two.onnx", {**CARD, "name": "tiny", "resize": "pad", "flip": True}, seed=1)
        third = write_network(tmp_path / "three.onnx", {**CARD, "output": "tokens", "post": ["cls"]}, seed=2)
        return load_encoder(f"onnx:{first}+onnx:{second}+onnx:{third}")

    @pytest.fixture
    def again(self, encoder: Encoder) -> Encoder:
        return load_encoder(encoder.fingerprint.name)

    @pytest.fixture
    def other(self, tmp_path: Path) -> Encoder:
        paths = [write_network(tmp_path / f"o{seed}.onnx", seed=seed) for seed in (4, 5, 6)]
        return load_encoder("+".join(f"onnx:{path}" for path in paths))


@pytest.mark.skipif(not has_reference(), reason="the reference networks are not beside the project")
class TestReference(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
        paths = reference_encoders(tmp_path_factory.mktemp("reference encoders"))
        return load_encoder(" + ".join(f"onnx:{path}" for path in paths))

    def test_the_blocks_are_the_three_networks(self, encoder: Encoder) -> None:
        blocks = {block.name: block.dim for block in encoder.fingerprint.blocks}
        assert blocks == {"mbv1": 1024, "mbv2": 1280, "squeezenet": 512}


@needs_compact
class TestCompact(EncoderContract):
    far = 1e-4

    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> Encoder:
        return load_encoder("compact")

    @pytest.fixture
    def again(self) -> Encoder:
        return load_encoder("compact")


@needs_compact
@pytest.mark.parametrize("spec", SHIPPED)
def test_an_encoder_that_ships_keeps_its_numbers(spec: str) -> None:
    kept = json.loads(KEPT.read_text("utf-8"))[spec]
    encoder = load_encoder(spec)
    vectors = encoder.encode([drawn(seed) for seed in range(3)])
    assert (encoder.fingerprint.revision, encoder.fingerprint.dim) == (kept["revision"], kept["dim"])
    np.testing.assert_allclose(vectors[:, :NUMBERS], kept["vectors"], atol=1e-3)
