"""The reference networks as encoders of one's own: their files beside cards that we write."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

WEIGHTS = Path(__file__).parents[1] / ".." / "shared" / "weights"

_MOBILENET: Mapping[str, object] = {
    "input": "t0",
    "output": "feat",
    "size": 224,
    "resize": "stretch",
    "channels": "RGB",
    "mean": 127.5,
    "std": 127.5,
    "post": ["sqrt"],
}

CARDS: Mapping[str, Mapping[str, object]] = {
    "mbv1_100_224": {"name": "mbv1", **_MOBILENET},
    "mbv2_tf2_224": {"name": "mbv2", **_MOBILENET},
    "squeezenet10_227": {
        "name": "squeezenet",
        "input": "x",
        "output": "feat",
        "size": 227,
        "resize": "stretch",
        "channels": "BGR",
        "mean": [104, 117, 123],
        "post": ["sqrt"],
    },
}


def has_reference(weights: Path = WEIGHTS) -> bool:
    """Whether the reference networks lie beside the project."""
    return all((weights / f"{name}.onnx").is_file() for name in CARDS)


def reference_encoders(folder: Path, weights: Path = WEIGHTS) -> list[Path]:
    """The ONNX files in ``folder``, each with its card: MobileNet v1, MobileNet v2, SqueezeNet.

    ``onnx:`` before any of the paths names an encoder. Doing it twice is the same as doing it once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, card in CARDS.items():
        path = folder / f"{name}.onnx"
        if not path.exists():
            shutil.copyfile(weights / path.name, path)
        path.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", "utf-8")
        paths.append(path)
    return paths
