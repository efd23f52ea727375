"""What turns pictures into raw vectors in a downloaded folder: transformers, or sentence-transformers with modules.

Imports torch; only ``hub.py`` comes here, and only once the extra is known to be installed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from transformers import AutoConfig, AutoImageProcessor, AutoModel

from model_service.errors import Misconfigured
from model_service.types import Vectors

# What the libraries raise for files that are missing, of another kind, or damaged.
_ERRORS = (OSError, ValueError, ImportError, AttributeError, KeyError, TypeError, RuntimeError, SafetensorError)


class Tower(Protocol):
    """Weights in memory, ready to look at pictures."""

    words: str
    """the preprocessing, as the model's own configuration states it"""

    def look(self, images: Sequence[Image.Image]) -> Vectors:
        """Raw vectors, (n, dim) float32, of any length; one batch."""
        ...

    def digest(self) -> str:
        """A hash of the weights in memory."""
        ...


def open_tower(folder: Path) -> Tower:
    """The network in a folder, from safetensors only and without running code that lies in it.

    Raises Misconfigured when there is none, or when it is not an image encoder.
    """
    try:
        return SentenceTower(folder) if (folder / "modules.json").is_file() else ImageTower(folder)
    except _ERRORS as error:
        reason = " ".join(str(error).split())[:300].rstrip(".")
        raise Misconfigured(f"{folder} holds no image encoder with safetensors weights: {reason}.") from None


class ImageTower:
    """A vision model of transformers: image features where it has them (CLIP, SigLIP), else the pooled output."""

    def __init__(self, folder: Path) -> None:
        AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        self._processor: Any = AutoImageProcessor.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, backend="pil"
        )
        self._model, found = AutoModel.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
        if missing := sorted(found["missing_keys"]):
            # They would be drawn at random: vectors that nobody could ever make again.
            raise ValueError(f"{len(missing)} of its weights are missing, like {missing[0]}")
        self._model = self._model.eval().to(_device())
        self.words = _words(self._processor.to_dict())

    def look(self, images: Sequence[Image.Image]) -> Vectors:
        """One pass without gradients."""
        pixels = self._processor(images=list(images), return_tensors="pt")["pixel_values"].to(_device())
        with torch.inference_mode():
            if hasattr(self._model, "get_image_features"):
                seen = self._model.get_image_features(pixel_values=pixels)
            else:
                seen = self._model(pixel_values=pixels)
        vectors = seen if isinstance(seen, torch.Tensor) else seen.pooler_output
        if vectors is None:
            raise ValueError(f"{type(self._model).__name__} has no pooled output")
        return np.asarray(vectors.flatten(1).float().cpu().numpy(), np.float32)

    def digest(self) -> str:
        """A hash of the weights in memory."""
        return _digest(self._model)


class SentenceTower:
    """A folder that sentence-transformers saved (it has a ``modules.json``), its pooling and dense layers included."""

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer

        listed = json.loads((folder / "modules.json").read_text("utf-8"))
        if foreign := [str(one["type"]) for one in listed if not str(one["type"]).startswith("sentence_transformers.")]:
            raise ValueError(f"its module {foreign[0]} is not part of sentence-transformers")
        if next(folder.rglob("*.bin"), None):
            raise ValueError("it has .bin weights; keep only the .safetensors files")
        self._model = SentenceTransformer(
            str(folder),
            device=_device(),
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": torch.float32},
            processor_kwargs={"backend": "pil"},
        ).eval()
        if "image" not in self._model.modalities:
            raise ValueError("it encodes text, not pictures")
        settings = getattr(self._model.processor, "image_processor", self._model.processor)
        self.words = _words(settings.to_dict())

    def look(self, images: Sequence[Image.Image]) -> Vectors:
        """One pass without gradients."""
        with torch.inference_mode():
            vectors = self._model.encode(list(images), batch_size=len(images), show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    def digest(self) -> str:
        """A hash of the weights in memory."""
        return _digest(self._model)


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _digest(model: torch.nn.Module) -> str:
    total = hashlib.sha256()
    for name, values in sorted(model.state_dict().items()):
        total.update(f"{name} {tuple(values.shape)} {values.dtype}\n".encode())
        total.update(values.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return total.hexdigest()


def _words(processor: dict[str, Any]) -> str:
    """The settings that change pixels, in one line that other versions of the library write the same way."""
    keys = ("size", "crop_size", "resample", "rescale_factor", "image_mean", "image_std")
    kept = {key: processor[key] for key in keys if processor.get(key) is not None}
    kept |= {key: True for key, value in processor.items() if key.startswith("do_") and value is True}
    return json.dumps(kept, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    return {key: one for key, one in dict(value).items() if one is not None} if hasattr(value, "items") else str(value)
