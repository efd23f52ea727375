"""A trained model: one recogniser, one calibration and one dial setting per group of tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from model_service.decide import NEVER, Dial
from model_service.encoders.encoder import Fingerprint
from model_service.errors import Refuse
from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import Visual
from model_service.training.calibrate import lead, softmax
from model_service.training.familiarity import Background
from model_service.types import Decision, Evidence, Example, Features, Prediction

CANDIDATES = 5
BATCH = 512


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """The examples of a group: which asset shows which tag, and its vector; evidence and exact removal need them."""

    assets: tuple[str, ...]
    tags: tuple[str, ...]
    vectors: Floats

    def without(self, removed: Sequence[Example]) -> Bank:
        """The bank without these (asset, tag) pairs."""
        gone = self.rows(removed)
        keep = [row for row in range(len(self.tags)) if row not in gone]
        return Bank(tuple(self.assets[r] for r in keep), tuple(self.tags[r] for r in keep), self.vectors[keep])

    def rows(self, examples: Sequence[Example]) -> dict[int, str]:
        """Where these (asset, tag) pairs are, each row once, and the tag there."""
        asked = {(example.asset, example.tag) for example in examples}
        pairs = enumerate(zip(self.assets, self.tags, strict=True))
        return {row: pair[1] for row, pair in pairs if pair in asked}


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What a group says of pictures, one row each."""

    probabilities: Floats
    """(n, tags)"""
    lead: Floats
    """how sure the best tag is against the runner-up, (n,)"""
    familiarity: Floats
    distance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class GroupModel:
    """What is known of one exclusive group of tags."""

    name: str
    visual: Visual
    temperature: float
    dial: Dial
    bank: Bank
    unproven: frozenset[str]
    """tags only ever seen in one shoot: never applied without asking"""
    background: Background

    def judge(self, vectors: Floats) -> Judgement:
        """Vectors of pictures or regions, (n, dim), judged."""
        white = self.visual.whiten(vectors)
        scores = self.visual.near(white)
        familiarity, distance = self.background.judge(white, scores)
        sure = lead(scores, self.temperature)
        return Judgement(softmax(scores, self.temperature), sure, familiarity, distance)

    def decide(self, tag: str, judged: Judgement, row: int) -> tuple[Decision, str]:
        """What becomes of this tag as the best of a row, and why, for a person."""
        dial, sure = self.dial, float(judged.lead[row])
        said = f"It leads the runner-up with {percent(sure)}; the risk asks for {percent(dial.threshold)}."
        if judged.distance[row] > dial.far:
            return Decision.REJECT, "It looks like nothing among the examples."
        if judged.familiarity[row] < dial.strange:
            return Decision.REJECT, "It looks like none of the tags, at best like a relative of one."
        if dial.threshold >= NEVER:
            return Decision.REVIEW, "There are too few held-out examples to promise anything yet."
        if tag in self.unproven:
            return Decision.REVIEW, f"{tag} has only been seen in one shoot, so nothing is promised for it yet."
        if sure < dial.threshold:
            return (
                Decision.REVIEW,
                said,
            )
        if judged.familiarity[row] < dial.familiar:
            return Decision.REVIEW, "It is sure of the tag, but the picture is unlike most examples."
        return Decision.APPLY, said

    def update(self, added: Sequence[Example], removed: Sequence[Example]) -> GroupModel:
        """The group with examples more and fewer; exactly what learning afresh gives, at the same settings."""
        known = set(zip(self.bank.assets, self.bank.tags, strict=True))
        for example in removed:
            if (example.asset, example.tag) not in known:
                raise Refuse(f"{example.asset} is no example of {example.tag}, so it cannot be taken out.")
        # What was learned is taken out, whatever the features that name it now.
        gone = self.bank.rows(removed)
        taken = (self.bank.vectors[list(gone)].astype(np.float64), list(gone.values()))
        bank = self.bank.without(removed)
        if added:
            rows = np.stack([example.features.vectors[0] for example in added])
            bank = Bank(
                (*bank.assets, *(example.asset for example in added)),
                (*bank.tags, *(example.tag for example in added)),
                np.concatenate([bank.vectors, rows]),
            )
        if len(set(bank.tags)) < 2:
            raise Refuse(
                f"The group {self.name!r} would keep fewer than two tags; leave examples of at least two tags."
            )
        visual = self.visual.update(added=_pairs(added), removed=taken)
        labels = np.array(bank.tags, dtype=object)
        visual = visual.remember({tag: bank.vectors[labels == tag] for tag in visual.forgotten()})
        fresh = {example.tag for example in added} - set(self.visual.tags)
        lone = {tag for tag, count in zip(visual.tags, visual.moments.counts, strict=True) if count < 2}
        gone_for_good = set(self.visual.tags) - set(visual.tags)
        unproven = (self.unproven | fresh | lone) - gone_for_good
        return replace(self, visual=visual, bank=bank, background=Background(visual), unproven=unproven)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """An immutable result of training on one tenant's examples, bound to an encoder."""

    fingerprint: Fingerprint
    risk: float
    parts: Mapping[str, GroupModel]

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
    judged = part.judge(vectors)
    similar = vectors @ part.bank.vectors.T
    owners = np.array(part.bank.tags, dtype=object)
    found = []
    start = 0
    for asset, one in zip(assets, features, strict=True):
        # A tag's score is its best region; the region whose best tag is surest speaks for the picture.
        region = int(judged.probabilities[start : start + len(one.vectors)].max(1).argmax())
        row = start + region
        start += len(one.vectors)
        order = np.argsort(-judged.probabilities[row], kind="stable")[:CANDIDATES]
        candidates = tuple((part.visual.tags[place], float(judged.probabilities[row, place])) for place in order)
        best, probability = candidates[0]
        second, chance = candidates[1] if len(candidates) > 1 else ("", 0.0)
        shown = np.flatnonzero(owners == best)
        nearest = int(shown[similar[row, shown].argmax()])
        decision, reason = part.decide(best, judged, row)
        evidence = Evidence(part.bank.assets[nearest], float(similar[row, nearest]), one.boxes[region], second, chance)
        found.append(
            Prediction(
                asset=asset,
                tag=best,
                group=part.name,
                probability=probability,
                decision=decision,
                reason=reason,
                evidence=evidence,
                familiarity=float(judged.familiarity[row]),
                candidates=candidates,
            )
        )
    return found
