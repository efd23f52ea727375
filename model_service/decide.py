"""The risk dial: from a probability to apply, review or reject, with a promise that holds for finite samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from model_service.recognizers.moments import Floats

DELTA = 0.1
"""the promise may fail in at most this share of trainings"""
NEVER = 2.0
"""a threshold that nothing reaches: no promise can be made yet"""


def bounds(wrong: int, of: int, delta: float = DELTA) -> tuple[float, float]:
    """Two-sided Clopper-Pearson interval of a share at confidence 1 - delta; nothing seen gives [0, 1]."""
    if of == 0:
        return 0.0, 1.0
    low = 0.0 if wrong == 0 else float(beta.ppf(delta / 2, wrong, of - wrong + 1))
    high = 1.0 if wrong == of else float(beta.ppf(1 - delta / 2, wrong + 1, of - wrong))
    return low, high


def upper(wrong: int, of: int, delta: float = DELTA) -> float:
    """One-sided Clopper-Pearson upper bound of a share at confidence 1 - delta."""
    return 1.0 if wrong >= of else float(beta.ppf(1 - delta, wrong + 1, of - wrong))


def threshold(confidence: Floats, right: NDArray[np.bool_], risk: float, delta: float = DELTA) -> float:
    """The lowest confidence from which held-out tags stay within the risk.

    Fixed-sequence testing (Learn then Test, Angelopoulos et al. 2021): thresholds are tried from the strictest that
    could pass downwards, on a grid set beforehand, and the first failure ends it, so that the bound holds at 1 - delta
    for the one chosen. Gives NEVER where even the strictest fails.
    """
    order = np.argsort(-confidence, kind="stable")
    falling, wrong = -confidence[order], np.cumsum(~right[order])
    first = int(np.ceil(np.log(delta) / np.log1p(-risk)))
    chosen = NEVER
    for step in np.unique(np.rint(np.geomspace(first, max(first, len(order)), 40)).astype(int)):
        if step > len(order):
            break
        # Whatever is exactly as sure is applied along with it, so it counts too.
        count = int(np.searchsorted(falling, falling[step - 1], side="right"))
        if upper(int(wrong[count - 1]), count, delta) > risk:
            break
        chosen = float(-falling[step - 1])
    return chosen


@dataclass(frozen=True, slots=True)
class Dial:
    """Where a group's dial stands: what it takes to be applied, and what is too strange to be any of the tags."""

    risk: float
    threshold: float
    """how sure a tag has to be to be applied; NEVER: nothing is promised"""
    strange: float
    """relative distance below which a picture is rejected: it looks like none of the tags"""
    far: float
    """distance beyond which a picture is rejected: nothing like these products"""
