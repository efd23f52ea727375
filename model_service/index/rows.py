"""Entries as every index keeps them: vectors that are checked, a payload beside them, and back, bit for bit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from model_service.errors import Misconfigured
from model_service.index.index import Entry
from model_service.index.words import named, unnamed, word
from model_service.types import WHOLE, Box, Features, Vectors


def check(entries: Sequence[Entry], dim: int) -> None:
    """Raises ValueError unless all vectors are ``dim`` numbers long, and unit rows or zero."""
    for entry in entries:
        if entry.features.vectors.shape[1] != dim or not len(entry.features.vectors):
            shape = entry.features.vectors.shape
            raise ValueError(f"vectors of {entry.asset!r} are {shape}, not (1 or more, {dim})")
    # All at once: one at a time, this takes as long as the writing.
    squares = [np.einsum("ij,ij->i", one, one) for one in (entry.features.vectors for entry in entries)]
    lengths = np.sqrt(np.concatenate(squares, dtype=np.float64)) if squares else np.zeros(0)
    odd = ~((np.abs(lengths - 1) < 1e-3) | (lengths == 0))
    if odd.any():
        owners = [entry.asset for entry in entries for _ in entry.features.boxes]
        first = int(odd.argmax())
        raise ValueError(f"a vector of {owners[first]!r} is no unit row: its length is {lengths[first]}")


def unit(vector: Vectors, dim: int) -> Vectors:
    """What is asked for, at length 1; raises ValueError for what is no vector of this index."""
    query = np.asarray(vector, np.float32)
    length = float(np.linalg.norm(query))
    if query.shape != (dim,) or not np.isfinite(length):
        raise ValueError(f"near() wants {dim} finite numbers, got shape {query.shape}, length {length}")
    return query / np.float32(length) if length else query


def portions(entries: Sequence[Entry], floats: int) -> Iterator[list[Entry]]:
    """The entries in portions of about so many numbers, each asset once: of one given twice, the last."""
    some: list[Entry] = []
    room = floats
    for entry in {entry.asset: entry for entry in entries}.values():
        if some and entry.features.vectors.size > room:
            yield some
            some, room = [], floats
        some.append(entry)
        room -= entry.features.vectors.size
    if some:
        yield some


def payload_of(entry: Entry) -> dict[str, Any]:
    """What is kept beside the vectors of an entry."""
    payload: dict[str, Any] = {
        "asset": named(entry.asset),
        "facts": facts_of(entry.facts),
        "sum": zlib.crc32(np.ascontiguousarray(entry.features.vectors, np.float32).tobytes()),
    }
    # Most pictures are only looked at as a whole, and a nested list costs as much as the vector itself.
    if entry.features.boxes != (WHOLE,):
        payload["boxes"] = [[box.x, box.y, box.width, box.height] for box in entry.features.boxes]
    return payload


def entry_of(payload: Mapping[str, Any] | None, rows: Any, damaged: str) -> Entry:
    """The entry that was put; raises Misconfigured with the sentence ``damaged`` if that is not what came back."""
    known, vectors = payload or {}, np.asarray(rows, np.float32)
    if zlib.crc32(vectors.tobytes()) != known.get("sum"):
        raise Misconfigured(damaged)
    boxes = tuple(Box(*map(float, box)) for box in known["boxes"]) if "boxes" in known else (WHOLE,)
    return Entry(unnamed(known["asset"]), Features(vectors, boxes), dict(map(unnamed, known["facts"])))


def facts_of(facts: Mapping[str, str]) -> list[str]:
    """Facts as the keywords that they are found by."""
    return [word(key, value) for key, value in facts.items()]


def once(assets: Iterable[str]) -> list[str]:
    """Each of them once, in order."""
    return list(dict.fromkeys(assets))
