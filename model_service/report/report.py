"""What training found out about itself, as data: JSON for programs, a page for people."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in [0, 1] with its 90 % Clopper-Pearson interval and the number of trials behind it."""

    value: float
    low: float
    high: float
    of: int


@dataclass(frozen=True, slots=True)
class TagReport:
    """One tag on held-out examples."""

    tag: str
    examples: int
    shoots: int
    """distinct shoots (or visual clusters) its examples come from"""
    precision: Rate
    recall: Rate
    applied: float
    """share of its held-out examples that would be tagged without asking"""
    reviewed: float
    promised: bool
    """false: only ever seen in one shoot, so its tags wait for review"""
    advice: str
    """one sentence on what would help most, empty when nothing is needed"""


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two tags that are mistaken for each other on held-out examples."""

    tag: str
    mistaken_for: str
    share: float
    """share of held-out examples of ``tag`` that were called ``mistaken_for``"""
    example: str
    """an asset of ``tag`` that was mistaken"""
    resembles: str
    """the asset of ``mistaken_for`` that it resembles most"""
    advice: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """An example whose label the others contradict: likely mislabelled."""

    asset: str
    tag: str
    looks_like: str
    probability: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Held-out accuracy when only this many examples per tag are used."""

    examples: int
    top1: float


@dataclass(frozen=True, slots=True)
class GroupReport:
    """One group of tags: what to expect from it on new photos."""

    group: str
    tags: tuple[TagReport, ...]
    examples: int
    top1: Rate
    """expected share of new photos whose best tag is right: middle and ends of the bracket"""
    technique: str
    """a sentence: which recogniser, which features carry it and how much"""
    weights: dict[str, float]
    """learned share of each block of features, summing to 1"""
    shrinkage: float
    threshold: float
    """how sure a tag has to be to be applied, in [0, 1]; above 1 means nothing can be promised yet"""
    applied: float
    reviewed: float
    rejected: float
    """shares of held-out examples by decision at the chosen risk; they sum to 1"""
    applied_error: Rate
    """share of applied held-out tags that were wrong"""
    calibration_error: float
    """expected calibration error of the probabilities, held out"""
    dial: tuple[tuple[float, float, float], ...]
    """(risk, share applied, threshold) for other positions of the risk dial"""
    confusions: tuple[Confusion, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    curve: tuple[CurvePoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report of one training."""

    encoder: str
    encoder_id: str
    created: str
    """ISO 8601, UTC"""
    risk: float
    """the promise: at most this share of applied tags is wrong"""
    seconds: float
    groups: tuple[GroupReport, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    """files that could not be used, each with its one-sentence reason"""
    notes: tuple[str, ...] = field(default=())
    """sentences for people: warnings about splits, shoots, too few examples"""

    def to_json(self) -> dict[str, Any]:
        """Plain data, ready for ``json.dump``."""
        data: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return data
