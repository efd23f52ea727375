"""The measures of an evaluation: what was right, what was applied, what was promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from model_service.report.report import Report
from model_service.types import Decision, Prediction

BINS = 15
CONFIDENCE = 0.95
BEST = 5


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One training, judged; ``truth`` is the tag by (asset, group), empty for an unknown one."""

    predictions: Sequence[Prediction]
    truth: Mapping[tuple[str, str], str]
    report: Report
    train_seconds: float
    score_ms: float

    @property
    def known(self) -> list[tuple[Prediction, str]]:
        """Predictions for what was learned, with the right answer."""
        pairs = ((one, self.truth.get((one.asset, one.group), "")) for one in self.predictions)
        return [(one, tag) for one, tag in pairs if tag]

    @property
    def unknown(self) -> list[Prediction]:
        """Predictions for what was never learned."""
        return [one for one in self.predictions if self.truth.get((one.asset, one.group)) == ""]


def summed(rounds: Sequence[Round]) -> dict[str, Any]:
    """The measures over all rounds, each a mean of the rounds' own.

    ``applied_error`` is the share of wrong ones among all applied tags of known photos of all rounds, and
    ``applied_error_upper`` its one-sided 95 % Clopper-Pearson bound on these pooled counts.
    """
    applied = [(one, tag) for each in rounds for one, tag in each.known if one.decision is Decision.APPLY]
    wrong = sum(one.tag != tag for one, tag in applied)
    return {
        "top1": mean([_right(each, 1) for each in rounds]),
        "top5": mean([_right(each, BEST) for each in rounds]),
        "applied": mean([_applied([one for one, _ in each.known]) for each in rounds]),
        "applied_error": wrong / len(applied) if applied else None,
        "applied_error_upper": upper(wrong, len(applied)) if applied else None,
        "promised_top1": [mean([_promised(each.report, side) for each in rounds]) for side in ("low", "high")],
        "ece": mean([calibration_error(each.known) for each in rounds]),
        "unknown_auroc": mean([auroc(each) for each in rounds]),
        "unknown_applied": mean([_applied(each.unknown) for each in rounds]),
        "train_seconds": mean([each.train_seconds for each in rounds]),
    }


def mean(values: Sequence[float | None]) -> float | None:
    """The mean of those that could be measured, None if none could."""
    measured = [value for value in values if value is not None]
    return float(np.mean(measured)) if measured else None


def upper(wrong: int, of: int) -> float:
    """The one-sided 95 % Clopper-Pearson bound on a share of which ``wrong`` of ``of`` were seen."""
    return 1.0 if wrong >= of else float(stats.beta.ppf(CONFIDENCE, wrong + 1, of - wrong))


def calibration_error(known: Sequence[tuple[Prediction, str]]) -> float | None:
    """How far probabilities are from the shares that were right: the expected calibration error over 15 bins."""
    if not known:
        return None
    said = np.array([one.probability for one, _ in known])
    right = np.array([one.tag == tag for one, tag in known], dtype=float)
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    gaps = [abs(float((said - right)[bins == at].sum())) for at in range(BINS)]
    return sum(gaps) / len(known)


def auroc(each: Round) -> float | None:
    """How well familiarity parts known photos from unknown ones: 0.5 is a coin, 1 never wrong; mean of the groups."""
    areas = []
    for group in {one.group for one in each.predictions}:
        known = [one.familiarity for one, _ in each.known if one.group == group]
        unknown = [one.familiarity for one in each.unknown if one.group == group]
        if known and unknown:
            ranks = stats.rankdata(known + unknown)[: len(known)].sum()
            areas.append((ranks - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown)))
    return mean(areas)


def _right(each: Round, best: int) -> float | None:
    return mean([float(tag in _best(one, best)) for one, tag in each.known])


def _best(one: Prediction, best: int) -> list[str]:
    return [one.tag] if best == 1 else [one.tag, *(tag for tag, _ in one.candidates[:best])]


def _applied(predictions: Sequence[Prediction]) -> float | None:
    return mean([float(one.decision is Decision.APPLY) for one in predictions])


def _promised(report: Report, side: str) -> float | None:
    weights = [group.examples for group in report.groups]
    ends: list[float] = [getattr(group.top1, side) for group in report.groups]
    return float(np.average(ends, weights=weights)) if sum(weights) else None
