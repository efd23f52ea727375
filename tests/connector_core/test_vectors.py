"""Where vectors lie: few folders are open at a time, nobody notices, and a server is shared by tenants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connector_core.on_demand import OnDemand
from connector_core.settings import Settings
from connector_core.vectors import MOST_OPEN, Vectors
from model_service.encoders.encoder import Block, Fingerprint
from model_service.errors import Misconfigured
from model_service.index.edge import EdgeIndex
from model_service.index.index import VectorIndex
from model_service.index.quantisation import Quantisation
from tests.contract.index import DIM, IndexContract, MakeIndex, crowd, entry
from tests.twins.qdrant import QdrantTwin

ONE = Fingerprint("one", "1", (Block("b", DIM),), "as it is")
OTHER = Fingerprint("other", "2", (Block("b", DIM),), "as it is")
TENANTS = [f"{number:026x}" for number in range(14)]


class TestOnDemand(IndexContract):
    """What is closed whenever possible keeps every promise of an index."""

    @pytest.fixture
    def make_index(self, tmp_path: Path) -> Iterator[MakeIndex]:
        made: dict[str, OnDemand] = {}

        def make(partition: str) -> VectorIndex:
            for one in made.values():
                one.close()
            place = tmp_path / partition
            return made.setdefault(partition, OnDemand(place, lambda: EdgeIndex(place, dim=DIM, fingerprint="f1")))

        yield make
        for one in made.values():
            one.close()


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[Vectors]:
    vectors = Vectors(Settings(tmp_path), lambda tenant: tmp_path / tenant, lambda tenant, encoder: None)
    yield vectors
    vectors.close()


def open_folders(vectors: Vectors) -> int:
    return sum(one.is_open for one in vectors._folders.values())


def test_few_folders_are_open_and_none_is_missed(vectors: Vectors) -> None:
    held = {tenant: vectors.of(tenant, ONE) for tenant in TENANTS}
    for number, (tenant, index) in enumerate(held.items()):
        index.put(crowd(number + 1))
        vectors.of(tenant, ONE)
        assert open_folders(vectors) <= MOST_OPEN
    assert [index.count() for index in held.values()] == list(range(1, 15))


def test_threads_use_more_tenants_than_may_be_open(vectors: Vectors) -> None:
    def work(tenant: str) -> None:
        for at in range(2):
            vectors.of(tenant, ONE).put(crowd(5, prefix=f"{tenant}-{at}"))
            assert sum(len(some) for some in vectors.of(tenant, ONE).scroll(3)) == 5 * (at + 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, TENANTS))
    assert {vectors.of(tenant, ONE).count() for tenant in TENANTS} == {10}


def test_what_is_being_read_is_not_closed_nor_erased(vectors: Vectors) -> None:
    index = vectors.of(TENANTS[0], ONE)
    index.put(crowd(50))
    batches = index.scroll(10)
    assert len(next(batches)) == 10
    index.close()
    erased = threading.Thread(target=vectors.erase, args=(TENANTS[0], ONE))
    erased.start()
    assert sum(len(some) for some in batches) == 40
    erased.join(10)
    assert vectors.of(TENANTS[0], ONE).count() == 0


def test_an_index_that_cannot_be_opened_can_be_erased(vectors: Vectors, tmp_path: Path) -> None:
    vectors.of(TENANTS[0], ONE).put(crowd(5))
    vectors.close()
    (card,) = tmp_path.glob("*/vectors/*/edge/index.json")
    card.write_text("{")
    index = vectors.of(TENANTS[0], OTHER)
    index.put(crowd(3))
    vectors.erase(TENANTS[0], ONE)
    assert vectors.of(TENANTS[0], ONE).count() == 0 and index.count() == 3


def test_an_index_that_is_empty_when_it_is_first_opened_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    for _ in range(2):
        vectors = Vectors(Settings(tmp_path), lambda tenant: tmp_path / tenant, lambda *which: told.append(which))
        for _ in range(2):
            vectors.of(TENANTS[0], ONE).put(crowd(5))
        vectors.close()
    assert told == [(TENANTS[0], ONE.id)]


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[tuple[QdrantTwin, Callable[..., Vectors]]]:
    """A server, and processes that use it."""
    made: list[Vectors] = []
    with QdrantTwin() as twin:

        def process(**settings: object) -> Vectors:
            known = Settings(tmp_path, qdrant=twin.url, **settings)  # type: ignore[arg-type]
            made.append(Vectors(known, lambda tenant: tmp_path / tenant, lambda tenant, encoder: None))
            return made[-1]

        yield twin, process
        for one in made:
            one.close()


def test_on_a_server_processes_share_what_they_know_and_tenants_nothing(
    shared: tuple[QdrantTwin, Callable[..., Vectors]], tmp_path: Path
) -> None:
    _, process = shared
    first, second = process(), process()
    first.of(TENANTS[0], ONE).put([entry("a", [1])])
    assert second.of(TENANTS[0], ONE).count() == 1
    assert second.of(TENANTS[1], ONE).count() == second.of(TENANTS[0], OTHER).count() == 0
    first.of(TENANTS[1], ONE).put(crowd(3))
    second.erase(TENANTS[0], ONE)
    assert (first.of(TENANTS[0], ONE).count(), first.of(TENANTS[1], ONE).count()) == (0, 3)
    assert list(tmp_path.iterdir()) == []


def test_the_setting_says_how_a_server_compresses(shared: tuple[QdrantTwin, Callable[..., Vectors]]) -> None:
    twin, process = shared
    process(quantisation=Quantisation.BINARY).of(TENANTS[0], ONE)
    assert twin.config[f"propernoun-{ONE.id}"]["quantization_config"] == {"binary": {"always_ram": True}}


def test_settings_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="off, scalar, binary"):
        Settings.from_env({"PROPERNOUN_DATA": str(tmp_path), "PROPERNOUN_QUANTISATION": "int8"})
    found = Settings.from_env({"PROPERNOUN_QDRANT": "http://qdrant:6333", "PROPERNOUN_QUANTISATION": "scalar"})
    assert (found.qdrant, found.quantisation) == ("http://qdrant:6333", Quantisation.SCALAR)
