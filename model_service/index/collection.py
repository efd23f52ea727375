"""A collection on a Qdrant server: the vectors of one encoder, of every partition; its errors in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from json import JSONDecodeError
from urllib.parse import unquote, urlsplit

import httpx
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from model_service.errors import IndexDown, Misconfigured
from model_service.index.quantisation import Quantisation

TIMEOUT = 30
"""seconds that a request may take"""
OVERSAMPLING = 3.0
"""so many times more than were asked for are found by compressed vectors, and then compared by the real ones"""
STRANGER = "What answers at the address of the Qdrant server is no Qdrant server; see PROPERNOUN_QDRANT."
LINKS = 16
"""of each vector in the graph of its partition"""


@dataclass(frozen=True, slots=True)
class Collection:
    """An open collection; ``search`` says how it is searched."""

    client: QdrantClient
    name: str
    dim: int
    search: models.SearchParams


def connect(address: str) -> QdrantClient:
    """The server at ``http://HOST:6333``, or ``https://:KEY@HOST:6333`` where it wants a key. Nothing is sent yet."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured("The address of a Qdrant server is http://HOST:6333, or https://:KEY@HOST:6333 with a key.")
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    key = unquote(parts.password or "") or None
    return QdrantClient(url=bare, api_key=key, timeout=TIMEOUT, check_compatibility=False)


def open_collection(client: QdrantClient, *, fingerprint: str, dim: int, quantisation: Quantisation) -> Collection:
    """The collection of an encoder, made where there is none; several processes may do so at once.

    One that is quantised otherwise is changed: the server compresses it anew in the background.
    Raises IndexDown; Misconfigured where it holds something else.
    """
    name = f"propernoun-{fingerprint}"
    vectors = _vectors(dim)
    with speaking():
        if not client.collection_exists(name):
            _create(client, name, vectors, quantisation)
        for field, schema in _INDEXED.items():
            client.create_payload_index(name, field, field_schema=schema, wait=True)
        found = client.get_collection(name).config
        _check(name, found.params.vectors, vectors)
        if found.quantization_config != _small(quantisation):
            wanted = _small(quantisation) or models.Disabled.DISABLED
            client.update_collection(name, hnsw_config=_graph(quantisation), quantization_config=wanted)
    return Collection(client, name, dim, _search(quantisation))


def _create(client: QdrantClient, name: str, vectors: models.VectorParams, quantisation: Quantisation) -> None:
    graph, small = _graph(quantisation), _small(quantisation)
    try:
        client.create_collection(name, vectors_config=vectors, hnsw_config=graph, quantization_config=small)
    except (ValueError, UnexpectedResponse):
        # Another process was faster, which is as good. (The client's own memory says so with a ValueError.)
        if not client.collection_exists(name):
            raise


@contextmanager
def speaking() -> Iterator[None]:
    """Says what the client raises in a sentence: later again, or a setting to change."""
    try:
        yield
    except ResourceExhaustedResponse as error:
        raise IndexDown("The Qdrant server asks for patience.", after=float(error.retry_after_s)) from error
    except UnexpectedResponse as error:
        status = error.status_code or 0
        if status in (401, 403):
            raise Misconfigured("The Qdrant server does not accept our key; set it in PROPERNOUN_QDRANT.") from error
        if status >= 500 or status == 408:
            raise IndexDown(f"The Qdrant server answers with an error of its own ({status}).", after=10.0) from error
        raise Misconfigured(f"The Qdrant server refuses what we ask ({status}: {_said(error)}).") from error
    except ResponseHandlingException as error:
        if isinstance(error.source, httpx.HTTPError):
            what = type(error.source).__name__
            raise IndexDown(f"The Qdrant server does not answer ({what}).", after=10.0) from error
        raise Misconfigured(STRANGER) from error
    except JSONDecodeError as error:
        raise Misconfigured(STRANGER) from error


_INDEXED: dict[str, models.KeywordIndexParams] = {
    # Points of a tenant lie together on the disk.
    "tenant": models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True),
    "facts": models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD),
}


def _vectors(dim: int) -> models.VectorParams:
    # Dot, not Cosine: cosine would store normalised copies instead of what was put.
    rows = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
    return models.VectorParams(size=dim, distance=models.Distance.DOT, on_disk=True, multivector_config=rows)


def _graph(quantisation: Quantisation) -> models.HnswConfigDiff:
    """No graph over all partitions, which nobody may search; one a partition where search need not be exact."""
    return models.HnswConfigDiff(m=0, payload_m=0 if quantisation == Quantisation.OFF else LINKS)


def _small(quantisation: Quantisation) -> models.ScalarQuantization | models.BinaryQuantization | None:
    if quantisation == Quantisation.SCALAR:
        kind = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
        return models.ScalarQuantization(scalar=kind)
    if quantisation == Quantisation.BINARY:
        return models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=True))
    return None


def _search(quantisation: Quantisation) -> models.SearchParams:
    if quantisation == Quantisation.OFF:
        return models.SearchParams(exact=True)
    again = models.QuantizationSearchParams(rescore=True, oversampling=OVERSAMPLING)
    return models.SearchParams(quantization=again)


def _check(name: str, found: object, wanted: models.VectorParams) -> None:
    if not (
        isinstance(found, models.VectorParams)
        and (found.size, found.distance) == (wanted.size, wanted.distance)
        and found.multivector_config == wanted.multivector_config
    ):
        raise Misconfigured(
            f"The collection {name} on the Qdrant server was not made by Propernoun, or by another version of it. "
            "Delete or rename it; it will be filled again from the photos."
        )


def _said(error: UnexpectedResponse) -> str:
    return error.content[:200].decode("utf-8", "replace")
