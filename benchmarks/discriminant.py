"""The discriminant against logistic regression on the same features: how often right, and how long to learn."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from benchmarks import photos
from benchmarks.row import Row, at_least, skipped
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
STEPS = 200
"""at most, until it has converged"""
TAGS, EACH = 500, 20
FASTER = 10.0


def run(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Right best tags on groceries at 5, 10 and 20 examples, and seconds to learn 500 tags of 20 examples."""
    if not photos.GROCERY.is_dir():
        return {"skipped": photos.ABSENT}, [skipped("discriminant against logistic regression", photos.ABSENT)]
    figures: dict[str, Any] = {}
    rows: list[Row] = []
    encoder = load_encoder("compact")
    with tempfile.TemporaryDirectory() as folder:
        learned, judged = (photos.as_examples(part, encoder) for part in photos.grocery(Path(folder)))
    for shots in SHOTS:
        ours, theirs = _right(learned, judged, shots, encoder.fingerprint, QUICK if quick else REPEATS)
        figures[f"{shots} examples"] = {"discriminant": ours, "logistic": theirs}
        name = f"{shots} examples: right, logistic regression {theirs:.1%}"
        rows.append(at_least(name, ours, theirs))
    ours, theirs = _seconds(learned, encoder.fingerprint)
    figures["learning"] = {"tags": TAGS, "discriminant_s": ours, "logistic_s": theirs}
    rows.append(at_least(f"learning {TAGS} tags of {EACH}: times faster", theirs / ours, FASTER, "times"))
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
        tried = [_logistic(vectors[rows], tags[rows], strength) for strength in STRENGTHS]
        theirs.append([float((one.predict(asked) == truth).mean()) for one in tried])
    return float(np.mean(ours)), float(np.mean(theirs, axis=0).max())


def _visual(fingerprint: Fingerprint) -> Visual:
    """With all blocks alike: logistic regression is not told which to listen to either."""
    return Visual(fingerprint.blocks, (1.0 / len(fingerprint.blocks),) * len(fingerprint.blocks), SHRINKAGE)


def _logistic(vectors: Floats, tags: Any, strength: float) -> Any:
    # It warns where it has not converged; what it knows by then is what is measured.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return LogisticRegression(C=strength, max_iter=STEPS).fit(vectors, tags)


def _seconds(learned: Sequence[Example], fingerprint: Fingerprint) -> tuple[float, float]:
    """Seconds to learn; of logistic regression, at the strength at which it is quickest."""
    vectors, tags = _alike(learned)
    start = time.perf_counter()
    # Scoring one batch makes it ready: the factorisation belongs to learning.
    _visual(fingerprint).fit(vectors, tags).score(vectors[: TAGS + 1])
    ours, theirs = time.perf_counter() - start, []
    for strength in STRENGTHS:
        start = time.perf_counter()
        _logistic(vectors, tags, strength)
        theirs.append(time.perf_counter() - start)
    return ours, min(theirs)


def _alike(learned: Sequence[Example]) -> tuple[Floats, list[str]]:
    """EACH vectors of TAGS made-up tags, scattered as the real ones are: between tags, and within each."""
    vectors = np.stack([one.features.vectors[0] for one in learned]).astype(np.float64)
    _, own = np.unique([one.tag for one in learned], return_inverse=True)
    means = np.stack([vectors[own == tag].mean(0) for tag in range(own.max() + 1)])
    rng = np.random.default_rng(0)

    def scattered(rows: Floats, count: int) -> Floats:
        mixed: Floats = rng.standard_normal((count, len(rows))) @ (rows - rows.mean(0)) / len(rows) ** 0.5
        return mixed

    made = vectors.mean(0) + np.repeat(scattered(means, TAGS), EACH, axis=0)
    made += scattered(vectors - means[own], TAGS * EACH)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made.astype(np.float32), [f"tag {at // EACH}" for at in range(len(made))]
