"""The VectorIndex on a Qdrant server: one partition of a collection that all partitions share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from qdrant_client import models

from model_service.index.collection import Collection, speaking
from model_service.index.index import Entry, Near
from model_service.index.rows import check, entry_of, facts_of, once, payload_of, portions, unit
from model_service.index.words import named, point_id, unnamed
from model_service.types import Vectors

FLOATS = 500_000
"""How many numbers go into one request, or come back, at about 20 bytes each: servers refuse more than 32 MB."""
MOST_IDS = 1000
"""in one request"""


class ServerIndex:
    """The vectors of one partition. The partition is bound here: every request carries it, and no method takes one.

    An asset is one point whose rows are its regions, so replacing it is atomic and ``near`` finds its best region.
    What ``put`` and ``drop`` have returned from is seen by every process. Raises IndexDown, Misconfigured.
    """

    def __init__(self, collection: Collection, partition: str) -> None:
        self._client, self._name, self._dim = collection.client, collection.name, collection.dim
        self._search = collection.search
        self._partition = partition
        self._tenant = named(partition)
        self._mine: list[Any] = [_is("tenant", self._tenant)]
        self._page = max(1, min(FLOATS // self._dim, MOST_IDS))
        self._damaged = (
            f"The collection {self._name} on the Qdrant server is damaged: vectors read from it are not what was "
            "stored. Delete it; it will be filled again from the photos."
        )

    def put(self, entries: Sequence[Entry]) -> None:
        """Store or replace; of an asset given twice the last one stays. Vectors are unit rows, or zero."""
        check(entries, self._dim)
        for some in portions(entries, FLOATS):
            points = [self._point(entry) for entry in some]
            with speaking():
                self._client.upsert(self._name, points, wait=True)

    def get(self, assets: Sequence[str]) -> dict[str, Entry]:
        """The entries that exist among those asked for, vectors bit for bit as they were put."""
        found: dict[str, Entry] = {}
        for ids in self._ids(assets, self._page):
            with speaking():
                records = self._client.retrieve(self._name, ids, with_payload=True, with_vectors=True)
            found |= {one.asset: one for one in map(self._entry, records)}
        return found

    def near(self, vector: Vectors, limit: int = 10, *, where: Mapping[str, str] | None = None) -> list[Near]:
        """The most similar assets to one vector (dim,), best first, each asset once; ``where`` filters by facts."""
        query = unit(vector, self._dim)
        if limit < 1:
            return []
        asked = [*self._mine, *(_is("facts", fact) for fact in facts_of(where or {}))]
        with speaking():
            points = self._client.query_points(
                self._name,
                query=[query.tolist()],
                query_filter=models.Filter(must=asked),
                search_params=self._search,
                limit=limit,
                with_payload=["asset", "boxes"],
                with_vectors=False,
            ).points
        found = [(unnamed((one.payload or {})["asset"]), one) for one in points]
        # Most assets have one region only: the vectors of those alone are fetched that have several.
        cut = self.get([asset for asset, one in found if "boxes" in (one.payload or {})])
        best = {asset: int(np.argmax(entry.features.vectors @ query)) for asset, entry in cut.items()}
        return [Near(asset, min(1.0, max(-1.0, one.score)), best.get(asset, 0)) for asset, one in found]

    def scroll(self, batch: int = 1000) -> Iterator[list[Entry]]:
        """Everything, in batches, each asset exactly once."""
        start: Any = None
        limit = max(1, min(batch, self._page))
        while True:
            with speaking():
                records, start = self._client.scroll(
                    self._name,
                    scroll_filter=models.Filter(must=self._mine),
                    limit=limit,
                    offset=start,
                    with_payload=True,
                    with_vectors=True,
                )
            if records:
                yield [self._entry(record) for record in records]
            if start is None:
                return

    def drop(self, assets: Sequence[str]) -> None:
        """Forget these assets; unknown ones are ignored."""
        for ids in self._ids(assets, MOST_IDS):
            self._delete([*self._mine, models.HasIdCondition(has_id=ids)])

    def count(self) -> int:
        """How many assets are stored."""
        with speaking():
            return self._client.count(self._name, count_filter=models.Filter(must=self._mine), exact=True).count

    def close(self) -> None:
        """There is nothing to let go of: the connection belongs to whoever made it."""

    def erase(self) -> None:
        """Forget everything of this partition; the collection stays for the others."""
        self._delete(self._mine)

    def _delete(self, must: list[Any]) -> None:
        with speaking():
            self._client.delete(self._name, models.FilterSelector(filter=models.Filter(must=must)), wait=True)

    def _ids(self, assets: Sequence[str], count: int) -> Iterator[list[int | str | UUID]]:
        names = once(assets)
        for start in range(0, len(names), count):
            yield [str(point_id(asset, partition=self._partition)) for asset in names[start : start + count]]

    def _point(self, entry: Entry) -> models.PointStruct:
        vectors = np.ascontiguousarray(entry.features.vectors, np.float32).tolist()
        payload = payload_of(entry) | {"tenant": self._tenant}
        return models.PointStruct(
            id=str(point_id(entry.asset, partition=self._partition)), vector=vectors, payload=payload
        )

    def _entry(self, record: models.Record) -> Entry:
        return entry_of(record.payload, record.vector, self._damaged)


def _is(field: str, value: str) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchValue(value=value))
