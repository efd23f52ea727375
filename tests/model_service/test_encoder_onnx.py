"""A network of one's own: what its card means, and what is said when the two do not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from benchmarks.reference import CARDS, has_reference, reference_encoders
from model_service.encoders import load_encoder
from model_service.encoders.onnx import Onnx
from model_service.errors import Misconfigured
from model_service.types import Picture, Vectors
from tests.contract.encoder import assert_close, drawn
from tests.model_service.onnx_sample import CARD, write_card, write_network


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return write_network(tmp_path / "tiny.onnx")


def vector(path: Path, picture: Picture, **card: Any) -> Vectors:
    write_card(path, card)
    (row,) = Onnx(path).encode([picture])
    return np.asarray(row)


def seen(path: Path, picture: Picture, **card: Any) -> Vectors:
    """What reaches the network, by way of its ``input`` output: the mean of each channel, up to length."""
    return vector(path, picture, output="input", post=["mean_pool"], **card)


def colour(red: int, green: int, blue: int) -> Picture:
    return np.full((24, 32, 3), (red, green, blue), np.uint8)


def refusal(path: Path) -> str:
    with pytest.raises(Misconfigured) as caught:
        Onnx(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_pixels_become_pixel_minus_mean_over_std(network: Path) -> None:
    found = seen(network, colour(200, 100, 50), size=[32, 24], mean=[100, 50, 40], std=[50, 10, 5])
    wanted = np.array([2, 5, 2], np.float32)
    np.testing.assert_allclose(found, wanted / np.linalg.norm(wanted), atol=1e-6)


def test_an_answer_of_zeros_becomes_the_same_number_everywhere(network: Path) -> None:
    np.testing.assert_allclose(seen(network, colour(0, 0, 0), size=[32, 24]), [1 / np.sqrt(3)] * 3, atol=1e-6)


def test_mean_and_std_are_in_the_order_of_the_channels(network: Path) -> None:
    found = seen(network, colour(200, 100, 50), size=[32, 24], channels="BGR", mean=[40, 50, 100], std=[5, 10, 50])
    wanted = np.array([2, 5, 2], np.float32)
    np.testing.assert_allclose(found, wanted / np.linalg.norm(wanted), atol=1e-6)
    plain = seen(network, colour(30, 0, 40), size=[32, 24], channels="BGR")
    np.testing.assert_allclose(plain, [0.8, 0, 0.6], atol=1e-6)


def test_nothing_but_a_size_leaves_the_pixels_as_they_are(network: Path) -> None:
    np.testing.assert_allclose(seen(network, colour(30, 0, 40), size=[32, 24]), [0.6, 0, 0.8], atol=1e-6)


def test_crop_sees_the_centre_only(network: Path) -> None:
    picture = np.zeros((24, 96, 3), np.uint8)
    picture[:, 32:64] = (0, 200, 0)
    picture[:, :28] = picture[:, 68:] = (255, 0, 0)
    np.testing.assert_allclose(seen(network, picture, size=[32, 24], resize="crop"), [0, 1, 0], atol=1e-6)
    assert seen(network, picture, size=[32, 24], resize="stretch")[0] > 0.5


def test_pad_keeps_the_aspect_and_fills_with_grey(network: Path) -> None:
    wide = np.full((12, 32, 3), (200, 0, 0), np.uint8)
    black = seen(network, wide, size=[32, 24], resize="pad")
    np.testing.assert_allclose(black, [1, 0, 0], atol=1e-6)
    grey = seen(network, wide, size=[32, 24], resize="pad", fill=100)
    wanted = np.array([150, 50, 50]) / np.linalg.norm([150, 50, 50])
    np.testing.assert_allclose(grey, wanted, atol=1e-6)


def test_a_shorter_side_of_its_own_cuts_a_smaller_centre(tmp_path: Path) -> None:
    path = write_network(tmp_path / "square.onnx", sides=("h", "w"))
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, :] = (200, 0, 0)
    picture[24:40, 24:40] = (0, 200, 0)
    common: dict[str, Any] = {"size": 16, "resize": "crop", "output": "input", "post": ["mean_pool"]}
    far, near = vector(path, picture, **common), vector(path, picture, shorter=64, **common)
    assert far[0] > 0.9
    np.testing.assert_allclose(near, [0, 1, 0], atol=1e-6)


def test_a_fine_pattern_is_averaged_when_made_small_not_sampled(network: Path) -> None:
    stripes = np.zeros((240, 320, 3), np.uint8)
    stripes[:, ::2, 0], stripes[:, 1::2, 1] = 200, 200
    half = 1 / np.sqrt(2)
    np.testing.assert_allclose(seen(network, stripes, size=[32, 24]), [half, half, 0], atol=0.01)


def test_post_steps_run_in_their_order(network: Path) -> None:
    picture = drawn(1)
    raw = vector(network, picture, size=[32, 24], output="feat")
    rooted = vector(network, picture, size=[32, 24], output="feat", post=["sqrt"])
    np.testing.assert_allclose(rooted, np.sqrt(raw) / np.linalg.norm(np.sqrt(raw)), atol=1e-5)
    tokens = vector(network, picture, size=[32, 24], output="tokens", post=["mean_pool"])
    cut = vector(network, picture, size=[32, 24], output="tokens", post=["mean_pool", "relu"])
    assert tokens.min() < 0
    np.testing.assert_allclose(cut, np.maximum(tokens, 0) / np.linalg.norm(np.maximum(tokens, 0)), atol=1e-5)


def test_mean_pool_of_a_map_is_global_average_pooling(network: Path) -> None:
    pooled = vector(network, drawn(2), size=[32, 24], output="map", post=["mean_pool"])
    assert_close(pooled, vector(network, drawn(2), size=[32, 24], output="feat"), 1e-5)


def test_cls_takes_the_first_token(network: Path) -> None:
    left = drawn(2, 32, 24)
    right = left.copy()
    right[:, 16:] = 0
    card: dict[str, Any] = {"size": [32, 24], "output": "tokens"}
    assert_close(vector(network, left, post=["cls"], **card), vector(network, right, post=["cls"], **card), 1e-6)
    pooled = [vector(network, picture, post=["mean_pool"], **card) for picture in (left, right)]
    assert np.abs(pooled[0] - pooled[1]).max() > 0.01


def test_the_sqrt_of_a_negative_number_keeps_its_sign(network: Path) -> None:
    card: dict[str, Any] = {"size": [32, 24], "output": "tokens"}
    plain = vector(network, drawn(1), post=["cls"], **card)
    rooted = vector(network, drawn(1), post=["cls", "sqrt"], **card)
    assert (np.sign(plain) == np.sign(rooted)).all()
    assert plain.min() < 0


def test_flip_gives_a_picture_and_its_mirror_image_the_same_vector(network: Path) -> None:
    picture = drawn(3)
    for flip, same in ((True, True), (False, False)):
        one = vector(network, picture, **CARD, flip=flip)
        two = vector(network, picture[:, ::-1], **CARD, flip=flip)
        assert (np.abs(one - two).max() < 1e-5) == same


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
def test_every_layout_and_type_gives_the_same_vector(tmp_path: Path, layout: str, dtype: str) -> None:
    plain = {"size": [32, 24], "output": "feat"}
    path = write_network(tmp_path / "a.onnx", plain)
    other = write_network(tmp_path / "b.onnx", {**plain, "layout": layout, "dtype": dtype}, layout=layout, dtype=dtype)
    assert_close(Onnx(path).encode([drawn(1)]), Onnx(other).encode([drawn(1)]), 1e-5)


def test_a_batch_of_one_network_gives_the_same_vectors_as_a_free_one(tmp_path: Path) -> None:
    free = Onnx(write_network(tmp_path / "free.onnx"))
    one = Onnx(write_network(tmp_path / "one.onnx", batch=1))
    pictures = [drawn(seed) for seed in range(5)]
    assert_close(free.encode(pictures), one.encode(pictures), 1e-5)


def test_the_number_of_threads_changes_nothing(network: Path) -> None:
    assert_close(Onnx(network, threads=1).encode([drawn(1)]), Onnx(network, threads=3).encode([drawn(1)]), 1e-6)


def test_the_fingerprint_follows_the_card_as_well_as_the_network(network: Path) -> None:
    before = Onnx(network).fingerprint
    write_card(network, {**CARD, "std": 127})
    after = Onnx(network).fingerprint
    assert before.revision != after.revision
    assert before.preprocessing != after.preprocessing


def test_how_a_card_is_written_down_changes_nothing(network: Path) -> None:
    before = Onnx(network).fingerprint
    spelt = {"post": ["sqrt"], "std": [127.5] * 3, "mean": 127.5, "flip": False, "output": "feat", "size": [32, 24]}
    network.with_suffix(".json").write_text(json.dumps(spelt, indent=4), "utf-8")
    assert Onnx(network).fingerprint == before


def test_the_block_is_named_by_the_card_or_by_the_file(network: Path) -> None:
    assert [block.name for block in Onnx(network).fingerprint.blocks] == ["tiny"]
    write_card(network, {**CARD, "name": "shoes"})
    assert [block.name for block in Onnx(network).fingerprint.blocks] == ["shoes"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"size": None}, '"size"'),
        ({"size": 0}, "from 1 to 1024"),
        ({"size": [32]}, "[width, height]"),
        ({"size": True}, '"size"'),
        ({"size": 4000}, "from 1 to 1024"),
        ({"szie": 3}, 'key "szie"'),
        ({"resize": "squash"}, "stretch, crop, pad"),
        ({"channels": "rgba"}, "RGB, BGR"),
        ({"channels": ["RGB"]}, "RGB, BGR"),
        ({"layout": "NWHC"}, "NCHW, NHWC"),
        ({"dtype": "float64"}, "float32, float16, uint8"),
        ({"mean": [1, 2]}, "one number or three"),
        ({"mean": "127"}, "one number or three"),
        ({"mean": float("nan")}, "one number or three"),
        ({"std": 0}, "at least 1"),
        ({"std": [0.229, 0.224, 0.225]}, "multiply by 255"),
        ({"post": "sqrt"}, "mean_pool, cls, relu, sqrt, l2"),
        ({"post": ["softmax"]}, "mean_pool, cls, relu, sqrt, l2"),
        ({"post": [["sqrt"]]}, "mean_pool, cls, relu, sqrt, l2"),
        ({"post": ["sqrt", "cls"]}, "first step"),
        ({"flip": "yes"}, "true or false"),
        ({"name": ""}, "short text"),
        ({"fill": 100}, '"resize": "pad"'),
        ({"shorter": 40}, '"resize": "crop"'),
        ({"dtype": "uint8"}, "pixels as they are"),
        ({"input": "y"}, 'no input "y": write one of x'),
        ({"output": "logits"}, "feat, map, tokens, input"),
        ({"output": ""}, '"output"'),
        ({"output": "map"}, '"mean_pool"'),
        ({"output": "tokens"}, '"cls"'),
        ({"size": 32}, "wants input"),
        ({"layout": "NHWC"}, "wants input"),
    ],
)
def test_a_wrong_card_is_refused_with_one_sentence(network: Path, change: dict[str, object], said: str) -> None:
    write_card(network, {**CARD, **change})
    assert said in refusal(network)


def test_a_network_with_several_outputs_asks_for_a_choice(network: Path) -> None:
    write_card(network, {"size": [32, 24]})
    assert "several outputs: write one of feat, map" in refusal(network)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not JSON"),
        (b"[1]", "one JSON object"),
        (b"\xff\xfe\x00", "not JSON"),
        (b" " * 70_000, "no encoder card"),
    ],
)
def test_a_card_that_is_none_is_refused(network: Path, content: bytes, said: str) -> None:
    network.with_suffix(".json").write_bytes(content)
    assert said in refusal(network)


def test_a_missing_card_says_what_to_write(network: Path) -> None:
    network.with_suffix(".json").unlink()
    assert '{"size": 224}' in refusal(network)


def test_a_missing_network_is_refused(tmp_path: Path) -> None:
    write_card(tmp_path / "gone.onnx", CARD)
    assert "There is no file" in refusal(tmp_path / "gone.onnx")


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x09" * 500])
def test_a_file_that_is_no_network_is_refused(network: Path, content: bytes) -> None:
    network.write_bytes(content)
    assert "no ONNX network" in refusal(network)


def test_a_truncated_network_is_refused(network: Path) -> None:
    network.write_bytes(network.read_bytes()[:-200])
    refusal(network)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.onnx").mkdir()
    write_card(tmp_path / "folder.onnx", CARD)
    assert "cannot be read" in refusal(tmp_path / "folder.onnx")


def test_a_network_that_takes_exactly_four_pictures_is_refused(tmp_path: Path) -> None:
    assert "exactly 4 pictures" in refusal(write_network(tmp_path / "four.onnx", batch=4))


def test_a_network_of_another_input_type_is_refused(tmp_path: Path) -> None:
    path = write_network(tmp_path / "u.onnx", dtype="uint8")
    assert 'wants uint8 and its card says "dtype": "float32"' in refusal(path)


def test_weights_in_a_second_file_are_refused(network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = onnx.load(network)
    onnx.save(model, network, save_as_external_data=True, location="weights.bin", size_threshold=100)
    assert (tmp_path / "weights.bin").exists()
    monkeypatch.chdir(tmp_path)
    assert "inside the one file" in refusal(network)


def test_numbers_that_are_not_finite_are_refused_not_passed_on(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [helper.make_node("GlobalAveragePool", ["x"], ["p"]), helper.make_node("Div", ["p", "zero"], ["feat"])],
        "endless",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 8, 8])],
        [helper.make_tensor_value_info("feat", TensorProto.FLOAT, ["n", 3, 1, 1])],
        [numpy_helper.from_array(np.zeros(1, np.float32), "zero")],
    )
    path = tmp_path / "endless.onnx"
    path.write_bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    )
    write_card(path, {"size": 8})
    with pytest.raises(Misconfigured, match="not finite"):
        Onnx(path).encode([drawn(1)])


@pytest.mark.skipif(not has_reference(), reason="the reference networks are not beside the project")
def test_the_reference_networks_tell_kinds_of_picture_apart_as_onnx_path(tmp_path: Path) -> None:
    paths = reference_encoders(tmp_path)
    assert [path.stem for path in paths] == list(CARDS)
    for path in paths:
        encoder = load_encoder(f"onnx:{path}")
        picture = drawn(1, 224, 224)
        shifted = np.roll(picture, 4, axis=1)
        same, moved, different = encoder.encode([picture, shifted, drawn(3, 224, 224)])
        assert same @ moved > same @ different
        assert same.min() >= 0
