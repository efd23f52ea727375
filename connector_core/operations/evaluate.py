"""Evaluate: train on examples, judge on other photos, and measure what users were promised."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from connector_core.labelled import Item, Labelled
from connector_core.operations import measures
from connector_core.operations.measures import Round
from connector_core.operations.read import Read, Watch, examples, read, unwatched
from connector_core.operations.train import Plan
from model_service.errors import Misconfigured, TooFewExamples
from model_service.features.extract import Source, extract
from model_service.training.train import train
from model_service.types import Example

TIMED = 32
"""pictures that are read once more to say what one takes"""


@dataclass(frozen=True, slots=True)
class Trial:
    """What to try: how many examples a tag (none: all of them), how often, and how many tags to leave out."""

    shots: tuple[int, ...] = ()
    repeats: int = 3
    unknown_tags: int = 0
    seed: int = 0


def evaluate(
    learned: Labelled, judged: Labelled, plan: Plan, trial: Trial, *, watch: Watch = unwatched
) -> dict[str, Any]:
    """The measures as plain data, fractions in [0, 1]; None where there was nothing to measure.

    Raises TooFewExamples, and Misconfigured for a trial that these sets cannot give.
    """
    _check(learned, judged, trial)
    seen = read(_photos(learned.items), plan.encoder, keep=plan.keep, grid=plan.grid, watch=watch, what="examples")
    met = read(
        _photos(judged.items), plan.encoder, keep=plan.keep, grid=plan.grid, watch=watch, what="photos to judge by"
    )
    pool = examples(learned.items, seen.features)
    if not pool:
        raise TooFewExamples("None of the examples could be read; look at the reasons with `propernoun train`.")
    if not met.features:
        raise Misconfigured("None of the photos to judge by could be read; check where they lie.")
    decode, encode = _milliseconds(judged, met, plan)
    sizes: tuple[int | None, ...] = trial.shots or (None,)
    # All examples and all tags leave nothing to draw: once is enough.
    repeats = trial.repeats if trial.shots or trial.unknown_tags else 1
    results = []
    for at, shots in enumerate(sizes):
        rounds = []
        for repeat in range(repeats):
            watch("Training and judging", at * repeats + repeat, len(sizes) * repeats)
            rounds.append(_round(_drawn(pool, shots, trial, repeat), judged, met, plan, repeat))
        results.append(_result(shots, rounds, decode, encode))
    watch("Training and judging", len(results) * repeats, len(results) * repeats)
    return {
        "encoder": plan.encoder.fingerprint.name,
        "encoder_id": plan.encoder.fingerprint.id,
        "risk": plan.risk,
        "repeats": repeats,
        "seed": trial.seed,
        "unknown_tags": trial.unknown_tags,
        "tags": len(learned.tags),
        "examples": len(pool),
        "judged": len(met.features),
        "results": results,
        "skipped": [{"path": path, "reason": reason} for path, reason in (*seen.skipped, *met.skipped)],
        "notes": [*learned.notes, *judged.notes],
    }


def _check(learned: Labelled, judged: Labelled, trial: Trial) -> None:
    if any(shots < 1 for shots in trial.shots) or trial.repeats < 1 or trial.unknown_tags < 0:
        raise Misconfigured("Shots and repeats count from 1, unknown tags from 0.")
    if len(learned.tags) - trial.unknown_tags < 2:
        raise Misconfigured(
            f"With {trial.unknown_tags} of {len(learned.tags)} tags left out, fewer than two are left to learn; "
            "leave out fewer."
        )
    if not {tag for _, tag in learned.tags} & {item.tag for item in judged.items}:
        raise Misconfigured("The photos to judge by have no tag in common with the examples; check how both are named.")


def _photos(items: Sequence[Item]) -> dict[str, Any]:
    return {item.asset: item.path for item in items}


def _drawn(pool: Sequence[Example], shots: int | None, trial: Trial, repeat: int) -> list[Example]:
    """The examples of one repeat. More shots of the same repeat hold the fewer ones, so that sizes can be compared."""
    rng = np.random.default_rng((trial.seed, repeat))
    by_tag: dict[tuple[str, str], list[Example]] = {}
    for example in pool:
        by_tag.setdefault((example.group, example.tag), []).append(example)
    tags = sorted(by_tag)
    left_out = {tags[at] for at in rng.permutation(len(tags))[: trial.unknown_tags]}
    drawn = []
    for tag in tags:
        order = rng.permutation(len(by_tag[tag]))
        if tag not in left_out:
            drawn += [by_tag[tag][at] for at in order[:shots]]
    return drawn


def _round(drawn: Sequence[Example], judged: Labelled, met: Read, plan: Plan, repeat: int) -> Round:
    start = time.perf_counter()
    trained = train(drawn, plan.encoder.fingerprint, risk=plan.risk, grid=plan.grid, seed=repeat)
    train_seconds = time.perf_counter() - start
    assets = list(met.features)
    features = [met.features[asset] for asset in assets]
    start = time.perf_counter()
    predictions = trained.model.predict(assets, features)
    score_ms = (time.perf_counter() - start) * 1000 / len(assets)
    truth = _truth(judged.items, {(one.group, one.tag) for one in drawn}, trained.model.groups)
    return Round(predictions, truth, trained.report, train_seconds, score_ms)


def _truth(items: Sequence[Item], known: set[tuple[str, str]], groups: Sequence[str]) -> Mapping[tuple[str, str], str]:
    """The tag by (asset, group), empty for what the model never learned."""
    truth = {}
    for item in items:
        # A vocabulary of one group needs no column that names it.
        group = groups[0] if len(groups) == 1 else item.group
        truth[item.asset, group] = item.tag if (group, item.tag) in known else ""
    return truth


def _result(shots: int | None, rounds: Sequence[Round], decode: float, encode: float) -> dict[str, Any]:
    return {
        "shots": shots or "all",
        **measures.summed(rounds),
        "ms": {"decode": decode, "encode": encode, "score": measures.mean([one.score_ms for one in rounds])},
    }


def _milliseconds(judged: Labelled, met: Read, plan: Plan) -> tuple[float, float]:
    """What reading and encoding one picture takes, by one thread that reads, with nothing kept from before."""
    some = [Source(item.asset, item.path) for item in judged.items if item.asset in met.features][:TIMED]
    for _ in extract(some[:1], plan.encoder, grid=plan.grid, workers=1):
        pass
    taken = list(extract(some, plan.encoder, grid=plan.grid, workers=1))
    decode, encode = [one.decode_ms for one in taken], [one.encode_ms for one in taken]
    return sum(decode) / len(taken), sum(encode) / len(taken)
