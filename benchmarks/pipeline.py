"""From files to features against the bare encoder on pictures already read, in the same run."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.reference import WEIGHTS, has_reference, reference_encoders
from model_service.encoders.encoder import Encoder
from model_service.encoders.onnx import Onnx
from model_service.features.extract import BATCH, Source, extract
from model_service.features.picture import read_picture

PHOTOS = WEIGHTS.parent / "data" / "grocery" / "val"
COUNT = 192
ROUNDS = 7


def run() -> dict[str, Any]:
    """Share of the bare encoder's throughput that the whole way from the file reaches, per network; the bar is 0.9."""
    files = sorted(PHOTOS.rglob("*.jpg"))[:COUNT]
    if not files or not has_reference():
        return {"skipped": "the reference networks and photos are not beside the project"}
    with tempfile.TemporaryDirectory() as folder:
        networks = reference_encoders(Path(folder))
        return {"photos": len(files), "rounds": ROUNDS, **{path.stem: _measure(Onnx(path), files) for path in networks}}


def _measure(encoder: Encoder, files: list[Path]) -> dict[str, float]:
    sources = [Source(path.name, path) for path in files]
    start = time.perf_counter()
    pictures = [read_picture(path) for path in files]
    reading = time.perf_counter() - start

    def bare() -> None:
        for first in range(0, len(pictures), BATCH):
            encoder.encode(pictures[first : first + BATCH])

    def one_after_the_other() -> None:
        for first in range(0, len(files), BATCH):
            encoder.encode([read_picture(path) for path in files[first : first + BATCH]])

    def pipeline() -> None:
        if any(result.features is None for result in extract(sources, encoder)):
            raise AssertionError("a photo was not read")

    seconds = _interleaved({"bare": bare, "pipeline": pipeline, "one_after_the_other": one_after_the_other})
    rounds = list(zip(seconds["bare"], seconds["pipeline"], strict=True))
    return {
        "throughput_of_bare": round(statistics.median(bare / whole for bare, whole in rounds), 3),
        "worst_round": round(min(bare / whole for bare, whole in rounds), 3),
        "best_round": round(max(bare / whole for bare, whole in rounds), 3),
        "without_overlap": round(
            statistics.median(b / s for b, s in zip(seconds["bare"], seconds["one_after_the_other"], strict=True)), 3
        ),
        "bare_ms": round(1000 * statistics.median(seconds["bare"]) / len(files), 2),
        "read_ms": round(1000 * reading / len(files), 2),
    }


def _interleaved(peers: dict[str, Callable[[], None]]) -> dict[str, list[float]]:
    """Seconds of each peer, round by round, so that a busy machine is busy for all of them alike."""
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(ROUNDS + 1):
        for name, peer in peers.items():
            start = time.perf_counter()
            peer()
            seconds[name].append(time.perf_counter() - start)
    return {name: rounds[1:] for name, rounds in seconds.items()}


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
