"""Vision transformers by name, from the Hugging Face hub or from a folder; needs the extra ``hub``."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from model_service.encoders.encoder import Block, Fingerprint
from model_service.encoders.pool import unit
from model_service.errors import Misconfigured
from model_service.types import Picture, Vectors

log = logging.getLogger(__name__)

BATCH = 8
_LIBRARIES = ("torch", "transformers", "sentence_transformers")


@dataclass(frozen=True, slots=True)
class Known:
    """A model with a short name: where it lives, its licence, the length of its vectors."""

    repository: str
    licence: str
    dim: int


KNOWN = {
    "dinov2-small": Known("facebook/dinov2-small", "Apache-2.0", 384),
    "dinov2-base": Known("facebook/dinov2-base", "Apache-2.0", 768),
    "siglip2-base": Known("google/siglip2-base-patch16-224", "Apache-2.0", 768),
    "clip-b32": Known("laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "MIT", 512),
}

# Neither pickled weights nor code is ever downloaded; tokenizers are, because joint models may need theirs to load.
_WANTED = ["*.json", "*.safetensors", "*.txt", "*.model"]
_UNWANTED = ["onnx/*", "openvino/*", "open_clip*"]


class Hub:
    """The encoder ``hub:NAME[@REVISION]``: one block, from a vision transformer.

    NAME is a short name (``KNOWN``), a repository (``owner/name``) or a folder. A model is bound to a hash of the
    weights that were loaded, so a repository that changes is noticed with and without REVISION; with one it stays.
    Uses the graphics card where torch finds one. Raises Misconfigured when the extra or the model is missing.
    """

    def __init__(self, name: str) -> None:
        missing = [library for library in _LIBRARIES if find_spec(library) is None]
        if missing:
            raise Misconfigured(f"hub:{name} needs {missing[0]}: pip install 'propernoun[hub]'.")
        from model_service.encoders.towers import open_tower

        folder, short = find(name)
        self._tower = open_tower(folder)
        revision = hashlib.sha256(f"{self._tower.digest()} {self._tower.words}".encode()).hexdigest()
        # One grey picture tells the length of the vectors, whatever the configuration of this architecture calls it.
        dim = self._tower.look([Image.new("RGB", (64, 64), (128, 128, 128))]).shape[1]
        self._fingerprint = Fingerprint(f"hub:{name}", revision, (Block(short, dim),), self._tower.words)

    @property
    def fingerprint(self) -> Fingerprint:
        """What the vectors mean; its revision is a hash of the loaded weights and of the preprocessing."""
        return self._fingerprint

    def encode(self, pictures: Sequence[Picture]) -> Vectors:
        """Unit vectors, (n, dim) float32."""
        rows = np.empty((len(pictures), self._fingerprint.dim), np.float32)
        for start in range(0, len(pictures), BATCH):
            batch = pictures[start : start + BATCH]
            rows[start : start + BATCH] = unit(self._tower.look([_image(picture) for picture in batch]))
        return rows


def find(name: str) -> tuple[Path, str]:
    """The folder of a model and a short name for its block; downloads what is not there yet."""
    if Path(name).is_dir():
        return Path(name), Path(name).resolve().name
    if name.startswith((".", "/", "~")):
        raise Misconfigured(f"There is no folder {name}: give the folder of a saved model after hub:.")
    title, at, revision = name.partition("@")
    title, revision = title.strip(), revision.strip()
    if at and not revision:
        raise Misconfigured(f"hub:{name} ends in @: write a commit or a tag after it, or leave the @ away.")
    if title not in KNOWN and title.count("/") != 1:
        raise Misconfigured(f"hub:{title} is not known: there are {', '.join(KNOWN)}, any owner/name, or a folder.")
    repository = KNOWN[title].repository if title in KNOWN else title
    return _download(repository, revision), title.rpartition("/")[2]


def _download(repository: str, revision: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(
            snapshot_download(repository, revision=revision or None, allow_patterns=_WANTED, ignore_patterns=_UNWANTED)
        )
    except (OSError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".:")
        place = f"{repository}@{revision}" if revision else repository
        raise Misconfigured(
            f"{place} could not be downloaded and is not on this machine: {reason}; "
            "check the name and the connection, or give a folder after hub:."
        ) from None
    log.info("using %s at revision %s", repository, folder.name)
    return folder


def _image(picture: Picture) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(picture))
