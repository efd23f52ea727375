"""Vision transformers by name: real architectures with random weights, saved and loaded as a user's folder would be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from model_service.encoders import Encoder, load_encoder
from model_service.encoders.hub import KNOWN, find
from model_service.errors import Misconfigured
from tests.contract.encoder import EncoderContract, assert_close, drawn

has_hub = find_spec("torch") is not None and find_spec("sentence_transformers") is not None
needs_hub = pytest.mark.skipif(not has_hub, reason="the extra hub is not installed")

SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
WORDS = {**SHAPE, "vocab_size": 100, "max_position_embeddings": 16}


def save_dinov2(folder: Path, seed: int = 0) -> Path:
    import torch
    from transformers import BitImageProcessorPil, Dinov2Config, Dinov2Model

    torch.manual_seed(seed)
    Dinov2Model(Dinov2Config(**SHAPE, image_size=28, patch_size=14)).save_pretrained(folder)
    processor = BitImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 28, "width": 28}, do_convert_rgb=True
    )
    processor.save_pretrained(folder)
    return folder


def save_siglip(folder: Path, seed: int = 0) -> Path:
    import torch
    from transformers import SiglipConfig, SiglipImageProcessorPil, SiglipModel

    torch.manual_seed(seed)
    config = SiglipConfig(vision_config={**SHAPE, "image_size": 32, "patch_size": 16}, text_config=dict(WORDS))
    SiglipModel(config).save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def save_clip(folder: Path, seed: int = 0) -> Path:
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    torch.manual_seed(seed)
    vision = {**SHAPE, "image_size": 32, "patch_size": 16}
    text = {**WORDS, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    CLIPModel(CLIPConfig(vision_config=vision, text_config=text, projection_dim=24)).save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def save_sentence(folder: Path, seed: int = 0) -> Path:
    from sentence_transformers import SentenceTransformer

    plain = save_dinov2(folder.with_name(folder.name + " plain"), seed)
    SentenceTransformer(str(plain), device="cpu", processor_kwargs={"backend": "pil"}).save_pretrained(str(folder))
    return folder


class HubContract(EncoderContract):
    save: Callable[[Path, int], Path]
    dim = 32

    @pytest.fixture(scope="class")
    @classmethod
    def folder(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tmp_path_factory.mktemp("models")

    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls, folder: Path) -> Encoder:
        return load_encoder(f"hub:{cls.save(folder / 'tiny', 0)}")

    @pytest.fixture
    def again(self, encoder: Encoder) -> Encoder:
        return load_encoder(encoder.fingerprint.name)

    @pytest.fixture
    def other(self, folder: Path) -> Encoder:
        return load_encoder(f"hub:{type(self).save(folder / 'other', 1)}")

    def test_the_block_is_named_by_the_folder(self, encoder: Encoder) -> None:
        (block,) = encoder.fingerprint.blocks
        assert (block.name, block.dim) == ("tiny", self.dim)


@needs_hub
class TestDinov2(HubContract):
    save = staticmethod(save_dinov2)


@needs_hub
class TestSiglip(HubContract):
    save = staticmethod(save_siglip)


@needs_hub
class TestClip(HubContract):
    save = staticmethod(save_clip)
    dim = 24


@needs_hub
class TestSentenceTransformers(HubContract):
    save = staticmethod(save_sentence)


def refusal(name: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        load_encoder(f"hub:{name}")
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


@needs_hub
def test_vectors_are_those_of_the_library_itself(tmp_path: Path) -> None:
    import torch
    from PIL import Image
    from transformers import AutoImageProcessor, AutoModel

    folder = save_dinov2(tmp_path / "tiny")
    pixels = AutoImageProcessor.from_pretrained(folder, backend="pil")(Image.fromarray(drawn(1)), return_tensors="pt")
    with torch.no_grad():
        wanted = AutoModel.from_pretrained(folder).eval()(**pixels).last_hidden_state[0, 0].numpy()
    assert_close(load_encoder(f"hub:{folder}").encode([drawn(1)])[0], wanted / np.linalg.norm(wanted), 1e-5)


@needs_hub
def test_a_changed_preprocessing_is_another_encoder(tmp_path: Path) -> None:
    folder = save_siglip(tmp_path / "tiny")
    before = load_encoder(f"hub:{folder}").fingerprint
    settings = json.loads((folder / "preprocessor_config.json").read_text("utf-8"))
    (folder / "preprocessor_config.json").write_text(json.dumps({**settings, "image_mean": [0.4] * 3}), "utf-8")
    after = load_encoder(f"hub:{folder}").fingerprint
    assert before.revision != after.revision
    assert before.preprocessing != after.preprocessing


@needs_hub
def test_where_the_folder_lies_does_not_change_the_revision(tmp_path: Path) -> None:
    folder = save_dinov2(tmp_path / "tiny")
    before = load_encoder(f"hub:{folder}").fingerprint.revision
    assert load_encoder(f"hub:{folder.rename(tmp_path / 'a@b c')}").fingerprint.revision == before


@needs_hub
def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    folder = save_dinov2(tmp_path / "tiny")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert "safetensors" in refusal(str(folder))


@needs_hub
def test_missing_weights_are_refused_not_drawn_at_random(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = save_dinov2(tmp_path / "tiny")
    weights = load_file(folder / "model.safetensors")
    del weights["layernorm.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert "layernorm.weight" in refusal(str(folder))


@needs_hub
def test_code_in_a_folder_never_runs(tmp_path: Path) -> None:
    folder = save_dinov2(tmp_path / "tiny")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Config", "AutoModel": "mine.Model"}}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", "utf-8")
    refusal(str(folder))
    assert not (tmp_path / "ran").exists()


@needs_hub
def test_a_module_of_another_package_is_refused(tmp_path: Path) -> None:
    folder = save_sentence(tmp_path / "tiny")
    listed = json.loads((folder / "modules.json").read_text("utf-8"))
    listed[0]["type"] = "http.server.HTTPServer"
    (folder / "modules.json").write_text(json.dumps(listed), "utf-8")
    assert "http.server.HTTPServer is not part of" in refusal(str(folder))


@needs_hub
def test_damaged_and_empty_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no image encoder" in refusal(str(tmp_path / "empty"))
    folder = save_dinov2(tmp_path / "tiny")
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-100])
    refusal(str(folder))
    (folder / "model.safetensors").write_bytes(b"")
    refusal(str(folder))


@needs_hub
def test_a_text_model_is_refused(tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    BertModel(BertConfig(**WORDS)).save_pretrained(tmp_path / "bert")
    assert "no image encoder" in refusal(str(tmp_path / "bert"))


@needs_hub
def test_weights_in_half_precision_are_used_in_full(tmp_path: Path) -> None:
    from transformers import AutoModel

    folder = save_dinov2(tmp_path / "tiny")
    half = shutil.copytree(folder, tmp_path / "half")
    AutoModel.from_pretrained(folder).half().save_pretrained(half)
    one, two = (load_encoder(f"hub:{path}").encode([drawn(1)]) for path in (folder, half))
    assert_close(one, two, 5e-3)


@pytest.mark.skipif(has_hub, reason="the extra hub is installed")
def test_without_the_extra_the_sentence_names_it() -> None:
    assert "pip install 'propernoun[hub]'" in refusal("dinov2-small")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dino", "dinov2-small, dinov2-base"),
        ("a/b/c", "any owner/name"),
        ("/nowhere/at/all", "There is no folder"),
        ("./nowhere", "There is no folder"),
        ("dinov2-small@", "ends in @"),
    ],
)
def test_a_wrong_name_is_refused_with_one_sentence(name: str, said: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        find(name)
    assert said in str(caught.value)
    assert str(caught.value).endswith(".")


@needs_hub
def test_a_model_that_cannot_be_fetched_is_refused_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "facebook/dinov2-small@v0 could not be downloaded" in refusal("dinov2-small@v0")
    assert "could not be downloaded" in refusal("no one/no name")


@needs_hub
def test_a_model_in_the_cache_is_found_offline_at_its_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    commit = "0123456789abcdef0123456789abcdef01234567"
    kept = tmp_path / "models--facebook--dinov2-small"
    save_dinov2(kept / "snapshots" / commit)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    encoder = load_encoder(f"hub:dinov2-small@{commit}")
    assert encoder.fingerprint.name == f"hub:dinov2-small@{commit}"
    assert [block.name for block in encoder.fingerprint.blocks] == ["dinov2-small"]


def test_every_known_model_says_where_it_is_and_may_be_used() -> None:
    page = (Path(__file__).parents[2] / "docs" / "encoders.md").read_text("utf-8")
    for name, known in KNOWN.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}`"))
        assert known.repository in row
        assert known.licence in row
        assert str(known.dim) in row
