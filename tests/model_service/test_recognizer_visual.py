"""The discriminant: whatever the order of changes, it knows exactly what learning afresh would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_service.encoders.encoder import Block
from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import FEW, Visual
from tests.model_service.synthetic import BLOCKS, Shop, matrix

DIM = 6
SMALL = (Block("one", 4), Block("two", 2))
TAGS = "abcd"
STEP = st.tuples(st.sampled_from(TAGS), st.integers(-8, 8))


def blank() -> Visual:
    return Visual(SMALL, (0.7, 0.3), 0.2)


def told(visual: Visual, kept: dict[str, list[Floats]]) -> Visual:
    return visual.remember({tag: np.stack(kept[tag]) for tag in visual.forgotten()})


def scores(visual: Visual, asked: Floats) -> Floats:
    """Columns in alphabetical order of the tags."""
    return visual.near(visual.whiten(asked))[:, np.argsort(visual.tags)]


@given(steps=st.lists(STEP, min_size=1, max_size=9), seed=st.integers(0, 99))
@settings(max_examples=14, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_sequence_of_changes_scores_like_learning_afresh(steps: list[tuple[str, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    kept: dict[str, list[Floats]] = {tag: list(rng.normal(size=(6, DIM)) + place) for place, tag in enumerate(TAGS)}
    visual = blank().fit(np.concatenate([np.stack(kept[tag]) for tag in TAGS]), [t for t in TAGS for _ in range(6)])
    asked = rng.normal(size=(7, DIM))
    for tag, change in steps:
        own = kept.get(tag, [])
        if change >= 0:
            fresh = list(rng.normal(size=(change, DIM)))
            visual = visual.update(added=(np.reshape(fresh, (-1, DIM)), [tag] * change))
            own = own + fresh
        else:
            order = rng.permutation(len(own))
            gone, left = order[:-change], order[-change:]
            visual = visual.update(removed=(np.reshape([own[r] for r in gone], (-1, DIM)), [tag] * len(gone)))
            own = [own[r] for r in left]
        kept = {name: rows for name, rows in (kept | {tag: own}).items() if rows}
        visual = told(visual, kept)
        assert sorted(visual.tags) == sorted(kept)
        if not kept:
            return
        afresh = blank().fit(np.concatenate(list(map(np.stack, kept.values()))), [t for t in kept for _ in kept[t]])
        np.testing.assert_allclose(scores(visual, asked), scores(afresh, asked), rtol=1e-5, atol=1e-5)


def test_a_tag_that_became_rare_says_that_it_needs_its_examples() -> None:
    rows = np.random.default_rng(0).normal(size=(12, DIM))
    visual = blank().fit(rows, ["a"] * 6 + ["b"] * 6).update(removed=(rows[: 6 - FEW], ["a"] * (6 - FEW)))
    assert visual.forgotten() == ("a",)
    assert visual.remember({"a": rows[6 - FEW : 6]}).forgotten() == ()


def test_more_cannot_be_removed_than_there_is() -> None:
    rows = np.eye(DIM)
    visual = blank().fit(rows[:2], ["a", "b"])
    with pytest.raises(ValueError, match="more examples removed"):
        visual.update(removed=(rows[:2], ["a", "a"]))
    with pytest.raises(ValueError, match="c has no examples"):
        visual.update(removed=(rows[:1], ["c"]))


def test_state_gives_back_the_same_discriminant() -> None:
    rows = np.random.default_rng(1).normal(size=(9, DIM))
    visual = blank().fit(rows, ["b"] * 6 + ["a"] * 2 + ["c"])
    again = blank().restore(visual.state(), visual.tags)
    np.testing.assert_array_equal(again.near(again.whiten(rows)), visual.near(visual.whiten(rows)))


def test_many_pictures_score_like_few() -> None:
    examples = Shop(tags=4).examples()
    visual = Visual(BLOCKS, (0.5, 0.5), 0.3).fit(matrix(examples), [example.tag for example in examples])
    asked = matrix(examples)
    few = np.concatenate([visual.score(asked[row : row + 1]) for row in range(len(asked))])
    np.testing.assert_allclose(visual.score(asked), few, rtol=1e-3, atol=1e-2)


def test_one_example_a_tag_is_told_apart_by_plain_distance() -> None:
    rows = np.eye(DIM)[:3]
    visual = blank().fit(rows, ["a", "b", "c"])
    assert [visual.tags[place] for place in visual.near(visual.whiten(rows)).argmax(1)] == ["a", "b", "c"]
