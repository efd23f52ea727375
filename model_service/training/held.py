"""What all held-out judgements say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_service.recognizers.moments import Floats
from model_service.training.calibrate import lead, softmax, temperature_of
from model_service.training.crossfit import Judged


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Held-out judgements of all splits, one a row; an example appears once per split."""

    rows: NDArray[np.intp]
    """which example"""
    split: NDArray[np.intp]
    """which split judged it, as a place in BRACKET"""
    truth: NDArray[np.intp]
    probabilities: Floats
    confidence: Floats
    """probability of the best tag"""
    lead: Floats
    """how sure the best tag is against the runner-up; decisions rest on it"""
    best: NDArray[np.intp]
    right: NDArray[np.bool_]
    familiarity: Floats
    distance: Floats
    temperature: float

    def accuracy(self, split: int) -> float:
        """Share of a split's examples whose best tag is right; NaN where none could be judged."""
        rows = self.split == split
        return float(self.right[rows].mean()) if rows.any() else float("nan")


def gather(judged: Sequence[Judged], truth: NDArray[np.intp]) -> Held:
    """One temperature for all splits, and every judgement in one table."""
    rows = np.concatenate([part.rows for part in judged])
    split = np.concatenate([np.full(len(part.rows), place) for place, part in enumerate(judged)])
    scores = np.maximum(np.concatenate([part.scores for part in judged]), -1e12)
    answers = truth[rows]
    temperature = temperature_of(scores, answers) if len(rows) else 1.0
    probabilities = softmax(scores, temperature) if len(rows) else scores
    best = probabilities.argmax(1)
    confidence = probabilities.max(1) if len(rows) else np.zeros(0)
    sure = lead(scores, temperature) if len(rows) else confidence
    familiarity = np.concatenate([part.familiarity for part in judged])
    distance = np.concatenate([part.distance for part in judged])
    return Held(
        rows, split, answers, probabilities, confidence, sure, best, best == answers, familiarity, distance, temperature
    )
