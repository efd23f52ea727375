"""What the teachers see: the features of the reference networks, square-rooted, each of unit length, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.reference import reference_encoders
from model_service.encoders.joined import Joined
from model_service.encoders.onnx import Onnx
from model_service.types import Picture
from teaching.crops import Teacher


def teacher(folder: Path) -> Teacher:
    """The reference networks joined; their files and cards are put into ``folder``."""
    # One core each: views are made on several threads.
    joined = Joined([Onnx(path, threads=1) for path in reference_encoders(folder)])

    def see(pictures: Sequence[Picture]) -> NDArray[np.float32]:
        return joined.encode(pictures)

    return see
