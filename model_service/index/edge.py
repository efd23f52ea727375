"""The VectorIndex in this process: one Qdrant Edge shard in one folder, for one partition."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as qdrant

from model_service.errors import Misconfigured
from model_service.index.index import Entry, Near
from model_service.index.shard import open_shard, speaking
from model_service.index.words import named, point_id, unnamed, word
from model_service.types import WHOLE, Box, Features, Vectors

FLOATS = 1_000_000
"""How many numbers go into one write at most: bounds memory and the size of one log record."""


class EdgeIndex:
    """The vectors of one partition, in a folder that belongs to one process at a time.

    An asset is one point whose rows are its regions, so replacing it is atomic and ``near`` finds its best region.
    Search is exact. What ``put`` and ``drop`` have returned from survives a killed process.
    Raises Misconfigured where the folder is damaged, in use, or holds vectors of another encoder.
    """

    def __init__(self, folder: Path, *, dim: int, fingerprint: str) -> None:
        self._folder = folder
        self._dim = dim
        self._shard = open_shard(folder, dim=dim, fingerprint=fingerprint)
        self._closed = False
        self._closing = threading.Lock()

    def put(self, entries: Sequence[Entry]) -> None:
        """Store or replace; of an asset given twice the last one stays. Vectors are unit rows, or zero."""
        self._check(entries)
        points: list[qdrant.Point] = []
        floats = 0
        for entry in {entry.asset: entry for entry in entries}.values():
            points.append(_point(entry))
            floats += entry.features.vectors.size
            if floats >= FLOATS:
                self._update(qdrant.UpdateOperation.upsert_points(points))
                points, floats = [], 0
        if points:
            self._update(qdrant.UpdateOperation.upsert_points(points))

    def get(self, assets: Sequence[str]) -> dict[str, Entry]:
        """The entries that exist among those asked for, vectors bit for bit as they were put."""
        ids: list[qdrant.PointId] = [point_id(asset) for asset in dict.fromkeys(assets)]
        with self._speaking():
            records = self._shard.retrieve(ids, with_payload=True, with_vector=True)
        return {entry.asset: entry for entry in map(self._entry, records)}

    def near(self, vector: Vectors, limit: int = 10, *, where: Mapping[str, str] | None = None) -> list[Near]:
        """The most similar assets to one vector (dim,), best first, each asset once; ``where`` filters by facts."""
        query = self._unit(vector)
        if limit < 1:
            return []
        request = qdrant.QueryRequest(
            limit=limit,
            query=qdrant.Query.Nearest([query.tolist()]),
            filter=_facts(where) if where else None,
            with_payload=["asset"],
            with_vector=True,
        )
        with self._speaking():
            found = self._shard.query(request)
        return [_near(point, query) for point in found]

    def scroll(self, batch: int = 1000) -> Iterator[list[Entry]]:
        """Everything, in batches, each asset exactly once."""
        start: qdrant.PointId | None = None
        while True:
            request = qdrant.ScrollRequest(offset=start, limit=max(batch, 1), with_payload=True, with_vector=True)
            with self._speaking():
                records, start = self._shard.scroll(request)
            if records:
                yield [self._entry(record) for record in records]
            if start is None:
                return

    def drop(self, assets: Sequence[str]) -> None:
        """Forget these assets; unknown ones are ignored."""
        ids: list[qdrant.PointId] = [point_id(asset) for asset in dict.fromkeys(assets)]
        if ids:
            self._update(qdrant.UpdateOperation.delete_points(ids))

    def count(self) -> int:
        """How many assets are stored."""
        with self._speaking():
            return self._shard.count(qdrant.CountRequest(exact=True))

    def close(self) -> None:
        """Give back the room of dropped assets, flush and let go of the folder; closing twice is the same as once."""
        with self._closing:
            if self._closed:
                return
            with self._speaking():
                self._closed = True
                try:
                    self._shard.optimize()
                    self._shard.flush()
                finally:
                    self._shard.close()

    def _update(self, operation: qdrant.UpdateOperation) -> None:
        with self._speaking():
            self._shard.update(operation)

    def _speaking(self) -> AbstractContextManager[None]:
        if self._closed:
            raise ValueError(f"the index in {self._folder} is closed")
        return speaking(self._folder)

    def _unit(self, vector: Vectors) -> Vectors:
        query = np.asarray(vector, np.float32)
        length = float(np.linalg.norm(query))
        if query.shape != (self._dim,) or not np.isfinite(length):
            raise ValueError(f"near() wants {self._dim} finite numbers, got shape {query.shape}, length {length}")
        return query / np.float32(length) if length else query

    def _check(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.features.vectors.shape[1] != self._dim or not len(entry.features.vectors):
                shape = entry.features.vectors.shape
                raise ValueError(f"vectors of {entry.asset!r} are {shape}, not (1 or more, {self._dim})")
        # All at once: one at a time, this takes as long as the writing.
        squares = [np.einsum("ij,ij->i", one, one) for one in (entry.features.vectors for entry in entries)]
        lengths = np.sqrt(np.concatenate(squares, dtype=np.float64)) if squares else np.zeros(0)
        odd = ~((np.abs(lengths - 1) < 1e-3) | (lengths == 0))
        if odd.any():
            owners = [entry.asset for entry in entries for _ in entry.features.boxes]
            first = int(odd.argmax())
            raise ValueError(f"a vector of {owners[first]!r} is no unit row: its length is {lengths[first]}")

    def _entry(self, record: qdrant.Record) -> Entry:
        payload, vectors = record.payload or {}, np.asarray(record.vector, np.float32)
        if zlib.crc32(vectors.tobytes()) != payload.get("sum"):
            raise Misconfigured(
                f"The index in {self._folder} is damaged: vectors read from it are not what was stored. "
                "Delete that folder; it will be filled again from the photos."
            )
        boxes = tuple(Box(*map(float, box)) for box in payload["boxes"]) if "boxes" in payload else (WHOLE,)
        return Entry(unnamed(payload["asset"]), Features(vectors, boxes), dict(map(unnamed, payload["facts"])))


def _point(entry: Entry) -> qdrant.Point:
    vectors = np.ascontiguousarray(entry.features.vectors, np.float32)
    payload: dict[str, Any] = {
        "asset": named(entry.asset),
        "facts": [word(key, value) for key, value in entry.facts.items()],
        "sum": zlib.crc32(vectors.tobytes()),
    }
    # Most pictures are only looked at as a whole, and a nested list costs as much as the vector itself.
    if entry.features.boxes != (WHOLE,):
        payload["boxes"] = [[box.x, box.y, box.width, box.height] for box in entry.features.boxes]
    return qdrant.Point(point_id(entry.asset), vectors.tolist(), payload)


def _facts(where: Mapping[str, str]) -> qdrant.Filter:
    must: list[qdrant.ConditionType] = [
        qdrant.FieldCondition("facts", match=qdrant.MatchValue(word(key, value))) for key, value in where.items()
    ]
    return qdrant.Filter(must=must)


def _near(point: qdrant.ScoredPoint, query: Vectors) -> Near:
    region = int(np.argmax(np.asarray(point.vector, np.float32) @ query))
    asset = (point.payload or {})["asset"]
    return Near(unnamed(asset), min(1.0, max(-1.0, point.score)), region)
