"""The index in this process: the shared suite, and what folders and killed processes do to it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model_service.errors import Misconfigured
from model_service.index.edge import EdgeIndex
from model_service.index.index import Entry, VectorIndex
from model_service.types import WHOLE, Features
from tests.contract.index import DIM, IndexContract, MakeIndex, assert_same, crowd, entry

WRITER = """
import sys
from pathlib import Path
from model_service.index.edge import EdgeIndex
from tests.contract.index import DIM, crowd, entry

index = EdgeIndex(Path(sys.argv[1]), dim=DIM, fingerprint="f1")
index.put([*crowd(400), entry("shelf", [1], [0, 1], season="SS26")])
index.drop(["photo-7"])
print("put", flush=True)
sys.stdin.read()
"""


def opened(folder: Path, *, dim: int = DIM, fingerprint: str = "f1") -> EdgeIndex:
    return EdgeIndex(folder, dim=dim, fingerprint=fingerprint)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    folder = tmp_path / "filled"
    index = opened(folder)
    index.put(crowd(300))
    index.close()
    return folder


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process that has put its entries and still holds the folder."""
    folder = tmp_path / "held"
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "put\n"
        yield process, folder
        process.kill()


class TestEdgeIndex(IndexContract):
    @pytest.fixture
    def make_index(self, tmp_path: Path) -> Iterator[MakeIndex]:
        made: list[VectorIndex] = []

        def make(partition: str) -> VectorIndex:
            made.append(opened(tmp_path / partition))
            return made[-1]

        yield make
        for index in made:
            index.close()


def test_a_killed_process_loses_nothing_it_had_put(writer: tuple[subprocess.Popen[str], Path]) -> None:
    process, folder = writer
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    index = opened(folder)
    assert index.count() == 400
    assert "photo-7" not in index.get(["photo-7"])
    for one in [*crowd(400)[8:], entry("shelf", [1], [0, 1], season="SS26")]:
        assert_same(index.get([one.asset])[one.asset], one)
    index.close()


def test_a_second_process_is_refused_with_a_sentence(writer: tuple[subprocess.Popen[str], Path]) -> None:
    with pytest.raises(Misconfigured, match=r"in use by another process\. Close that one first"):
        opened(writer[1])


def test_a_second_index_in_this_process_is_refused_and_the_first_goes_on(filled: Path) -> None:
    index = opened(filled)
    with pytest.raises(Misconfigured, match="in use"):
        opened(filled)
    index.put(crowd(10, prefix="more"))
    assert index.count() == 310
    index.close()


@pytest.mark.parametrize("changed", [{"fingerprint": "f2"}, {"dim": DIM + 1}])
def test_vectors_of_another_encoder_are_never_mixed(filled: Path, changed: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match=r"made by another encoder \(f1, 16 .* another folder"):
        EdgeIndex(filled, **{"dim": DIM, "fingerprint": "f1", **changed})  # type: ignore[arg-type]
    assert opened(filled).count() == 300


DAMAGE = ["index.json", "edge_config.json", "segments/*/segment.json", "wal/first-index", "segments/*/**/page_0.dat"]


@pytest.mark.parametrize("pattern", DAMAGE)
def test_a_damaged_folder_is_one_sentence_that_says_what_to_do(filled: Path, pattern: str) -> None:
    for file in (filled / "edge").glob(pattern):
        file.write_bytes(b"")
    with pytest.raises(Misconfigured, match=r"index in .*filled .* delete that folder|Delete that folder") as caught:
        list(opened(filled).scroll())
    assert "\n" not in str(caught.value)


def test_an_index_of_a_later_version_says_so(filled: Path) -> None:
    home = filled / "edge" / "index.json"
    home.write_text(home.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(Misconfigured, match="another version of Propernoun"):
        opened(filled)


def test_a_vector_that_changed_on_the_disk_is_noticed(filled: Path) -> None:
    shutil.rmtree(filled / "edge" / "wal")
    (stored,) = (filled / "edge").glob("segments/*/vector_storage/vectors/chunk_0.mmap")
    with stored.open("r+b") as file:
        file.write(np.full(DIM, 0.25, np.float32).tobytes())
    index = opened(filled)
    with pytest.raises(Misconfigured, match="not what was stored"):
        list(index.scroll())
    index.close()


def test_a_process_killed_while_making_the_folder_leaves_room_for_the_next(tmp_path: Path) -> None:
    (tmp_path / "new-half").mkdir()
    (tmp_path / "new-half" / "edge_config.json").write_text("{")
    index = opened(tmp_path)
    index.put(crowd(3))
    assert index.count() == 3
    index.close()


def test_a_closed_index_says_that_it_is_closed(filled: Path) -> None:
    index = opened(filled)
    index.close()
    with pytest.raises(ValueError, match="is closed"):
        index.count()


def test_room_of_dropped_assets_is_given_back(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).standard_normal((4000, 512)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = opened(tmp_path, dim=512)
    index.put([Entry(f"photo-{at}", Features(rows[at : at + 1])) for at in range(4000)])
    index.drop([f"photo-{at}" for at in range(10, 4000)])
    before = occupied(tmp_path)
    index.close()
    assert occupied(tmp_path) < before / 3
    again = opened(tmp_path, dim=512)
    assert again.get([f"photo-{at}" for at in range(4000)]).keys() == {f"photo-{at}" for at in range(10)}
    again.close()


def test_more_is_put_at_once_than_fits_one_write(tmp_path: Path) -> None:
    rows = np.eye(2048, dtype=np.float32)[:600]
    wall = Features(rows, (WHOLE,) * 600)
    index = opened(tmp_path, dim=2048)
    index.put([*(Entry(f"photo-{at}", Features(rows[at : at + 1])) for at in range(600)), Entry("wall", wall)])
    assert index.count() == 601
    assert np.array_equal(index.get(["wall"])["wall"].features.vectors, rows)
    assert index.near(rows[77], limit=1, where={})[0].similarity == 1
    index.close()


def occupied(folder: Path) -> int:
    """Bytes that the vectors in an index take on the disk; its files have holes."""
    return sum(file.stat().st_blocks * 512 for file in folder.glob("edge/segments/**/*") if file.is_file())
