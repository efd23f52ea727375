"""Train: labelled photos become a model on disk, with its report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from connector_core.labelled import Labelled
from connector_core.operations.read import Watch, examples, read, unwatched
from model_service.bundle import NAMES, save_bundle
from model_service.encoders.encoder import Encoder
from model_service.errors import Refuse
from model_service.training.train import Trained
from model_service.training.train import train as learn


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: the encoder, the share of applied tags that may be wrong, and where features are kept."""

    encoder: Encoder
    risk: float
    keep: Path | None = None
    grid: int = 0
    """tiles a side that photos are looked at in, besides the whole; for small products in a cluttered scene"""


def train(labelled: Labelled, plan: Plan, to: Path, *, watch: Watch = unwatched) -> Trained:
    """Train on a labelled set and save the model into the folder ``to``. Raises TooFewExamples."""
    _check(to)
    trained = fit(labelled, plan, watch=watch)
    save_bundle(trained, to)
    return trained


def fit(labelled: Labelled, plan: Plan, *, watch: Watch = unwatched) -> Trained:
    """Train on a labelled set; the report also says which photos could not be read. Raises TooFewExamples."""
    tagged = {item.asset: item.path for item in labelled.items if item.tag}
    seen = read(tagged, plan.encoder, keep=plan.keep, grid=plan.grid, watch=watch, what="examples")
    doing = "Learning, and judging on held-out examples"
    watch(doing, 0, 1)
    trained = learn(
        examples(labelled.items, seen.features),
        plan.encoder.fingerprint,
        risk=plan.risk,
        grid=plan.grid,
        on_progress=lambda done, of: watch(doing, done, of),
    )
    report = trained.report
    notes = (*labelled.notes, *report.notes)
    return replace(trained, report=replace(report, skipped=(*report.skipped, *seen.skipped), notes=notes))


def _check(to: Path) -> None:
    """Refuse a folder that holds something else before time is spent on learning."""
    if to.is_dir() and any(to.iterdir()) and not (to / NAMES[0]).exists():
        raise Refuse(f"{to} holds something that is no model; choose another folder for it with --model.")
