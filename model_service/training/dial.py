"""Where the risk dial of a group stands, from held-out judgements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model_service.decide import NEVER, Dial, bounds, threshold
from model_service.recognizers.moments import Floats
from model_service.training.crossfit import Judged
from model_service.training.held import Held

STRANGE = 0.02
"""share of held-out known pictures that may be taken for strangers"""
FAR = 1.5
"""how many times farther than held-out pictures one may lie before it is called like nothing among the examples

On the sample library the hundredth of new photos that lies farthest is 1.4 times as far as that of held-out ones, and
three of four photos of groceries are farther.
"""
LET_PASS = 0.12
"""share of pictures of tags left out of the vocabulary that may be applied; who accepts more risk accepts twice that

Measured on GroceryStore with 20 of 81 products left out, joined networks, 5 % risk: 0.15 lets 11 % of the photos of
unknown products pass, 0.10 lets 6 %, and no limit 17 %.
"""


def set_dial(held: Held, unknown: Judged, risk: float) -> Dial:
    """The dial at this risk; with nothing held out nothing is promised."""
    if not held.counted.any():
        return Dial(risk, NEVER, -np.inf, np.inf)
    strange = float(np.quantile(held.relative, STRANGE))
    far = float(np.quantile(held.distance, 1.0 - STRANGE / 2)) * FAR
    return Dial(risk, threshold_of(held, unfamiliar(held, unknown), risk), strange, far)


def doubted(held: Held, order: Sequence[str], dial: Dial) -> frozenset[str]:
    """Tags that are wrong more often than the risk allows where they would be applied, beyond doubt, on all splits.

    The bound is kept over all tags together; these would be carried by the others.
    """
    applied = held.sure >= dial.threshold
    found = set()
    for place, tag in enumerate(order):
        named = applied & (held.best == place)
        low, _ = bounds(int((named & ~held.right).sum()), int(named.sum()))
        if low > dial.risk:
            found.add(tag)
    return frozenset(found)


def unfamiliar(held: Held, unknown: Judged) -> Floats:
    """How sure the best tag of pictures is whose own tag was never learned: (n,)."""
    return held.confidence.sure(unknown.margin, unknown.relative)


def threshold_of(held: Held, strangers: Floats, risk: float) -> float:
    """How sure a tag has to be, so that the bound on the known ones holds and few of the strangers pass.

    What strangers do rests on weak evidence, so it only ever asks for more, and is no promise.
    """
    counted = held.counted
    found = threshold(held.sure[counted], held.right[counted], risk)
    if len(strangers) == 0 or found >= NEVER:
        return found
    limit = float(np.quantile(strangers, 1.0 - min(max(LET_PASS, 2.0 * risk), 1.0), method="higher"))
    return max(found, float(np.nextafter(limit, 1.0)))
