"""An image network of one's own, as an ONNX file with a JSON card beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from model_service.encoders.card import Card, read_card
from model_service.encoders.encoder import Block, Fingerprint
from model_service.encoders.pixels import feed, fit
from model_service.encoders.pool import finish, unit, width
from model_service.encoders.session import ERRORS, cores, first_line, open_session
from model_service.errors import Misconfigured
from model_service.types import Picture, Vectors

BATCH = 8
# Protocol buffers, which ONNX files are, end here; weights in a second file are refused below.
MOST_BYTES = 2**31 - 1
_TYPES = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(uint8)": "uint8"}


class Onnx:
    """The encoder ``onnx:PATH``: one block, from the output of the network that the card names.

    Reads both files and opens the network at once: a wrong one raises Misconfigured here, not at the first photo.
    ``threads`` is the number of cores one ``encode`` may use; 0 means all that this process may run on.
    """

    def __init__(self, path: Path, *, threads: int = 0) -> None:
        self._card = card = read_card(path.with_suffix(".json"))
        content = _read(path)
        self._session = open_session(content, path, threads or cores())
        self._input, self._batch = _input(self._session, card, path)
        self._output, dim = _output(self._session, card, path)
        described = json.dumps(asdict(card), sort_keys=True)
        revision = hashlib.sha256(hashlib.sha256(content).digest() + described.encode()).hexdigest()
        self._fingerprint = Fingerprint(f"onnx:{path}", revision, (Block(card.name or path.stem, dim),), card.words)

    @property
    def fingerprint(self) -> Fingerprint:
        """What the vectors mean; its revision is a hash of the network and of the card."""
        return self._fingerprint

    def encode(self, pictures: Sequence[Picture]) -> Vectors:
        """Unit vectors, (n, dim) float32. Raises Misconfigured when the network's answer cannot be used."""
        rows = np.empty((len(pictures), self._fingerprint.dim), np.float32)
        for start in range(0, len(pictures), self._batch):
            fitted = [fit(picture, self._card) for picture in pictures[start : start + self._batch]]
            vectors = self._run(fitted)
            if self._card.flip:
                vectors = vectors + self._run([pixels[:, ::-1] for pixels in fitted])
            rows[start : start + self._batch] = unit(vectors)
        return rows

    def _run(self, fitted: Sequence[Picture]) -> Vectors:
        batch = np.stack([feed(pixels, self._card) for pixels in fitted])
        name = self._fingerprint.name
        try:
            (raw,) = self._session.run([self._output], {self._input: batch})
        except ERRORS as error:
            raise Misconfigured(f"{name} failed on a picture: {first_line(error)}.") from None
        if not np.isfinite(raw).all():
            raise Misconfigured(f'{name} gives numbers that are not finite: check "mean" and "std" in its card.')
        vectors = finish(raw, self._card)
        if vectors.shape != (len(fitted), self._fingerprint.dim):
            raise Misconfigured(f"{name} gives vectors of shape {vectors.shape}: it must answer one row a picture.")
        return vectors


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Misconfigured(f"{path} is larger than 2 GiB, which no ONNX file can be.")
        return path.read_bytes()
    except FileNotFoundError:
        raise Misconfigured(f"There is no file {path}: give the path of an ONNX network after onnx:.") from None
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}.") from None


def _input(session: Any, card: Card, path: Path) -> tuple[str, int]:
    """The name of the input and how many pictures go in at a time."""
    node = _named("input", card.input, session.get_inputs(), path)
    if len(session.get_inputs()) > 1:
        raise Misconfigured(f"{path} wants {len(session.get_inputs())} inputs, an image encoder has one.")
    if _TYPES.get(node.type) != card.dtype:
        wanted = _TYPES.get(node.type, node.type)
        raise Misconfigured(f'{path} wants {wanted} and its card says "dtype": "{card.dtype}".')
    wide, high = card.size
    shape = [3, high, wide] if card.layout == "NCHW" else [high, wide, 3]
    given = list(node.shape)
    if len(given) != 4 or any(isinstance(a, int) and a != b for a, b in zip(given[1:], shape, strict=True)):
        raise Misconfigured(f"{path} wants input {given}, and its card makes [pictures, {str(shape)[1:]}.")
    if isinstance(given[0], int) and given[0] != 1:
        raise Misconfigured(f"{path} takes exactly {given[0]} pictures: export it with batch 1 or a free batch size.")
    return str(node.name), 1 if given[0] == 1 else BATCH


def _output(session: Any, card: Card, path: Path) -> tuple[str, int]:
    """The name of the output and the length of the vectors made of it."""
    node = _named("output", card.output, session.get_outputs(), path)
    if node.type not in _TYPES:
        raise Misconfigured(f"{path} gives {node.type} in {node.name}: vectors must be float32, float16 or uint8.")
    dim = width(list(node.shape), card)
    if dim is None:
        raise Misconfigured(
            f'{path} gives {list(node.shape)} in {node.name}: choose another "output", add "mean_pool" or "cls" to '
            f'"post" for maps and tokens, and export it with a fixed vector length.'
        )
    return str(node.name), dim


def _named(what: str, wanted: str, nodes: Sequence[Any], path: Path) -> Any:
    names = [node.name for node in nodes]
    if not wanted and len(nodes) == 1:
        return nodes[0]
    if wanted not in names:
        problem = f'has no {what} "{wanted}"' if wanted else f"has several {what}s"
        raise Misconfigured(f'{path} {problem}: write one of {", ".join(names)} as "{what}" in its card.')
    return nodes[names.index(wanted)]
