"""The first numbers of known pictures' vectors, for the encoders that ship: they must not drift between releases.

``python -m tests.contract.canonical`` writes ``canonical.json`` anew; do it only when an encoder is meant to change.
"""

from __future__ import annotations

import json
from pathlib import Path

from model_service.encoders import load_encoder
from tests.contract.encoder import drawn

KEPT = Path(__file__).with_suffix(".json")
SHIPPED = ("compact",)
NUMBERS = 16


def measured(spec: str) -> dict[str, object]:
    """What is kept of one encoder: its revision and the beginnings of three vectors."""
    encoder = load_encoder(spec)
    vectors = encoder.encode([drawn(seed) for seed in range(3)])
    starts = [[round(float(value), 5) for value in row[:NUMBERS]] for row in vectors]
    return {"revision": encoder.fingerprint.revision, "dim": encoder.fingerprint.dim, "vectors": starts}


if __name__ == "__main__":
    KEPT.write_text(json.dumps({spec: measured(spec) for spec in SHIPPED}, indent=1) + "\n", "utf-8")
