"""The dial: bounds that are those of the book, and a threshold that keeps its risk."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from model_service.decide import DELTA, NEVER, bounds, threshold, upper


@pytest.mark.parametrize(("wrong", "of"), [(0, 1), (0, 50), (1, 10), (7, 9), (9, 9), (3, 400), (400, 400)])
def test_bounds_are_those_of_clopper_and_pearson(wrong: int, of: int) -> None:
    exact = binomtest(wrong, of).proportion_ci(1 - DELTA, "exact")
    assert bounds(wrong, of) == pytest.approx((exact.low, exact.high), abs=1e-9)
    one_sided = binomtest(wrong, of, alternative="less").proportion_ci(1 - DELTA, "exact")
    assert upper(wrong, of) == pytest.approx(one_sided.high, abs=1e-9)


def test_nothing_seen_means_anything_is_possible() -> None:
    assert bounds(0, 0) == (0.0, 1.0)
    assert upper(0, 0) == 1.0


@pytest.mark.parametrize("risk", [0.01, 0.05, 0.2])
def test_the_threshold_breaks_its_promise_no_more_often_than_said(risk: float) -> None:
    rng = np.random.default_rng(7)
    grid = np.linspace(0, 1, 2001)
    error = 0.6 * (1 - grid) ** 2  # the chance to be wrong at this confidence
    beyond = np.cumsum(error[::-1])[::-1] / np.arange(len(grid), 0, -1)
    draws, broken, made = 400, 0, 0
    for _ in range(draws):
        confidence = rng.random(600)
        right = rng.random(600) >= 0.6 * (1 - confidence) ** 2
        chosen = threshold(confidence, right, risk)
        made += chosen < NEVER
        broken += chosen < NEVER and float(np.interp(chosen, grid, beyond)) > risk
    # Three standard errors of the simulation itself.
    assert broken / draws <= DELTA + 3 * (DELTA * (1 - DELTA) / draws) ** 0.5
    assert made > draws / 4 or risk < 0.05, "a dial that never promises keeps every promise"


def test_a_larger_risk_applies_more() -> None:
    rng = np.random.default_rng(3)
    confidence = rng.random(2000)
    right = rng.random(2000) >= 0.6 * (1 - confidence) ** 2
    chosen = [threshold(confidence, right, risk) for risk in (0.02, 0.05, 0.2)]
    assert chosen[0] > chosen[1] > chosen[2]


@pytest.mark.parametrize(("risk", "least"), [(0.02, 114), (0.1, 22), (0.5, 4)])
def test_too_few_held_out_examples_promise_nothing(risk: float, least: int) -> None:
    sure = np.linspace(0.6, 0.9, least)
    assert threshold(sure[1:], np.ones(least - 1, bool), risk) == NEVER
    assert threshold(sure, np.ones(least, bool), risk) == pytest.approx(0.6)
    assert threshold(np.zeros(0), np.zeros(0, bool), risk) == NEVER


def test_errors_among_equally_sure_ones_count_whatever_their_order() -> None:
    right = np.ones(600, bool)
    right[300:] = False
    assert threshold(np.ones(600), right, 0.05) == NEVER
