"""Held-out judgements to probabilities, and how far those are from what came true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit

from model_service.confidence import Confidence
from model_service.recognizers.moments import Floats

BINS = 10
USUAL = (2.0, 0.3)
"""slopes in use where nothing was wrong to learn them from"""
RIDGE = 1.0
"""how strongly slopes are drawn to the usual ones: as a handful of judgements would"""


def calibrate(margin: Floats, relative: Floats, right: NDArray[np.bool_]) -> Confidence:
    """The confidence under which held-out judgements are most likely; neither slope falls below 0.

    Targets are Platt's (1999), (right + 1) / (right + 2) and 1 / (wrong + 2), so that a few judgements that were all
    right do not make anything certain.
    """
    if len(right) == 0:
        return Confidence()
    told = np.stack([margin, relative], axis=1)
    centre, spread = told.mean(0), np.maximum(told.std(0), 1e-9)
    scaled = (told - centre) / spread
    hits, misses = int(right.sum()), int((~right).sum())
    target = np.where(right, (hits + 1.0) / (hits + 2.0), 1.0 / (misses + 2.0))

    def loss(given: Floats) -> tuple[float, Floats]:
        slopes, offset = given[:2], given[2]
        logit = scaled @ slopes + offset
        off, bent = expit(logit) - target, slopes - USUAL
        value = (np.logaddexp(0.0, logit) - target * logit).sum() + 0.5 * RIDGE * bent @ bent
        return float(value), np.append(scaled.T @ off + RIDGE * bent, off.sum())

    bounds = [(0.0, None), (0.0, None), (None, None)]
    first, second, offset = minimize(
        loss, np.array([*USUAL, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds
    ).x.tolist()
    return Confidence(tuple(centre.tolist()), tuple(spread.tolist()), (first, second), offset)


def softmax(scores: Floats, temperature: float) -> Floats:
    """Probabilities of exclusive tags: (n, tags), rows sum to 1; -inf scores give 0."""
    shifted = scores / temperature
    shifted = shifted - shifted.max(1, keepdims=True)
    powers = np.exp(shifted)
    probabilities: Floats = powers / powers.sum(1, keepdims=True)
    return probabilities


def temperature_of(scores: Floats, truth: NDArray[np.intp]) -> float:
    """The temperature under which held-out scores are most likely (Guo et al. 2017)."""

    def loss(log_temperature: float) -> float:
        return log_loss(softmax(scores, float(np.exp(log_temperature))), truth)

    found = minimize_scalar(loss, bounds=(-3.0, 7.0), method="bounded", options={"xatol": 0.02})
    return float(np.exp(found.x))


def log_loss(probabilities: Floats, truth: NDArray[np.intp]) -> float:
    """Mean negative log-likelihood of the right tags."""
    right = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(right, 1e-12)).mean())


def calibration_error(sure: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equal bins (Naeini et al. 2015), in [0, 1]."""
    if len(sure) == 0:
        return 0.0
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs(sure[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in set(place)]
    return float(sum(gaps))
