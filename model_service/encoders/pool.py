"""What a network answers, made into vectors: pooled, post-processed, brought to length 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_service.encoders.card import Card
from model_service.types import Vectors


def width(shape: Sequence[object], card: Card) -> int | None:
    """The length of the vectors from an output of this shape, None if there is no telling."""
    pooled = card.post[:1]
    channels: object = None
    if pooled == ("mean_pool",) and len(shape) == 4:
        channels = shape[1 if card.layout == "NCHW" else 3]
    elif pooled in (("mean_pool",), ("cls",)):
        channels = shape[2] if len(shape) == 3 else None
    elif len(shape) == 2 or all(side == 1 for side in shape[2:]):
        channels = shape[1] if len(shape) >= 2 else None
    return channels if isinstance(channels, int) and channels > 0 else None


def finish(raw: NDArray[Any], card: Card) -> Vectors:
    """The steps of the card's ``post``, in their order, on an output whose shape ``width`` accepts."""
    values: Vectors = raw.astype(np.float32, copy=False)
    if card.post[:1] == ("mean_pool",):
        values = values.mean(axis=_places(values.ndim, card), dtype=np.float32)
    elif card.post[:1] == ("cls",):
        values = values[:, 0]
    values = values.reshape(len(values), -1)
    for step in card.post:
        if step == "relu":
            values = np.maximum(values, 0)
        elif step == "sqrt":
            # Of the absolute value, the sign kept: the same on networks that end in a ReLU, and defined everywhere.
            values = np.sign(values) * np.sqrt(np.abs(values))
        elif step == "l2":
            values = unit(values)
    return values


def unit(vectors: Vectors) -> Vectors:
    """Rows (n, dim) at length 1. A row of zeros, which has no direction, becomes the same in all dimensions."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    rows: Vectors = np.divide(vectors, lengths, where=lengths > 0, out=np.ones(vectors.shape)).astype(np.float32)
    rows[lengths[:, 0] == 0] /= np.sqrt(max(1, vectors.shape[1]))
    return rows


def _places(ndim: int, card: Card) -> tuple[int, ...]:
    if ndim == 3:
        return (1,)
    return (2, 3) if card.layout == "NCHW" else (1, 2)
