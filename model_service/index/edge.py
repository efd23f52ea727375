"""The VectorIndex in this process: one Qdrant Edge shard in one folder, for one partition."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import qdrant_edge as qdrant

from model_service.index.index import Entry, Near
from model_service.index.rows import check, entry_of, facts_of, once, payload_of, portions, unit
from model_service.index.shard import open_shard, speaking
from model_service.index.words import point_id, unnamed
from model_service.types import Vectors

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
        self._damaged = (
            f"The index in {folder} is damaged: vectors read from it are not what was stored. "
            "Delete that folder; it will be filled again from the photos."
        )

    def put(self, entries: Sequence[Entry]) -> None:
        """Store or replace; of an asset given twice the last one stays. Vectors are unit rows, or zero."""
        check(entries, self._dim)
        for some in portions(entries, FLOATS):
            self._update(qdrant.UpdateOperation.upsert_points([_point(entry) for entry in some]))

    def get(self, assets: Sequence[str]) -> dict[str, Entry]:
        """The entries that exist among those asked for, vectors bit for bit as they were put."""
        ids: list[qdrant.PointId] = [point_id(asset) for asset in once(assets)]
        with self._speaking():
            records = self._shard.retrieve(ids, with_payload=True, with_vector=True)
        return {entry.asset: entry for entry in map(self._entry, records)}

    def near(self, vector: Vectors, limit: int = 10, *, where: Mapping[str, str] | None = None) -> list[Near]:
        """The most similar assets to one vector (dim,), best first, each asset once; ``where`` filters by facts."""
        query = unit(vector, self._dim)
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
        ids: list[qdrant.PointId] = [point_id(asset) for asset in once(assets)]
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

    def erase(self) -> None:
        """Forget everything and remove the folder; the index is closed with that."""
        with self._closing:
            if not self._closed:
                self._closed = True
                with speaking(self._folder):
                    self._shard.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _update(self, operation: qdrant.UpdateOperation) -> None:
        with self._speaking():
            self._shard.update(operation)

    def _speaking(self) -> AbstractContextManager[None]:
        if self._closed:
            raise ValueError(f"the index in {self._folder} is closed")
        return speaking(self._folder)

    def _entry(self, record: qdrant.Record) -> Entry:
        return entry_of(record.payload, record.vector, self._damaged)


def _point(entry: Entry) -> qdrant.Point:
    vectors = np.ascontiguousarray(entry.features.vectors, np.float32)
    return qdrant.Point(point_id(entry.asset), vectors.tolist(), payload_of(entry))


def _facts(where: Mapping[str, str]) -> qdrant.Filter:
    must: list[qdrant.ConditionType] = [
        qdrant.FieldCondition("facts", match=qdrant.MatchValue(fact)) for fact in facts_of(where)
    ]
    return qdrant.Filter(must=must)


def _near(point: qdrant.ScoredPoint, query: Vectors) -> Near:
    region = int(np.argmax(np.asarray(point.vector, np.float32) @ query))
    asset = (point.payload or {})["asset"]
    return Near(unnamed(asset), min(1.0, max(-1.0, point.score)), region)
