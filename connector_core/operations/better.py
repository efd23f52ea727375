"""Better: whether a new model is at least as good as the one in use, by what both found out about themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector_core.operations.promote import promote
from connector_core.store.rows import Trained
from connector_core.store.store import TenantStore
from model_service.errors import Refuse

SLACK = 0.01
"""by which a share may be lower and still count as equal: reports are estimates"""


@dataclass(frozen=True, slots=True)
class Compared:
    """How a model compares with the one in use."""

    better: bool
    reason: str
    """a sentence for people"""


def compare(mine: TenantStore, model: str) -> Compared:
    """Compare a trained model with the live one. Raises Gone; Refuse for one that is not trained."""
    one, live = mine.models.get(model), mine.models.live()
    if one.report is None:
        raise Refuse(f"Model {one.number} is {one.state}; only a trained one can be compared.")
    if live is None:
        return Compared(True, "There is no model in use.")
    if live.id == one.id:
        return Compared(False, "It is the model in use.")
    return compared(mine, one, mine.models.get(live.id))


def promote_if_better(mine: TenantStore, model: str, *, person: str) -> Compared:
    """Put a model to use if it is at least as good as the one in use; whether it is, and why."""
    found = compare(mine, model)
    if found.better:
        promote(mine, model, person=person)
    return found


def roll_back(mine: TenantStore, *, person: str) -> Trained:
    """Put the model to use again that was in use before this one. Raises Refuse where there was none."""
    before = [one for one in mine.models.all() if one.state == "retired" and one.promoted]
    if not before:
        raise Refuse("There is no earlier model to go back to.")
    latest = max(before, key=lambda one: one.promoted)
    promote(mine, latest.id, person=person)
    return mine.models.get(latest.id)


def compared(mine: TenantStore, one: Trained, live: Trained) -> Compared:
    """Compare two models by their reports."""
    new, old = _groups(one), _groups(live)
    words = {word.id: word for word in mine.vocabulary.all() if not word.archived}
    lost = [words[tag].name for tag in _tags(old) - _tags(new) if tag in words]
    if lost:
        return Compared(False, f"It does not know {lost[0]}" + (f" and {len(lost) - 1} more." if lost[1:] else "."))
    for what, name in (("would be right", "right"), ("would be applied without asking", "applied")):
        before, after = _share(old, name), _share(new, name)
        if after < before - SLACK:
            return Compared(False, f"Only {after:.1%} {what}, with the model in use {before:.1%}.")
    return Compared(
        True, f"{_share(new, 'right'):.1%} would be right, with the model in use {_share(old, 'right'):.1%}."
    )


def _groups(model: Trained) -> Sequence[Mapping[str, Any]]:
    groups: Sequence[Mapping[str, Any]] = (model.report or {}).get("groups", ())
    return groups


def _tags(groups: Sequence[Mapping[str, Any]]) -> set[str]:
    return {tag["tag"] for group in groups for tag in group["tags"]}


def _share(groups: Sequence[Mapping[str, Any]], name: str) -> float:
    """A share over all groups, each as heavy as it has examples."""
    weight = sum(group["examples"] for group in groups)
    told = ((group["top1"]["value"] if name == "right" else group["applied"], group["examples"]) for group in groups)
    return sum(share * count for share, count in told) / weight if weight else 0.0
