"""Forgetting: an asset or a tag is taken out of a stored model and its report, as if it had never been there."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Set
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from model_service.bundle import NAMES, load_bundle, write_bundle
from model_service.errors import BadBundle
from model_service.model import GroupModel, Model
from model_service.types import Example, Features

_NOTHING = Features(np.zeros((1, 1), np.float32))
"""what is taken out is named by asset and tag: the model knows its vectors"""


class Forgot(StrEnum):
    """What became of a stored model."""

    UNTOUCHED = "untouched"
    """it never knew"""
    REWRITTEN = "rewritten"
    DROPPED = "dropped"
    """without what is forgotten there is no model, or it was damaged: it is gone"""


def taught(folder: Path) -> frozenset[str] | None:
    """The assets that the model in this folder has learned from; None where that cannot be told."""
    try:
        model, _ = load_bundle(folder)
    except BadBundle:
        return None
    return frozenset(
        one for part in model.parts.values() for shelf in part.bank.shelves.values() for one in shelf.assets
    )


def forget(folder: Path, *, assets: Collection[str] = (), tag: str = "") -> Forgot:
    """Take assets, or a tag with all its examples, out of the bundle in this folder. Twice is the same as once.

    A group that would keep fewer than two tags is taken out whole; a model without groups is deleted.
    """
    try:
        model, report = load_bundle(folder)
    except BadBundle:
        # What cannot be read cannot be shown to be without it.
        return _drop(folder)
    left, told = _without(model, assets, tag), scrubbed(report, assets=assets, tag=tag)
    if not left.parts:
        return _drop(folder)
    if left is model and told == report:
        return Forgot.UNTOUCHED
    write_bundle(left, told, folder)
    return Forgot.REWRITTEN


def scrubbed(report: Mapping[str, Any], *, assets: Collection[str] = (), tag: str = "") -> dict[str, Any]:
    """A report as plain data without whatever names these assets or this tag."""
    gone = {name for name in (*assets, tag) if name}

    def names(item: Any) -> bool:
        values = item.values() if isinstance(item, Mapping) else item if isinstance(item, list) else (item,)
        return any(isinstance(value, str) and any(name in value for name in gone) for value in values)

    def clean(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: clean(one) for key, one in value.items()}
        if isinstance(value, list):
            return [clean(one) for one in value if not names(one)]
        return value

    found: dict[str, Any] = clean(report)
    return found


def _without(model: Model, assets: Collection[str], tag: str) -> Model:
    parts = dict(model.parts)
    for name, part in model.parts.items():
        known = _examples(part, frozenset(assets), tag)
        if not known:
            continue
        if _left(part, known) < 2:
            del parts[name]
        else:
            parts[name] = part.update((), known)
    return model if parts == model.parts else replace(model, parts=parts)


def _examples(part: GroupModel, assets: Set[str], tag: str) -> list[Example]:
    return [
        Example(one, known, _NOTHING, part.name)
        for known, shelf in part.bank.shelves.items()
        for one in dict.fromkeys(shelf.assets)
        if one in assets or tag == known
    ]


def _left(part: GroupModel, gone: list[Example]) -> int:
    out: dict[str, set[str]] = {}
    for example in gone:
        out.setdefault(example.tag, set()).add(example.asset)
    return sum(bool(set(shelf.assets) - out.get(tag, set())) for tag, shelf in part.bank.shelves.items())


def _drop(folder: Path) -> Forgot:
    there = [place for place in (folder, folder.with_name(f".{folder.name}-old")) if place.exists()]
    for place in there:
        if not {one.name for one in place.iterdir()} <= set(NAMES):
            raise BadBundle(f"{place} holds something that is no model; it was left alone.")
        shutil.rmtree(place)
    return Forgot.DROPPED if there else Forgot.UNTOUCHED
