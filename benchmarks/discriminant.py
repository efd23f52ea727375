"""The discriminant against logistic regression on the same features: how often right, and how long to learn."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from benchmarks import photos
from benchmarks.row import Row, at_least, plain, skipped
from model_service.encoders.encoder import Fingerprint
from model_service.encoders.load import load_encoder
from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import Visual
from model_service.types import Example

SHOTS = (5, 10, 20)
REPEATS, QUICK = 3, 1
SHRINKAGE = 0.12
STRENGTHS = (10.0, 100.0, 1000.0)
"""inverse strengths of the L2 penalty that logistic regression is tried with; the best, in hindsight, counts"""
TAGS, EACH = 500, 20


def run(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Right best tags on groceries at 5, 10 and 20 examples, and seconds to learn 500 tags of 20 examples."""
    figures: dict[str, Any] = {}
    rows: list[Row] = []
    encoder = load_encoder("compact")
    if not photos.GROCERY.is_dir():
        rows.append(skipped("discriminant against logistic regression", photos.ABSENT))
    else:
        with tempfile.TemporaryDirectory() as folder:
            learned, judged = (photos.as_examples(part, encoder) for part in photos.grocery(Path(folder)))
        for shots in SHOTS:
            ours, theirs = _right(learned, judged, shots, encoder.fingerprint, QUICK if quick else REPEATS)
            figures[f"{shots} examples"] = {"discriminant": ours, "logistic": theirs}
            name = f"{shots} examples: right, logistic regression {theirs:.1%}"
            rows.append(at_least(name, ours, theirs))
    ours, theirs = _seconds(encoder.fingerprint, EACH if not quick else EACH // 2)
    figures["learning"] = {"tags": TAGS, "discriminant_s": ours, "logistic_s": theirs}
    rows.append(plain(f"learning {TAGS} tags: discriminant", ours, "s"))
    rows.append(plain(f"learning {TAGS} tags: logistic regression, 50 steps", theirs, "s"))
    return figures, rows


def _right(
    learned: Sequence[Example], judged: Sequence[Example], shots: int, fingerprint: Fingerprint, repeats: int
) -> tuple[float, float]:
    tags = np.array([one.tag for one in learned])
    vectors = np.stack([one.features.vectors[0] for one in learned])
    asked = np.stack([one.features.vectors[0] for one in judged])
    truth = np.array([one.tag for one in judged])
    ours, theirs = [], []
    for repeat in range(repeats):
        rng = np.random.default_rng(repeat)
        rows = np.concatenate([rng.permutation(np.flatnonzero(tags == tag))[:shots] for tag in np.unique(tags)])
        visual = _visual(fingerprint).fit(vectors[rows], list(tags[rows]))
        ours.append(float((np.array(visual.tags)[visual.score(asked).argmax(1)] == truth).mean()))
        tried = [_logistic(vectors[rows], tags[rows], strength, 200) for strength in STRENGTHS]
        theirs.append([float((one.predict(asked) == truth).mean()) for one in tried])
    return float(np.mean(ours)), float(np.mean(theirs, axis=0).max())


def _visual(fingerprint: Fingerprint) -> Visual:
    """With all blocks alike: logistic regression is not told which to listen to either."""
    return Visual(fingerprint.blocks, (1.0 / len(fingerprint.blocks),) * len(fingerprint.blocks), SHRINKAGE)


def _logistic(vectors: Floats, tags: Any, strength: float, steps: int) -> Any:
    # It warns where it has not converged; what it knows by then is what is measured.
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return LogisticRegression(C=strength, max_iter=steps).fit(vectors, tags)


def _seconds(fingerprint: Fingerprint, each: int) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    vectors = np.repeat(rng.standard_normal((TAGS, fingerprint.dim)), each, axis=0)
    vectors += rng.standard_normal(vectors.shape)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    tags = [f"tag {at // each}" for at in range(len(vectors))]
    start = time.perf_counter()
    # Scoring one batch makes it ready: factorisation and slopes belong to learning.
    _visual(fingerprint).fit(vectors, tags).score(vectors[: TAGS + 1])
    ours = time.perf_counter() - start
    start = time.perf_counter()
    _logistic(vectors, tags, STRENGTHS[0], 50)
    return ours, time.perf_counter() - start
