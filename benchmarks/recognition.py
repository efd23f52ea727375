"""Recognition of groceries on photos of other days: what is right, what was promised, what is unknown.

GroceryStore's train list is learned from and its val list, other photos of 81 products, judged. Seen through the
operation behind ``propernoun evaluate``, so that what users get is what is measured.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import photos
from benchmarks.row import Row, at_least, at_most, plain, said, skipped
from connector_core.operations.evaluate import Trial, evaluate
from connector_core.operations.train import Plan

SHOTS = 20
RISKS = (0.02, 0.05)
LEFT_OUT = 20
REPEATS, QUICK = 3, 2
TOP1 = {"compact": 0.66, "joined": 0.79}
AUROC, UNKNOWN_APPLIED, PROMISE = 0.78, 0.10, 0.05


def accuracy(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Share of right best tags at 20 examples a tag."""
    found = _known(quick)
    rows = [at_least(f"{name}: right at {SHOTS} examples", one[RISKS[0]]["top1"], TOP1[name]) for name, one in found]
    return _told(found), rows + _left(found, "accuracy")


def promise(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """How far what came true lies outside the promised bracket, and whether applied tags keep the risk."""
    found = _known(quick)
    rows = []
    for name, one in found:
        low, high = one[RISKS[0]]["promised_top1"]
        outside = max(low - one[RISKS[0]]["top1"], one[RISKS[0]]["top1"] - high, 0.0)
        promised = f"{said(low, '%')} to {said(high, '%')}"
        rows.append(at_most(f"{name}: came true outside the promise ({promised})", outside, PROMISE))
        for risk, result in one.items():
            applied = said(result["applied"], "%")
            rows.append(at_most(f"{name}: applied and wrong, {applied} applied", result["applied_error"], risk))
    return _told(found), rows + _left(found, "promise")


def unknown(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Whether photos of products that were never learned are told apart from those of products that were."""
    trial = Trial(repeats=QUICK if quick else REPEATS, unknown_tags=LEFT_OUT)
    found = {name: {RISKS[1]: result} for name, result in _evaluated(trial, RISKS[1], quick).items()}
    rows = []
    for name, one in found.items():
        result = one[RISKS[1]]
        said_of = f"{name}: AUROC with {LEFT_OUT} tags left out"
        # Only networks are asked for it: look-alikes differ in what compact does not see.
        auroc = result["unknown_auroc"]
        rows.append(at_least(said_of, auroc, AUROC, "") if name == "joined" else plain(said_of, auroc, ""))
        rows.append(at_most(f"{name}: unknown applied at risk 5 %", result["unknown_applied"], UNKNOWN_APPLIED))
        rows.append(plain(f"{name}: known applied at risk 5 %", result["applied"]))
    return _told(tuple(found.items())), rows + _left(found, "unknown")


@cache
def _known(quick: bool) -> tuple[tuple[str, dict[float, dict[str, Any]]], ...]:
    trial = Trial(shots=(SHOTS,), repeats=QUICK if quick else REPEATS)
    by_risk = {risk: _evaluated(trial, risk, quick) for risk in RISKS}
    return tuple((name, {risk: by_risk[risk][name] for risk in RISKS}) for name in by_risk[RISKS[0]])


def _evaluated(trial: Trial, risk: float, quick: bool) -> dict[str, dict[str, Any]]:
    if not photos.GROCERY.is_dir():
        return {}
    with tempfile.TemporaryDirectory() as folder:
        learned, judged = photos.grocery(Path(folder))
        return {
            name: evaluate(learned, judged, Plan(encoder, risk, photos.FEATURES), trial)["results"][0]
            for name, encoder in photos.encoders(quick).items()
        }


def _told(found: tuple[tuple[str, dict[float, dict[str, Any]]], ...]) -> dict[str, Any]:
    return {name: {f"risk {risk}": result for risk, result in one.items()} for name, one in found}


def _left(found: Collection[Any], name: str) -> list[Row]:
    """What was not measured, and why."""
    if not found:
        return [skipped(name, photos.ABSENT)]
    return [] if len(found) > 1 else [skipped(f"joined: {name}", "asked to be quick, or the networks are absent")]
