"""Encoders by name: the one place that turns a spec like ``compact+onnx:shoes.onnx`` into an Encoder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from model_service.encoders.encoder import Encoder
from model_service.errors import Misconfigured


def _compact(argument: str) -> Encoder:
    from model_service.encoders.compact import Compact

    return Compact()


def _onnx(argument: str) -> Encoder:
    from model_service.encoders.onnx import Onnx

    return Onnx(Path(argument))


def _hub(argument: str) -> Encoder:
    from model_service.encoders.hub import Hub

    return Hub(argument)


# Imports wait until an encoder is asked for, so that naming one costs no torch and no onnxruntime.
_LOADERS: dict[str, Callable[[str], Encoder]] = {"compact": _compact, "onnx": _onnx, "hub": _hub}
_WITH_ARGUMENT = {
    "onnx": "the path of an ONNX file, like onnx:shoes.onnx",
    "hub": "the name of a model, like hub:dinov2-small",
}
_EXISTING = (
    "compact (comes with Propernoun), onnx:PATH (your own network), "
    "hub:NAME (needs pip install 'propernoun[hub]'), or several joined by +"
)

MOST_PARTS = 8
MOST_LETTERS = 4096


def load_encoder(spec: str) -> Encoder:
    """The encoder that a spec names: ``compact``, ``onnx:PATH``, ``hub:NAME[@REVISION]``, or several joined by ``+``.

    A ``+`` joins only where ``compact``, ``onnx:`` or ``hub:`` follows; any other belongs to the path before it.
    Raises Misconfigured, in words that say what exists and what to install.
    """
    if len(spec) > MOST_LETTERS:
        raise Misconfigured(f"The name of an encoder has at most {MOST_LETTERS} letters.")
    parts = split(spec)
    if len(parts) > MOST_PARTS:
        raise Misconfigured(f"At most {MOST_PARTS} encoders can be joined; this names {len(parts)}.")
    for part in parts:
        if parts.count(part) > 1:
            raise Misconfigured(f"{part} is named twice: name it once.")
    encoders = [_load(part) for part in parts]
    if len(encoders) == 1:
        return encoders[0]
    from model_service.encoders.joined import Joined

    return Joined(encoders)


def split(spec: str) -> list[str]:
    """The parts of a spec, spaces around them removed. A ``+`` that no encoder's name follows stays in its path."""
    parts: list[str] = []
    for piece in spec.split("+"):
        if parts and not _starts_part(piece) and _takes_argument(parts[-1]):
            parts[-1] += "+" + piece
        else:
            parts.append(piece)
    return [part.strip() for part in parts]


def _starts_part(piece: str) -> bool:
    name, colon, _ = piece.strip().partition(":")
    return name in _LOADERS and bool(colon) == (name in _WITH_ARGUMENT)


def _takes_argument(part: str) -> bool:
    return part.strip().partition(":")[0] in _WITH_ARGUMENT


def _load(part: str) -> Encoder:
    name, _, argument = part.partition(":")
    name, argument = name.strip(), argument.strip()
    if not part:
        raise Misconfigured(f"The name of an encoder is missing; there are {_EXISTING}.")
    if name not in _LOADERS:
        raise Misconfigured(f'There is no encoder "{name}"; there are {_EXISTING}.')
    if name in _WITH_ARGUMENT and not argument:
        raise Misconfigured(f"{name}: needs {_WITH_ARGUMENT[name]}.")
    if name not in _WITH_ARGUMENT and ":" in part:
        raise Misconfigured(f"{name} stands alone: write {name} without a colon.")
    return _LOADERS[name](argument)
