"""What the encoder ``compact`` costs: on one core, from file to vector, and on all with reading overlapped."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from model_service.encoders.compact import Compact
from model_service.encoders.session import cores
from model_service.features.extract import Source, extract
from model_service.features.picture import read_picture

PHOTOS = Path(__file__).parents[1] / ".." / "shared" / "data" / "grocery" / "val"
COUNT = 48
ROUNDS = 5


def run() -> dict[str, Any]:
    """Milliseconds a photo on one core, the median of rounds, and photos a second on all cores, the best of rounds."""
    files = sorted(PHOTOS.rglob("*.jpg"))[:COUNT]
    if not files:
        return {"skipped": "the photos are not beside the project"}
    alone = Compact(threads=1)
    with threadpool_limits(1):
        _round(alone, files)
        rounds = [_round(alone, files) for _ in range(ROUNDS)]
    reading, encoding, whole = (statistics.median(column) for column in zip(*rounds, strict=True))
    encoder = Compact()
    _rate(encoder, files)
    return {
        "photos": len(files),
        "dim": encoder.fingerprint.dim,
        "read_ms": round(reading, 2),
        "encode_ms": round(encoding, 2),
        "whole_ms": round(whole, 2),
        "best_round_ms": round(min(row[1] for row in rounds), 2),
        "cores": cores(),
        "photos_a_second": round(max(_rate(encoder, files) for _ in range(ROUNDS)), 1),
    }


def _round(encoder: Compact, files: list[Path]) -> tuple[float, float, float]:
    """Milliseconds a photo: reading, encoding, both. Time of this process, so that a busy machine does not count."""
    start = time.process_time()
    pictures = [read_picture(file) for file in files]
    read = time.process_time()
    for picture in pictures:
        encoder.encode([picture])
    done = time.process_time()
    scale = 1000 / len(files)
    return (read - start) * scale, (done - read) * scale, (done - start) * scale


def _rate(encoder: Compact, files: list[Path]) -> float:
    """Photos a second from files to features, while the next ones are read."""
    start = time.perf_counter()
    sources = [Source(f"{turn}-{at}", file) for turn in range(4) for at, file in enumerate(files)]
    if any(one.features is None for one in extract(sources, encoder)):
        raise AssertionError("a photo was not read")
    return len(sources) / (time.perf_counter() - start)


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
