"""What is said of a picture: tags by name, how certain, decided how, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from connector_core.store.store import TenantStore
from connector_core.web.api.shapes import Shape


class Named(Shape):
    """A tag as it is called."""

    id: str
    name: str
    label: str
    """what it is called in the language asked for"""
    group: str


class Candidate(Shape):
    """A tag that it might be."""

    tag: Named
    probability: float


class Evidence(Shape):
    """Why: what it most resembles, where, and what else it might be."""

    nearest: str | None
    """the example that it most resembles: the id of an asset"""
    similarity: float
    box: list[float]
    """left, top, width and height, in fractions of the picture"""
    familiarity: float
    candidates: list[Candidate]
    """the best few, the best first; the second is the runner-up"""


class Prediction(Shape):
    """What the model says in one group of tags."""

    tag: Named
    probability: float
    decision: str
    """``apply``, ``review`` or ``reject``"""
    reason: str
    evidence: Evidence
    model: str


class Names:
    """Tags as they are called in a language; only those asked for are looked up."""

    def __init__(self, store: TenantStore, ids: Collection[str], locale: str = "") -> None:
        groups, wanted = store.vocabulary.groups(), sorted(set(ids))
        labels = store.vocabulary.label(locale or store.tenant().locale, wanted)
        self._named = {
            word.id: Named(id=word.id, name=word.name, label=labels[word.id], group=groups[word.group])
            for word in store.vocabulary.all(wanted)
        }

    def get(self, tag: str) -> Named | None:
        """The tag, or None if there is none any more."""
        return self._named.get(tag)

    def some(self, tags: Iterable[str]) -> list[Named]:
        """Those that exist, by name."""
        return sorted((self._named[tag] for tag in set(tags) if tag in self._named), key=lambda one: (one.name, one.id))


def mentioned(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ids of the tags that predictions speak of."""
    found: set[str] = set()
    for row in rows:
        found |= {row["tag"], *(tag for tag, _ in row["evidence"].get("candidates", ()))}
    return found


def predictions(rows: Iterable[Mapping[str, Any]], names: Names) -> list[Prediction]:
    """Predictions, as rows of the store, with names; nothing of tags that are no longer there."""
    found = []
    for row in rows:
        tag = names.get(row["tag"])
        if tag is not None:
            told = {key: row[key] for key in ("probability", "decision", "reason", "model")}
            found.append(Prediction(tag=tag, evidence=_evidence(row["evidence"], names), **told))
    return sorted(found, key=lambda one: (one.tag.group, one.tag.name))


def _evidence(why: Mapping[str, Any], names: Names) -> Evidence:
    ranked = [(names.get(tag), chance) for tag, chance in why.get("candidates", ())]
    return Evidence(
        nearest=why.get("nearest") or None,
        similarity=why.get("similarity", 0.0),
        box=why.get("box", [0.0, 0.0, 1.0, 1.0]),
        familiarity=why.get("familiarity", 0.0),
        candidates=[Candidate(tag=tag, probability=chance) for tag, chance in ranked if tag is not None],
    )
