"""A trained model: one recogniser, one calibration and one dial setting per group of tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from model_service.bank import Bank
from model_service.confidence import Confidence, Ranking, speakers
from model_service.decide import NEVER, Dial
from model_service.encoders.encoder import Fingerprint
from model_service.errors import Refuse
from model_service.recognizers.background import Background
from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import Visual
from model_service.types import Decision, Evidence, Example, Features, Prediction

CANDIDATES = 5
BATCH = 4096


@dataclass(frozen=True, slots=True, eq=False)
class GroupModel:
    """What is known of one exclusive group of tags."""

    name: str
    visual: Visual
    confidence: Confidence
    dial: Dial
    bank: Bank
    unproven: frozenset[str]
    """tags only ever seen in one shoot: never applied without asking"""
    doubted: frozenset[str]
    """tags that were wrong too often where they would have been applied: never applied without asking"""
    background: Background

    def judge(self, vectors: Floats) -> tuple[Ranking, Floats]:
        """The best tags of vectors of pictures or regions, (n, dim), and how far each lies from all tags, (n,)."""
        white = self.visual.whiten(vectors)
        scores = self.visual.near(white)
        relative, distance = self.background.judge(white, scores)
        return self.confidence.rank(scores, relative, CANDIDATES), distance

    def decide(self, tag: str, sure: float, relative: float, distance: float) -> tuple[Decision, str]:
        """What becomes of this tag as the best of a picture, and why, for a person."""
        dial = self.dial
        if distance > dial.far:
            return Decision.REJECT, "It looks like nothing among the examples."
        if relative < dial.strange:
            return Decision.REJECT, "It looks like none of the tags, at best like a relative of one."
        if dial.threshold >= NEVER:
            return Decision.REVIEW, "There are too few held-out examples to promise anything yet."
        if tag in self.unproven:
            return Decision.REVIEW, f"{tag} has only been seen in one shoot, so nothing is promised for it yet."
        if tag in self.doubted:
            return Decision.REVIEW, f"{tag} was wrong too often on held-out examples, so it waits for a person."
        said = f"It is {percent(sure)} sure; the risk asks for {percent(dial.threshold)}."
        return (Decision.APPLY if sure >= dial.threshold else Decision.REVIEW), said

    def update(self, added: Sequence[Example], removed: Sequence[Example]) -> GroupModel:
        """The group with examples more and fewer; exactly what learning afresh gives, at the same settings."""
        bank, taken = self.bank.remove(removed)
        bank = bank.add(added)
        if len(bank.shelves) < 2:
            raise Refuse(
                f"The group {self.name!r} would keep fewer than two tags; leave examples of at least two tags."
            )
        visual = self.visual.update(added=_pairs(added), removed=taken)
        visual = visual.remember({tag: bank.shelves[tag].vectors for tag in visual.forgotten()})
        fresh = {example.tag for example in added} - set(self.visual.tags)
        lone = {tag for tag, count in zip(visual.tags, visual.moments.counts, strict=True) if count < 2}
        gone_for_good = set(self.visual.tags) - set(visual.tags)
        unproven = (self.unproven | fresh | lone) - gone_for_good
        doubted = self.doubted - gone_for_good
        return replace(
            self, visual=visual, bank=bank, background=Background(visual), unproven=unproven, doubted=doubted
        )


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """An immutable result of training on one tenant's examples, bound to an encoder."""

    fingerprint: Fingerprint
    risk: float
    parts: Mapping[str, GroupModel]
    grid: int = 0
    """tiles a side that it was trained to look at besides the whole picture"""

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of tags it knows."""
        return tuple(self.parts)

    def predict(self, assets: Sequence[str], features: Sequence[Features]) -> list[Prediction]:
        """The best tag per asset and group, assets in order, groups in order."""
        found: list[Prediction] = []
        for start in range(0, len(assets), BATCH):
            names, batch = assets[start : start + BATCH], features[start : start + BATCH]
            columns = [_predict(part, names, batch) for part in self.parts.values()]
            found += [prediction for row in zip(*columns, strict=True) for prediction in row]
        return found

    def update(self, added: Sequence[Example] = (), removed: Sequence[Example] = ()) -> Model:
        """A new model that has learned from these examples, and forgotten those, exactly.

        Calibration and dial stay as trained; a new tag is not promised, so it waits for review until the next
        training.
        """
        touched = {example.group for example in (*added, *removed)}
        unknown = touched - set(self.parts)
        if unknown:
            raise Refuse(f"The model has no group {sorted(unknown)[0]!r}; train again to add a group.")
        parts = dict(self.parts)
        for group in touched:
            more = [example for example in added if example.group == group]
            fewer = [example for example in removed if example.group == group]
            parts[group] = parts[group].update(more, fewer)
        return replace(self, parts=parts)


def _pairs(examples: Sequence[Example]) -> tuple[Floats, list[str]] | None:
    if not examples:
        return None
    return np.stack([e.features.vectors[0] for e in examples]).astype(np.float64), [e.tag for e in examples]


def percent(share: float) -> str:
    """A share in words that do not round certainty up: 99.6 %, never 100 % for less than that."""
    return f"{min(share, 0.9999):.2%}" if share > 0.99 else f"{share:.0%}"


def _predict(part: GroupModel, assets: Sequence[str], features: Sequence[Features]) -> list[Prediction]:
    vectors = np.concatenate([one.vectors for one in features])
    ranking, distance = part.judge(vectors)
    rows = speakers(distance, [len(one.vectors) for one in features])
    starts = np.cumsum([0, *(len(one.vectors) for one in features)])
    names = np.array(part.visual.tags, dtype=object)[ranking.places[rows]].tolist()
    nearest = part.bank.nearest(vectors[rows], [ranked[0] for ranked in names])
    columns = zip(
        assets,
        features,
        (rows - starts[:-1]).tolist(),
        names,
        ranking.probabilities[rows].tolist(),
        ranking.familiarity[rows].tolist(),
        ranking.relative[rows].tolist(),
        distance[rows].tolist(),
        nearest,
        strict=True,
    )
    found = []
    for asset, one, region, ranked, chances, familiarity, relative, far, like in columns:
        decision, reason = part.decide(ranked[0], chances[0], relative, far)
        evidence = Evidence(like[0], like[1], one.boxes[region], ranked[1], chances[1])
        candidates = tuple(zip(ranked, chances, strict=True))
        found.append(
            Prediction(asset, ranked[0], part.name, chances[0], decision, reason, evidence, familiarity, candidates)
        )
    return found
