"""Several encoders as one: every picture seen by each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model_service.encoders.encoder import Block, Encoder, Fingerprint
from model_service.errors import Misconfigured
from model_service.types import Picture, Vectors


class Joined:
    """The encoder ``a+b``: the blocks of its parts side by side, all of the same length in every row.

    A block name that occurs again gets a number (``mbv1``, ``mbv1#2``). Parts that give the same vectors are refused.
    """

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self._encoders = tuple(encoders)
        parts = [encoder.fingerprint for encoder in self._encoders]
        if not parts:
            raise Misconfigured("There is nothing to join: name at least one encoder.")
        _refuse_twins(parts)
        blocks = _numbered([block for part in parts for block in part.blocks])
        self._shares = [np.float32(np.sqrt(len(part.blocks) / len(blocks))) for part in parts]
        self._fingerprint = Fingerprint(
            name="+".join(part.name for part in parts),
            revision=hashlib.sha256("+".join(part.revision for part in parts).encode()).hexdigest(),
            blocks=blocks,
            preprocessing=" + ".join(part.preprocessing for part in parts),
        )

    @property
    def fingerprint(self) -> Fingerprint:
        """What the vectors mean: the fingerprints of the parts, in their order."""
        return self._fingerprint

    def encode(self, pictures: Sequence[Picture]) -> Vectors:
        """Unit vectors, (n, sum of the parts' dims) float32."""
        pairs = zip(self._encoders, self._shares, strict=True)
        return np.concatenate([encoder.encode(pictures) * share for encoder, share in pairs], axis=1)


def _refuse_twins(parts: Sequence[Fingerprint]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for part in parts:
        key = (part.revision, part.preprocessing)
        if key in seen:
            raise Misconfigured(f"{seen[key]} and {part.name} are the same encoder: name it once.")
        seen[key] = part.name


def _numbered(blocks: Sequence[Block]) -> tuple[Block, ...]:
    names: set[str] = set()
    result = []
    for block in blocks:
        name, number = block.name, 1
        while name in names:
            number += 1
            name = f"{block.name}#{number}"
        names.add(name)
        result.append(replace(block, name=name))
    return tuple(result)
