"""The index on a Qdrant server: the shared suite, what is sent, and what happens when the server does not answer.

Where QDRANT_TEST_URL names a server, the suite runs against that one as well; it makes collections and leaves none.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from flask import Response
from qdrant_client import QdrantClient, models

from model_service.errors import IndexDown, Misconfigured
from model_service.index.collection import connect, open_collection
from model_service.index.index import Entry, VectorIndex
from model_service.index.quantisation import Quantisation
from model_service.index.server import ServerIndex
from model_service.types import WHOLE, Features
from tests.contract.index import DIM, IndexContract, MakeIndex, assert_same, crowd, entry, unit
from tests.services import free_port
from tests.twins.qdrant import QdrantTwin


def opened(client: QdrantClient, partition: str = "one", *, fingerprint: str = "f1", dim: int = DIM) -> ServerIndex:
    collection = open_collection(client, fingerprint=fingerprint, dim=dim, quantisation=Quantisation.OFF)
    return ServerIndex(collection, partition)


@pytest.fixture
def twin() -> Iterator[QdrantTwin]:
    with QdrantTwin() as twin:
        yield twin


@pytest.fixture
def client(twin: QdrantTwin) -> Iterator[QdrantClient]:
    client = connect(twin.url)
    yield client
    client.close()


class TestServerIndexOverHttp(IndexContract):
    @pytest.fixture
    def make_index(self, client: QdrantClient) -> MakeIndex:
        return lambda partition: opened(client, partition)


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
@pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning")
class TestServerIndexInMemory(IndexContract):
    @pytest.fixture
    def make_index(self) -> MakeIndex:
        client = QdrantClient(":memory:")
        return lambda partition: opened(client, partition)

    @pytest.mark.skip(reason="the client's memory is made for one thread")
    def test_eight_threads_write_at_once_and_nothing_is_lost(self, index: VectorIndex) -> None:
        pass


@pytest.mark.parametrize("quantisation", list(Quantisation))
@pytest.mark.skipif(not os.environ.get("QDRANT_TEST_URL"), reason="QDRANT_TEST_URL names no Qdrant server")
class TestServerIndexOnARealServer(IndexContract):
    @pytest.fixture
    def make_index(self, quantisation: Quantisation) -> Iterator[MakeIndex]:
        client, fingerprint = connect(os.environ["QDRANT_TEST_URL"]), f"test-{secrets.token_hex(6)}"
        collection = open_collection(client, fingerprint=fingerprint, dim=DIM, quantisation=quantisation)
        yield lambda partition: ServerIndex(collection, partition)
        client.delete_collection(collection.name)
        client.close()


def test_the_tenant_has_an_index_of_its_own_and_every_request_names_it(twin: QdrantTwin, client: QdrantClient) -> None:
    index = opened(client, "nordlys")
    index.put([entry("a", [1], [0, 1]), entry("b", [1])])
    index.get(["a"])
    index.near(unit([1])[0], where={"season": "SS26"})
    list(index.scroll())
    index.count()
    index.drop(["a"])
    index.erase()
    assert twin.indexed["propernoun-f1"]["tenant"] == {"type": "keyword", "is_tenant": True}
    assert twin.indexed["propernoun-f1"]["facts"] == {"type": "keyword"}
    condition = {"key": "tenant", "match": {"value": json.dumps("nordlys")}}
    filtered = [
        body for _, path, body in twin.asked if path.rpartition("/")[2] in ("query", "scroll", "count", "delete")
    ]
    assert len(filtered) == 5
    assert all(condition in body["filter"]["must"] for body in filtered)
    (put,) = [body for method, path, body in twin.asked if method == "PUT" and path.endswith("/points")]
    assert {point["payload"]["tenant"] for point in put["points"]} == {json.dumps("nordlys")}


def test_the_same_asset_of_two_partitions_is_two_points(client: QdrantClient) -> None:
    for partition in ("one", "other"):
        for _ in range(2):
            opened(client, partition).put([entry("a", [1])])
    assert client.count("propernoun-f1").count == 2


def test_eight_processes_may_make_the_collection_at_once(twin: QdrantTwin) -> None:
    clients = [connect(twin.url) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert [index.count() for index in pool.map(opened, clients)] == [0] * 8
    for client in clients:
        client.close()


def test_encoders_have_collections_of_their_own(client: QdrantClient) -> None:
    opened(client, fingerprint="f1").put([entry("a", [1])])
    assert opened(client, fingerprint="f2").count() == 0
    assert client.collection_exists("propernoun-f1") and client.collection_exists("propernoun-f2")


def test_a_collection_of_somebody_else_is_refused_in_words(client: QdrantClient) -> None:
    params = models.VectorParams(size=DIM, distance=models.Distance.COSINE)
    client.create_collection("propernoun-f1", vectors_config=params)
    with pytest.raises(Misconfigured, match="Delete or rename it"):
        opened(client)


@pytest.mark.parametrize(
    ("quantisation", "asked", "searched"),
    [
        (Quantisation.OFF, None, {"exact": True}),
        (Quantisation.SCALAR, {"scalar": {"type": "int8", "quantile": 0.99, "always_ram": True}}, None),
        (Quantisation.BINARY, {"binary": {"always_ram": True}}, None),
    ],
)
def test_quantisation_is_asked_for_and_compared_again_by_the_real_vectors(
    twin: QdrantTwin, client: QdrantClient, quantisation: Quantisation, asked: object, searched: object
) -> None:
    collection = open_collection(client, fingerprint="f1", dim=DIM, quantisation=quantisation)
    index = ServerIndex(collection, "one")
    index.put(crowd(3))
    index.near(unit([1])[0])
    assert twin.config["propernoun-f1"].get("quantization_config") == asked
    again = searched or {"quantization": {"rescore": True, "oversampling": 3.0}}
    (body,) = [body for _, path, body in twin.asked if path.endswith("/query")]
    assert {key: value for key, value in body["params"].items() if key in again} == again


def test_another_quantisation_changes_the_collection_and_keeps_what_is_in_it(
    twin: QdrantTwin, client: QdrantClient
) -> None:
    for quantisation in (Quantisation.SCALAR, Quantisation.SCALAR, Quantisation.BINARY, Quantisation.OFF):
        collection = open_collection(client, fingerprint="f1", dim=DIM, quantisation=quantisation)
        ServerIndex(collection, "one").put([entry("a", [1])])
    assert [method for method, _, _ in twin.asked].count("PATCH") == 2
    assert ServerIndex(collection, "one").count() == 1
    assert "quantization_config" not in twin.config["propernoun-f1"]


def test_no_request_is_large_and_what_is_put_comes_back(twin: QdrantTwin, client: QdrantClient) -> None:
    rows = np.random.default_rng(3).standard_normal((600, 2048)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = opened(client, dim=2048)
    wall = Entry("wall", Features(rows[:70], (WHOLE,) * 70))
    index.put([*(Entry(f"photo-{at}", Features(rows[at : at + 1])) for at in range(600)), wall])
    assert twin.longest < 16 << 20
    assert index.count() == 601
    assert_same(index.get(["wall"])["wall"], wall)
    assert sum(len(batch) for batch in index.scroll(5000)) == 601


class TestFailure:
    @pytest.fixture
    def index(self, client: QdrantClient) -> ServerIndex:
        index = opened(client)
        index.put(crowd(3))
        return index

    def test_a_server_that_is_gone_is_tried_again_later(self, twin: QdrantTwin, index: ServerIndex) -> None:
        twin.stop()
        for call in (
            index.count,
            lambda: index.put(crowd(3)),
            lambda: index.get(["a"]),
            lambda: index.near(unit([1])[0]),
            lambda: list(index.scroll()),
            lambda: index.drop(["a"]),
            index.erase,
        ):
            with pytest.raises(IndexDown, match="does not answer") as caught:
                call()
            assert caught.value.after > 0

    @pytest.mark.parametrize("status", [500, 502, 503, 408])
    def test_an_error_of_the_server_is_tried_again_later(
        self, twin: QdrantTwin, index: ServerIndex, status: int
    ) -> None:
        twin.fail = lambda: Response("no", status)
        with pytest.raises(IndexDown, match=str(status)):
            index.count()

    def test_a_server_that_asks_for_patience_says_how_much(self, twin: QdrantTwin, index: ServerIndex) -> None:
        twin.fail = lambda: Response('{"status": {"error": "slow"}}', 429, {"Retry-After": "7"})
        with pytest.raises(IndexDown) as caught:
            index.count()
        assert caught.value.after == 7

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (Response("no", 401), "key"),
            (Response("no", 403), "key"),
            (Response('{"status": {"error": "Vector dimension error"}}', 400), "Vector dimension"),
            (Response("<html>It works!</html>", 200), "no Qdrant server"),
        ],
    )
    def test_what_repeating_would_not_change_is_refused(
        self, twin: QdrantTwin, index: ServerIndex, answer: Response, said: str
    ) -> None:
        twin.fail = lambda: answer
        with pytest.raises(Misconfigured, match=said) as caught:
            index.count()
        assert "\n" not in str(caught.value)

    def test_vectors_that_were_changed_are_noticed(self, client: QdrantClient, index: ServerIndex) -> None:
        (record,), _ = client.scroll("propernoun-f1", limit=1)
        client.upsert(
            "propernoun-f1", [models.PointStruct(id=record.id, vector=[[1.0] * DIM], payload=record.payload or {})]
        )
        with pytest.raises(Misconfigured, match="damaged"):
            list(index.scroll())

    def test_nobody_listens(self) -> None:
        client = connect(f"http://127.0.0.1:{free_port()}")
        with pytest.raises(IndexDown):
            opened(client)
        client.close()


@pytest.mark.parametrize("address", ["qdrant:6333", "grpc://qdrant:6334", "http://", "nonsense"])
def test_an_address_that_is_none_is_refused_in_words(address: str) -> None:
    with pytest.raises(Misconfigured, match="http://HOST:6333"):
        connect(address)


def test_the_key_in_the_address_is_sent_as_one_and_not_as_part_of_it() -> None:
    client = connect("https://:s%2Fecret@qdrant.example:6333/vectors")
    remote = client._client
    assert remote.rest_uri == "https://qdrant.example:6333/vectors"  # type: ignore[attr-defined]
    assert remote._rest_headers["api-key"] == "s/ecret"  # type: ignore[attr-defined]
    client.close()
