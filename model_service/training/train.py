"""From examples to a model and the report on what to expect of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from model_service.bank import Bank
from model_service.encoders.encoder import Fingerprint
from model_service.errors import Misconfigured, TooFewExamples
from model_service.model import GroupModel, Model
from model_service.recognizers.background import Background
from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import Visual
from model_service.report.report import GroupReport, Report
from model_service.training.audit import audit
from model_service.training.crossfit import Crossfit
from model_service.training.curve import learning_curve
from model_service.training.dial import doubted, set_dial, unfamiliar
from model_service.training.held import gather
from model_service.training.select import Choice, select
from model_service.training.split import BRACKET, Folds, folds
from model_service.types import Example

STEPS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A model and its report."""

    model: Model
    report: Report


def train(
    examples: Sequence[Example],
    fingerprint: Fingerprint,
    *,
    risk: float = 0.02,
    grid: int = 0,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Trained:
    """Learn every group of tags; raises TooFewExamples where a group has fewer than two tags.

    ``grid`` says how the features were cut into regions; the model looks at new pictures in the same way.
    """
    if not 0.0 < risk < 1.0:
        raise Misconfigured(f"The risk must lie between 0 and 1, not {risk}; 0.02 means 2 of 100.")
    began = time.monotonic()
    names = list(dict.fromkeys(example.group for example in examples))
    if not names:
        raise TooFewExamples("There are no examples to learn from: give every tag a picture, better 5 to 20.")
    parts: dict[str, GroupModel] = {}
    reports: list[GroupReport] = []
    notes: list[str] = []
    for place, name in enumerate(names):

        def step(done: int, *, before: int = place * STEPS) -> None:
            if on_progress:
                on_progress(before + done, len(names) * STEPS)

        members = [example for example in examples if example.group == name]
        part, told, found = _group(name, members, fingerprint, risk, seed, step)
        parts[name] = part
        reports.append(told)
        notes += found
    created = datetime.now(UTC).isoformat(timespec="seconds")
    seconds = round(time.monotonic() - began, 3)
    report = Report(fingerprint.name, fingerprint.id, created, risk, seconds, tuple(reports), notes=tuple(notes))
    return Trained(Model(fingerprint, risk, parts, grid), report)


def _group(
    name: str,
    examples: Sequence[Example],
    fingerprint: Fingerprint,
    risk: float,
    seed: int,
    step: Callable[[int], None],
) -> tuple[GroupModel, GroupReport, list[str]]:
    tags = [example.tag for example in examples]
    order = sorted(set(tags))
    if len(order) < 2:
        raise TooFewExamples(
            f"The group {name!r} has only the tag {order[0]!r}: to tell tags apart, give examples of at least two."
        )
    examples = sorted(examples, key=lambda example: order.index(example.tag))
    tags = [example.tag for example in examples]
    vectors = np.stack([example.features.vectors[0] for example in examples])
    truth = np.array([order.index(tag) for tag in tags])
    shoots = [example.shoot for example in examples]
    splits = [folds(vectors, tags, shoots, count, seed=seed + count) for count in BRACKET]
    choice = _choose(vectors, truth, splits, fingerprint, seed)
    step(1)
    regions = [example.features.vectors for example in examples]
    folded = Crossfit(vectors, regions, tags, order, fingerprint.blocks, choice)
    judged = [folded.judge(split) for split in splits]
    held = gather(judged, truth)
    step(2)
    visual = Visual(fingerprint.blocks, choice.weights, choice.shrinkage).fit(vectors, tags)
    unproven = _unproven(order, tags, shoots)
    unknown = folded.strangers()
    dial = set_dial(held, unknown, risk)
    bank = Bank.of([example.asset for example in examples], tags, vectors)
    part = GroupModel(
        name, visual, held.confidence, dial, bank, unproven, doubted(held, order, dial), Background(visual)
    )
    step(3)
    curve = learning_curve(vectors, truth, splits, fingerprint.blocks, choice)
    report, notes = audit(part, held, examples, order, choice, curve, unfamiliar(held, unknown))
    step(4)
    return part, report, notes


def _choose(vectors: Floats, truth: Folds, splits: Sequence[Folds], fingerprint: Fingerprint, seed: int) -> Choice:
    if np.bincount(truth).max() < 2:
        # Nothing can be held out: listen to all blocks alike.
        count = len(fingerprint.blocks)
        return Choice((1.0 / count,) * count, 0.25, float("nan"))
    return select(vectors, truth, splits, fingerprint.blocks, seed=seed)


def _unproven(order: Sequence[str], tags: Sequence[str], shoots: Sequence[str]) -> frozenset[str]:
    """Tags with a single example, or whose examples are all known to be of one shoot."""
    found = set()
    for tag in order:
        own = [shoot for other, shoot in zip(tags, shoots, strict=True) if other == tag]
        if len(own) < 2 or (all(own) and len(set(own)) == 1):
            found.add(tag)
    return frozenset(found)
