"""What every VectorIndex must do; a subclass gives one fixture, ``make_index``."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from model_service.index.index import Entry, VectorIndex
from model_service.types import WHOLE, Box, Features, Vectors

DIM = 16

MakeIndex = Callable[[str], VectorIndex]
"""Opens the index of a named partition: again and again the same one, once the last has been closed."""


def unit(*rows: Vectors | list[float]) -> Vectors:
    """Unit rows out of any rows, padded with zeros to DIM."""
    matrix = np.zeros((len(rows), DIM), np.float32)
    for at, row in enumerate(rows):
        matrix[at, : len(row)] = row
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix


def entry(asset: str, *rows: list[float], **facts: str) -> Entry:
    """An asset with one region a row."""
    tiles = tuple(Box(0.1 * at, 0.2, 1 / 3, 0.25) for at in range(1, len(rows)))
    return Entry(asset, Features(unit(*rows), (WHOLE, *tiles)), facts)


def crowd(count: int, *, prefix: str = "photo", seed: int = 7) -> list[Entry]:
    """Many assets of one region each, different from one another."""
    rows = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
    return [Entry(f"{prefix}-{at}", Features(unit(row)), {"group": str(at % 5)}) for at, row in enumerate(rows)]


def assert_same(found: Entry, put: Entry) -> None:
    """Equal to the last bit."""
    assert found.asset == put.asset
    assert found.features.vectors.dtype == np.float32
    assert np.array_equal(found.features.vectors, put.features.vectors)
    assert found.features.boxes == put.features.boxes
    assert dict(found.facts) == dict(put.facts)


class IndexContract:
    """The promises of VectorIndex, as tests."""

    @pytest.fixture
    def index(self, make_index: MakeIndex) -> VectorIndex:
        return make_index("one")

    def test_an_empty_index_answers_everything_with_nothing(self, index: VectorIndex) -> None:
        assert index.count() == 0
        assert index.get(["a"]) == {}
        assert index.get([]) == {}
        assert index.near(unit([1])[0]) == []
        assert list(index.scroll()) == []
        index.put([])
        index.drop([])
        assert index.count() == 0

    def test_what_is_put_comes_back_to_the_last_bit(self, index: VectorIndex) -> None:
        put = [entry("a", [1, 2, 3], [3, -2, 1], [0.1, 0, 7], season="SS26"), *crowd(50)]
        index.put(put)
        found = index.get([one.asset for one in put] + ["never seen"])
        assert found.keys() == {one.asset for one in put}
        for one in put:
            assert_same(found[one.asset], one)

    def test_any_string_is_an_asset_and_a_fact(self, index: VectorIndex) -> None:
        names = [
            "",
            " ",
            "a/b.c[0]",
            "Größe",
            "G\u0072o\u0308ße",
            "צבע כחול",
            "👟\u200d",
            '"quoted"',
            "a\x00b",
            "\udcff",
        ]
        put = [Entry(name, Features(unit([1, at])), {name: name, "at": str(at)}) for at, name in enumerate(names)]
        index.put(put)
        assert index.count() == len(names)
        for one in put:
            assert_same(index.get([one.asset])[one.asset], one)
            assert [near.asset for near in index.near(unit([1])[0], where={one.asset: one.asset})] == [one.asset]

    def test_the_nearest_comes_first_with_its_cosine(self, index: VectorIndex) -> None:
        put = crowd(300)
        index.put(put)
        asked = unit([3, 1, -2, 0.5])[0]
        found = index.near(asked * 5, limit=12)
        cosines = {one.asset: float(one.features.vectors[0] @ asked) for one in put}
        assert [near.asset for near in found] == sorted(cosines, key=lambda asset: -cosines[asset])[:12]
        assert [near.similarity for near in found] == pytest.approx([cosines[near.asset] for near in found], abs=1e-5)

    def test_similarity_stays_within_minus_one_and_one(self, index: VectorIndex) -> None:
        index.put(crowd(200))
        for one in crowd(200):
            for near in index.near(one.features.vectors[0], limit=200):
                assert -1 <= near.similarity <= 1

    def test_an_asset_of_many_regions_is_found_once_by_its_best_one(self, index: VectorIndex) -> None:
        index.put([entry("shelf", [1, 1, 1], [1, 0, 0], [0, 1, 0.01]), entry("sofa", [0, 0, 1])])
        found = index.near(unit([0, 1])[0], limit=10)
        assert [(near.asset, near.region) for near in found] == [("shelf", 2), ("sofa", 0)]
        assert found[0].similarity > 0.99

    def test_limit_counts_assets_and_not_regions(self, index: VectorIndex) -> None:
        index.put([entry(f"shelf-{at}", *[[1, 0.01 * at, 0.001 * row] for row in range(9)]) for at in range(20)])
        found = index.near(unit([1])[0], limit=15)
        assert len({near.asset for near in found}) == len(found) == 15
        assert index.near(unit([1])[0], limit=0) == []

    def test_putting_twice_is_putting_once(self, index: VectorIndex) -> None:
        put = crowd(100)
        index.put(put)
        index.put(put)
        assert index.count() == 100
        assert len(index.near(unit([1])[0], limit=1000)) == 100

    def test_an_asset_replaced_by_fewer_regions_keeps_no_old_one(self, index: VectorIndex) -> None:
        index.put([entry("shelf", [1], [0, 1], [0, 0, 1], season="SS25", shot="packshot")])
        index.put([entry("shelf", [1], season="SS26")])
        assert_same(index.get(["shelf"])["shelf"], entry("shelf", [1], season="SS26"))
        assert index.near(unit([0, 0, 1])[0])[0].similarity == pytest.approx(0, abs=1e-6)
        assert index.near(unit([1])[0], where={"season": "SS25"}) == []
        assert index.near(unit([1])[0], where={"shot": "packshot"}) == []
        assert index.count() == 1

    def test_of_an_asset_given_twice_the_last_one_stays(self, index: VectorIndex) -> None:
        index.put([entry("a", [1]), entry("a", [0, 1])])
        assert_same(index.get(["a"])["a"], entry("a", [0, 1]))

    def test_facts_filter_together(self, index: VectorIndex) -> None:
        index.put(
            [
                entry("a", [1], season="SS26", shot="packshot"),
                entry("b", [1], season="SS26", shot="model"),
                entry("c", [1], season="packshot", shot="SS26"),
                entry("d", [1]),
            ]
        )

        def asked(where: dict[str, str]) -> set[str]:
            return {near.asset for near in index.near(unit([1])[0], where=where)}

        assert asked({"season": "SS26"}) == {"a", "b"}
        assert asked({"season": "SS26", "shot": "model"}) == {"b"}
        assert asked({"season": "ss26"}) == set()
        assert asked({}) == {"a", "b", "c", "d"}

    def test_a_filter_finds_the_nearest_among_few_of_many(self, index: VectorIndex) -> None:
        put = crowd(3000)
        index.put(put)
        asked = unit([1, 2, 3])[0]
        few = {one.asset: float(one.features.vectors[0] @ asked) for one in put if one.facts["group"] == "3"}
        found = index.near(asked, limit=25, where={"group": "3"})
        assert [near.asset for near in found] == sorted(few, key=lambda asset: -few[asset])[:25]

    @pytest.mark.parametrize("batch", [1, 7, 100, 233, 1000])
    def test_scroll_gives_everything_exactly_once(self, index: VectorIndex, batch: int) -> None:
        put = {one.asset: one for one in [*crowd(233), entry("shelf", [1], [0, 1])]}
        index.put(list(put.values()))
        batches = list(index.scroll(batch))
        found = [one for some in batches for one in some]
        assert sorted(one.asset for one in found) == sorted(put)
        assert all(0 < len(some) <= batch for some in batches)
        for one in found:
            assert_same(one, put[one.asset])

    def test_dropped_assets_are_gone_and_dropping_again_changes_nothing(self, index: VectorIndex) -> None:
        index.put([entry("a", [1], [0, 1]), entry("b", [1])])
        for _ in range(2):
            index.drop(["a", "never seen"])
            assert index.count() == 1
            assert index.get(["a", "b"]).keys() == {"b"}
            assert [near.asset for near in index.near(unit([0, 1])[0])] == ["b"]

    def test_partitions_do_not_see_each_other(self, make_index: MakeIndex) -> None:
        one, other = make_index("one"), make_index("other")
        one.put([entry("a", [1])])
        other.put([entry("a", [0, 1]), entry("b", [1])])
        one.drop(["b"])
        assert (one.count(), other.count()) == (1, 2)
        assert_same(one.get(["a", "b"])["a"], entry("a", [1]))
        assert [near.asset for near in one.near(unit([1])[0])] == ["a"]
        assert [some.asset for batch in one.scroll() for some in batch] == ["a"]

    def test_closed_and_opened_again_it_has_everything(self, make_index: MakeIndex) -> None:
        index = make_index("one")
        index.put([*crowd(500), entry("shelf", [1], [0, 1])])
        index.drop(["photo-3"])
        index.close()
        index.close()
        again = make_index("one")
        assert again.count() == 500
        assert_same(again.get(["shelf"])["shelf"], entry("shelf", [1], [0, 1]))
        assert "photo-3" not in again.get(["photo-3"])

    def test_an_erased_partition_is_empty_and_no_other_is(self, make_index: MakeIndex) -> None:
        one, other = make_index("one"), make_index("other")
        one.put(crowd(30))
        other.put(crowd(20))
        one.erase()
        one.erase()
        one.close()
        assert make_index("one").count() == 0
        assert other.count() == 20

    def test_eight_threads_write_at_once_and_nothing_is_lost(self, index: VectorIndex) -> None:
        def work(worker: int) -> None:
            mine = crowd(200, prefix=f"worker-{worker}", seed=worker)
            for at in range(0, 200, 20):
                index.put(mine[at : at + 20])
                assert index.near(mine[at].features.vectors[0], limit=1)[0].similarity > 0.999
            index.drop([one.asset for one in mine[:50]])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert index.count() == 8 * 150
        found = {one.asset: one for batch in index.scroll() for one in batch}
        for worker in range(8):
            for one in crowd(200, prefix=f"worker-{worker}", seed=worker)[50:]:
                assert_same(found[one.asset], one)

    def test_vectors_of_another_length_are_refused(self, index: VectorIndex) -> None:
        short = np.ones((1, DIM - 1), np.float32) / np.float32(np.sqrt(DIM - 1))
        with pytest.raises(ValueError):
            index.put([Entry("a", Features(short))])
        with pytest.raises(ValueError):
            index.near(short[0])

    @pytest.mark.parametrize("value", [np.nan, np.inf, 40.0])
    def test_vectors_that_are_no_unit_rows_are_refused(self, index: VectorIndex, value: float) -> None:
        row = unit([1])
        row[0, 0] = value
        with pytest.raises(ValueError):
            index.put([Entry("a", Features(row))])
        assert index.count() == 0
