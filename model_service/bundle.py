"""A model on disk: JSON and safetensors, hashed, written at once, never pickled."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from model_service.bank import Bank
from model_service.confidence import Confidence
from model_service.decide import Dial
from model_service.encoders.encoder import Block, Fingerprint
from model_service.errors import BadBundle
from model_service.model import GroupModel, Model
from model_service.recognizers.background import Background
from model_service.recognizers.visual import Visual

if TYPE_CHECKING:
    from model_service.training.train import Trained

FORMAT = 1
MOST_BYTES = 4 << 30
STALE = 24 * 3600.0
"""seconds after which nobody works on a draft any more"""
NAMES = ("model.json", "model.safetensors", "report.json")


def save_bundle(trained: Trained, folder: Path) -> None:
    """Write the bundle; a bundle already there is replaced at once or not at all."""
    write_bundle(trained.model, trained.report.to_json(), folder)


def write_bundle(model: Model, told: dict[str, Any], folder: Path) -> None:
    """Write a model and its report as plain data, as ``save_bundle`` does."""
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    draft = folder.parent / f".{folder.name}-{secrets.token_hex(8)}"
    draft.mkdir()
    try:
        arrays = save_arrays(_arrays(model))
        report = json.dumps(told, indent=1).encode()
        card = _card(model) | {"sha256": {NAMES[1]: _hash(arrays), NAMES[2]: _hash(report)}}
        body = json.dumps(card, sort_keys=True)
        text = _write({"sha256": _hash(body.encode()), "model": card})
        for name, data in zip(NAMES, (text, arrays, report), strict=True):
            with open(draft / name, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        _swap(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def load_bundle(folder: Path, *, fingerprint: Fingerprint | None = None) -> tuple[Model, dict[str, Any]]:
    """The model and its report; ``fingerprint`` is the encoder at hand, refused if the model is bound to another."""
    folder = _there(Path(folder))
    card = _read_card(folder)
    arrays, report = (_read(folder, name, card["sha256"][name]) for name in NAMES[1:])
    try:
        state = load_arrays(arrays)
        model = _model(card, state)
        told: dict[str, Any] = json.loads(report)
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise BadBundle(f"The model in {folder} does not fit together ({error}); train again.") from error
    if fingerprint is not None and fingerprint.id != model.fingerprint.id:
        raise BadBundle(
            f"The model in {folder} was trained with the encoder {model.fingerprint.name} "
            f"({model.fingerprint.id}), not with {fingerprint.name} ({fingerprint.id}); "
            "use that encoder, or train again with this one."
        )
    return model, told


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(card: dict[str, Any]) -> bytes:
    return json.dumps(card, sort_keys=True, indent=1).encode()


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}-old")


def _sweep(folder: Path) -> None:
    """Remove drafts of this model that a killed program left behind; a save may still be at work on a younger one."""
    draft = re.compile(re.escape(f".{folder.name}-") + "[0-9a-f]{16}")
    for path in folder.parent.iterdir():
        if draft.fullmatch(path.name) and time.time() - path.stat().st_mtime > STALE:
            shutil.rmtree(path, ignore_errors=True)


def _there(folder: Path) -> Path:
    """The folder, or where its model waits if saving was cut off between the two renames."""
    old = _old(folder)
    return old if old.exists() and not folder.exists() else folder


def _swap(draft: Path, folder: Path) -> None:
    old = _old(folder)
    if _there(folder) == old:
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        if not folder.is_dir() or not {path.name for path in folder.iterdir()} <= set(NAMES):
            raise BadBundle(f"{folder} holds something that is no model; choose another folder for it.")
        folder.rename(old)
    try:
        draft.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _read(folder: Path, name: str, digest: str) -> bytes:
    path = folder / name
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadBundle(f"{path} is larger than any model; it was not read.")
        data = path.read_bytes()
    except OSError as error:
        raise BadBundle(f"There is no complete model in {folder}: {name} cannot be read; train again.") from error
    if digest and _hash(data) != digest:
        raise BadBundle(f"{path} is damaged: its content is not what was saved; train again or restore it.")
    return data


def _read_card(folder: Path) -> dict[str, Any]:
    text = _read(folder, NAMES[0], "")
    try:
        whole = json.loads(text)
        card: dict[str, Any] = whole["model"]
        body = json.dumps(card, sort_keys=True)
        if whole["sha256"] != _hash(body.encode()) or text != _write(whole):
            raise BadBundle(f"{folder / NAMES[0]} is damaged: its content is not what was saved; train again.")
        if card["format"] != FORMAT:
            raise BadBundle(
                f"The model in {folder} has format {card['format']}, this version reads {FORMAT}; train again."
            )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadBundle(f"{folder / NAMES[0]} is no model description; train again.") from error
    return card


def _card(model: Model) -> dict[str, Any]:
    groups = [
        {
            "name": part.name,
            "tags": list(part.visual.tags),
            "weights": list(part.visual.weights),
            "shrinkage": part.visual.shrinkage,
            "confidence": asdict(part.confidence),
            "dial": {key: repr(float(value)) for key, value in asdict(part.dial).items()},
            "unproven": sorted(part.unproven),
            "doubted": sorted(part.doubted),
            "bank": part.bank.flat()[:2],
        }
        for part in model.parts.values()
    ]
    told = {"format": FORMAT, "risk": model.risk, "grid": model.grid, "fingerprint": asdict(model.fingerprint)}
    return told | {"groups": groups}


def _arrays(model: Model) -> dict[str, np.typing.NDArray[Any]]:
    found = {}
    for place, part in enumerate(model.parts.values()):
        state = part.visual.state() | {"bank": part.bank.flat()[2]}
        found.update({f"{place}.{name}": np.ascontiguousarray(array) for name, array in state.items()})
    return found


def _model(card: dict[str, Any], arrays: dict[str, np.typing.NDArray[Any]]) -> Model:
    told = card["fingerprint"]
    blocks = tuple(Block(**block) for block in told["blocks"])
    fingerprint = Fingerprint(told["name"], told["revision"], blocks, told["preprocessing"])
    parts = {}
    for place, group in enumerate(card["groups"]):
        state = {name: arrays[f"{place}.{name}"] for name in ("counts", "sums", "scatter", "few", "few_tags")}
        blank = Visual(blocks, group["weights"], group["shrinkage"])
        visual = blank.restore(state, group["tags"])
        dial = Dial(**{key: float(value) for key, value in group["dial"].items()})
        confidence = Confidence(**{key: _pair(value) for key, value in group["confidence"].items()})
        assets, tags = group["bank"]
        bank = Bank.of(assets, tags, arrays[f"{place}.bank"])
        parts[group["name"]] = GroupModel(
            group["name"],
            visual,
            confidence,
            dial,
            bank,
            frozenset(group["unproven"]),
            frozenset(group["doubted"]),
            Background(visual),
        )
    return Model(fingerprint, card["risk"], parts, card["grid"])


def _pair(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
