"""Where the risk dial of a group stands, from held-out judgements."""

from __future__ import annotations

import numpy as np

from model_service.decide import NEVER, Dial, threshold
from model_service.training.calibrate import lead
from model_service.training.crossfit import Judged
from model_service.training.held import Held
from model_service.training.split import BRACKET

STRANGE = 0.02
"""share of held-out known pictures that may be taken for strangers"""
GUARDS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6)
"""shares of held-out known pictures that the guard against look-alikes may hold back, tried from the first"""
LET_PASS = 0.08
"""share of simulated strangers that may be applied"""


def set_dial(held: Held, unknown: Judged, risk: float) -> Dial:
    """The dial at this risk; with nothing held out nothing is promised.

    The guard is the mildest that keeps tags left out of the vocabulary from being applied. It rests on a weak score,
    so it is no promise.
    """
    if len(held.truth) == 0:
        return Dial(risk, NEVER, -np.inf, -np.inf, np.inf)
    strange = float(np.quantile(held.familiarity, STRANGE))
    far = float(np.quantile(held.distance, 1.0 - STRANGE / 2)) * 1.1
    sure = lead(unknown.scores, held.temperature)
    for guard in GUARDS:
        familiar = float(np.quantile(held.familiarity, guard)) if guard else -np.inf
        found = threshold_of(held, risk, familiar)
        passed = (sure >= found) & (unknown.familiarity >= familiar) & (unknown.distance <= far)
        if len(sure) == 0 or passed.mean() <= LET_PASS:
            break
    return Dial(risk, found, familiar, strange, far)


def threshold_of(held: Held, risk: float, familiar: float) -> float:
    """The lead from which the bound holds on the split most like new photos.

    Of the bracket that is the optimistic one: with four clusters a tag the realised error stayed within the risk on
    every draw tried, with three a third fewer tags were applied.
    """
    rows = (held.split == len(BRACKET) - 1) & (held.familiarity >= familiar)
    return threshold(held.lead[rows], held.right[rows], risk)
