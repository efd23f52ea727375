"""A trained model: changed exactly, and careful with what it has not proven."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_service.errors import Refuse
from model_service.model import Model, percent
from model_service.recognizers.visual import Visual
from model_service.training.train import train
from model_service.types import WHOLE, Box, Decision, Example, Features
from tests.model_service.synthetic import BLOCKS, PRINT, Shop, features, matrix

TAGS = 4


@functools.cache
def begun() -> tuple[Model, tuple[Example, ...], tuple[Example, ...]]:
    """A model, what it learned, and more to learn."""
    shop = Shop(tags=TAGS, noise=0.4, seed=2)
    first = tuple(shop.examples(shoots=3, each=2))
    return train(first, PRINT, risk=0.2).model, first, tuple(shop.examples(shoots=4, each=3))


def same_as_afresh(model: Model, kept: list[Example]) -> None:
    part = model.parts["product"]
    afresh = Visual(BLOCKS, part.visual.weights, part.visual.shrinkage).fit(matrix(kept), [e.tag for e in kept])
    asked = matrix(Shop(tags=TAGS, seed=8).examples(1, 2))
    columns = [afresh.tags.index(tag) for tag in part.visual.tags]
    direct = afresh.near(afresh.whiten(asked))[:, columns]
    np.testing.assert_allclose(part.visual.near(part.visual.whiten(asked)), direct, rtol=1e-5, atol=1e-5)
    assets, tags, _ = part.bank.flat()
    assert sorted(zip(assets, tags, strict=True)) == sorted((e.asset, e.tag) for e in kept)


@given(data=st.data())
@settings(max_examples=14, deadline=None, derandomize=True)
def test_any_sequence_of_updates_is_learning_afresh(data: st.DataObject) -> None:
    model, first, more = begun()
    kept, rest = list(first), list(more)
    for _ in range(data.draw(st.integers(1, 6))):
        tag = f"tag{data.draw(st.integers(0, TAGS - 1))}"
        own, spare = [e for e in kept if e.tag == tag], [e for e in rest if e.tag == tag]
        if len({e.tag for e in kept}) <= 2:
            own = []  # the last two tags stay
        gone = own[: data.draw(st.integers(0, len(own)))]
        added = spare[: data.draw(st.integers(0, min(len(spare), 5)))]
        model = model.update(added, gone)
        kept = [e for e in kept if e not in gone] + added
        rest = [e for e in rest if e not in added] + gone
        same_as_afresh(model, kept)


def test_removal_needs_only_the_name_of_an_example() -> None:
    model, first, _ = begun()
    other = features(np.ones(20) / 20**0.5)
    same_as_afresh(model.update(removed=[replace(first[0], features=other)]), list(first[1:]))


def test_naming_an_example_twice_removes_it_once() -> None:
    model, first, _ = begun()
    same_as_afresh(model.update(removed=[first[0], first[0]]), list(first[1:]))


def test_what_is_no_example_cannot_be_taken_out() -> None:
    model, first, _ = begun()
    with pytest.raises(Refuse, match=r"^ghost.jpg is no example of tag0.*\.$"):
        model.update(removed=[replace(first[0], asset="ghost.jpg")])
    with pytest.raises(Refuse, match=r"no group 'colour'.*\.$"):
        model.update(added=[replace(first[0], group="colour")])


def test_a_group_keeps_two_tags_or_there_is_nothing_to_tell_apart() -> None:
    model, first, _ = begun()
    with pytest.raises(Refuse, match=r"two tags.*\.$"):
        model.update(removed=[e for e in first if e.tag != "tag0"])
    with pytest.raises(Refuse, match=r"two tags.*\.$"):
        model.update(removed=first)


def test_an_update_leaves_the_old_model_as_it_was() -> None:
    model, first, more = begun()
    asked = [e.asset for e in more], [e.features for e in more]
    before = model.predict(*asked)
    model.update(more, first[:3])
    assert model.predict(*asked) == before


def test_new_reborn_and_lone_tags_wait_for_review() -> None:
    shop = Shop(tags=6, drift=0.1, noise=0.2)
    examples = shop.examples(shoots=6, each=6)
    model = train(examples, PRINT, risk=0.05).model

    def applied(changed: Model) -> set[str]:
        found = changed.predict([e.asset for e in examples], [e.features for e in examples])
        return {one.tag for one in found if one.decision is Decision.APPLY}

    own = [e for e in examples if e.tag == "tag0"]
    assert "tag0" in applied(model)
    assert "tag0" not in applied(model.update(removed=own).update(added=own))
    assert "tag0" not in applied(model.update(removed=own[1:]))
    renamed = model.update(added=[replace(e, tag="new") for e in own], removed=own)
    assert "new" not in applied(renamed)
    found = renamed.predict(["x"], [own[0].features])[0]
    assert (found.tag, found.decision) == ("new", Decision.REVIEW)


def test_the_likeliest_region_speaks_for_the_picture() -> None:
    model, first, _ = begun()
    noise = np.random.default_rng(0).normal(size=20)
    tile = Box(0.5, 0.0, 0.5, 0.5)
    rows = np.stack([noise / np.linalg.norm(noise), first[0].features.vectors[0]]).astype(np.float32)
    _, distance = model.parts["product"].judge(rows)
    found = model.predict(["x"], [Features(rows, (WHOLE, tile))])[0]
    assert found.evidence.box == (WHOLE, tile)[int(distance.argmin())]
    assert found.evidence.nearest in {e.asset for e in first if e.tag == found.tag}


def test_predictions_come_in_order_with_probabilities_that_fall() -> None:
    model, first, _ = begun()
    found = model.predict([e.asset for e in first], [e.features for e in first])
    assert [one.asset for one in found] == [e.asset for e in first]
    for one in found:
        chances = [chance for _, chance in one.candidates]
        assert chances == sorted(chances, reverse=True)
        assert one.candidates[0] == (one.tag, one.probability)
        assert (one.evidence.runner_up, one.evidence.runner_up_probability) == one.candidates[1]
    assert model.predict([], []) == []


@pytest.mark.parametrize("share", [0.991, 0.996, 0.99999, 1.0])
def test_percentages_never_round_up_to_certainty(share: float) -> None:
    assert "100" not in percent(share)
