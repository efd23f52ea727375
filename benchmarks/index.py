"""Putting and asking 20,000 vectors: the index in this process against qdrant-client's local mode, in the same run."""

from __future__ import annotations

import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from qdrant_client import QdrantClient, models

from model_service.index.edge import EdgeIndex
from model_service.index.index import Entry
from model_service.types import Features, Vectors

COUNT = 20_000
DIM = 512
GROUPS = 10
QUERIES = 20
LIMIT = 10


def run() -> dict[str, Any]:
    """Seconds of each, and how many times faster ours is; the bars are 20 for putting and 100 for a filtered query."""
    vectors = np.random.default_rng(0).standard_normal((COUNT, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with tempfile.TemporaryDirectory() as folder:
        edge, ours = _edge(Path(folder) / "edge", vectors)
        local, theirs = _local(Path(folder) / "local", vectors)
    if ours != theirs:
        raise AssertionError("the two indexes found different assets")
    return {
        "vectors": COUNT,
        "dim": DIM,
        "edge": edge,
        "qdrant_client_local": local,
        "put_times_faster": local["put_s"] / edge["put_s"],
        "put_bar": 20,
        "query_times_faster": local["query_ms"] / edge["query_ms"],
        "query_bar": 100,
    }


def _edge(folder: Path, vectors: Vectors) -> tuple[dict[str, float], list[list[int]]]:
    index = EdgeIndex(folder, dim=DIM, fingerprint="benchmark")
    entries = [
        Entry(str(at), Features(vectors[at : at + 1]), {"group": str(at % GROUPS)}) for at in range(len(vectors))
    ]
    start = time.perf_counter()
    for at in range(0, COUNT, 1000):
        index.put(entries[at : at + 1000])
    put = time.perf_counter() - start

    def ask(at: int) -> list[int]:
        where = {"group": str(at % GROUPS)}
        return [int(near.asset) for near in index.near(vectors[at] + 0.1, LIMIT, where=where)]

    query, found = _asked(ask)
    index.close()
    return {"put_s": put, "query_ms": query}, found


def _local(folder: Path, vectors: Vectors) -> tuple[dict[str, float], list[list[int]]]:
    with warnings.catch_warnings():
        # It warns past 20,000 points and that it ignores payload indexes: both are what is measured here.
        warnings.simplefilter("ignore", UserWarning)
        client = QdrantClient(path=str(folder))
        client.create_collection(
            "benchmark", vectors_config=models.VectorParams(size=DIM, distance=models.Distance.COSINE)
        )
        client.create_payload_index("benchmark", "group", models.PayloadSchemaType.KEYWORD)
        start = time.perf_counter()
        for at in range(0, COUNT, 1000):
            client.upsert("benchmark", [_point(vectors, one) for one in range(at, at + 1000)])
        put = time.perf_counter() - start

        def ask(at: int) -> list[int]:
            match = models.MatchValue(value=str(at % GROUPS))
            only = models.Filter(must=[models.FieldCondition(key="group", match=match)])
            vector = (vectors[at] + 0.1).tolist()
            found = client.query_points("benchmark", query=vector, query_filter=only, limit=LIMIT)
            return [int(point.id) for point in found.points]

        query, found = _asked(ask)
        client.close()
    return {"put_s": put, "query_ms": query}, found


def _point(vectors: Vectors, at: int) -> models.PointStruct:
    return models.PointStruct(id=at, vector=vectors[at].tolist(), payload={"group": str(at % GROUPS)})


def _asked(ask: Callable[[int], list[int]]) -> tuple[float, list[list[int]]]:
    """Median milliseconds a query, and what was found; the first query warms up."""
    ask(0)
    taken, found = [], []
    for at in range(QUERIES):
        start = time.perf_counter()
        found.append(ask(at))
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000, found
