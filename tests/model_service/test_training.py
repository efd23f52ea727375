"""Training: honest about new photos, and never sure of what it cannot know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model_service.confidence import margin_of
from model_service.errors import Misconfigured, TooFewExamples
from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import Visual
from model_service.training.crossfit import Crossfit
from model_service.training.select import Choice, dual_scores, select
from model_service.training.split import folds
from model_service.training.train import Trained, train
from model_service.types import WHOLE, Decision, Example, Features
from tests.model_service.synthetic import BLOCKS, PRINT, Shop, features, matrix, unit


def hard() -> Shop:
    """Shoots as far from their product as products from one another, photos of a shoot nearly alike."""
    return Shop(tags=10, drift=1.4, noise=0.1, seed=5)


def folded(examples: list[Example], choice: Choice) -> Crossfit:
    tags = [example.tag for example in examples]
    regions = [example.features.vectors for example in examples]
    return Crossfit(matrix(examples), regions, tags, sorted(set(tags)), BLOCKS, choice)


def right(trained: Trained, examples: list[Example]) -> float:
    found = trained.model.predict([e.asset for e in examples], [e.features for e in examples])
    return float(np.mean([one.tag == example.tag for one, example in zip(found, examples, strict=True)]))


@pytest.mark.parametrize("named", [True, False])
def test_the_bracket_tells_what_new_shoots_give_where_random_folds_flatter(named: bool) -> None:
    shop = hard()
    examples = shop.examples(shoots=4, each=5, named=named)
    trained = train(examples, PRINT)
    new = right(trained, shop.examples(shoots=12, each=2))
    told = trained.report.groups[0].top1
    tags = [example.tag for example in examples]
    order = sorted(set(tags))
    chance = np.random.default_rng(0).integers(0, 4, len(tags))
    choice = Choice((0.5, 0.5), 0.25, 0.0)
    judged = folded(examples, choice).judge(chance)
    random = float(np.mean(judged.best == np.array([order.index(tags[row]) for row in judged.rows])))
    assert random > new + 0.1, "the sample is no test of honest folds"
    assert told.low - 0.12 <= new <= told.high + 0.12
    assert abs(told.value - new) < abs(random - new)


@pytest.mark.parametrize("shoots", [2, 3, 4])
@pytest.mark.parametrize("count", [3, 4])
def test_no_shoot_is_divided_between_folds(shoots: int, count: int) -> None:
    examples = Shop(tags=3, drift=0.05, noise=0.5).examples(shoots=shoots, each=6)
    split = folds(matrix(examples), [e.tag for e in examples], [e.shoot for e in examples], count)
    for shoot in {example.shoot for example in examples}:
        assert len({int(split[row]) for row, e in enumerate(examples) if e.shoot == shoot}) == 1


def test_pictures_far_from_everything_are_rejected() -> None:
    trained = train(Shop(noise=0.3).examples(), PRINT)
    rng = np.random.default_rng(9)
    strangers = unit(rng.normal(size=(60, 20)))
    found = trained.model.predict([str(n) for n in range(60)], [features(row) for row in strangers])
    assert np.mean([one.decision is Decision.REJECT for one in found]) > 0.9
    assert all(one.decision is not Decision.APPLY for one in found)


def test_a_tag_of_one_shoot_is_never_applied() -> None:
    shop = Shop(tags=6, drift=0.1, noise=0.2)
    examples = shop.examples(shoots=6, each=6)
    examples = [replace(e, shoot="only") if e.tag == "tag0" else e for e in examples]
    trained = train(examples, PRINT, risk=0.05)
    found = trained.model.predict([e.asset for e in examples], [e.features for e in examples])
    applied = {one.tag for one in found if one.decision is Decision.APPLY}
    assert applied == {f"tag{n}" for n in range(1, 6)}
    promised = {tag.tag: tag.promised for tag in trained.report.groups[0].tags}
    assert promised == {f"tag{n}": n > 0 for n in range(6)}


def test_a_tag_that_the_others_would_carry_is_doubted() -> None:
    examples = Shop(tags=8, drift=0.3, noise=0.2, seed=4).examples(shoots=6, each=6)
    shoots = list(dict.fromkeys(e.shoot for e in examples if e.tag == "tag0"))
    # Half of one product's shoots bear another's name: often wrong, but rare enough for the average.
    mixed = [replace(e, tag="tag1") if e.shoot in shoots[:3] else e for e in examples]
    model = train(mixed, PRINT, risk=0.2).model
    found = model.predict([e.asset for e in mixed], [e.features for e in mixed])
    applied = {one.tag for one in found if one.decision is Decision.APPLY}
    assert "tag0" in model.parts["product"].doubted
    assert applied == {one.tag for one in found} - model.parts["product"].doubted


def test_few_examples_promise_nothing_and_say_so() -> None:
    examples = Shop(tags=2).examples(shoots=2, each=2)
    trained = train(examples, PRINT)
    found = trained.model.predict([e.asset for e in examples], [e.features for e in examples])
    assert all(one.decision is not Decision.APPLY for one in found)
    assert any("no threshold can promise" in note for note in trained.report.notes)


def test_one_example_a_tag_is_enough_to_ask_a_person() -> None:
    examples = Shop(tags=4).examples(shoots=1, each=1)
    trained = train(examples, PRINT)
    found = trained.model.predict([e.asset for e in examples], [e.features for e in examples])
    assert [one.tag for one in found] == [e.tag for e in examples]
    assert {one.decision for one in found} == {Decision.REVIEW}


def test_too_few_examples_are_refused_with_a_sentence() -> None:
    with pytest.raises(TooFewExamples, match=r"^There are no examples to learn from: .*\.$"):
        train([], PRINT)
    with pytest.raises(TooFewExamples, match=r"^The group 'product' has only the tag 'tag0': .*\.$"):
        train(Shop(tags=1).examples(), PRINT)


@pytest.mark.parametrize("risk", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_a_risk_that_is_no_share_is_refused(risk: float) -> None:
    with pytest.raises(Misconfigured, match=r"^The risk must lie between 0 and 1, not .*\.$"):
        train(Shop().examples(), PRINT, risk=risk)


def test_the_same_seed_gives_the_same_model() -> None:
    examples = Shop(noise=0.5).examples(named=False)
    one, two = (train(examples, PRINT, seed=3) for _ in range(2))
    asked = [e.asset for e in examples], [e.features for e in examples]
    assert one.model.predict(*asked) == two.model.predict(*asked)
    same = {"created": "", "seconds": 0.0}
    assert replace(one.report, **same) == replace(two.report, **same)  # type: ignore[arg-type]


def test_progress_reaches_the_end_and_never_goes_back() -> None:
    seen: list[tuple[int, int]] = []
    train(Shop().examples(), PRINT, on_progress=lambda done, of: seen.append((done, of)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


def test_a_block_of_noise_is_listened_to_less() -> None:
    examples = Shop(tags=8, quiet=1, drift=0.8, noise=0.3).examples()
    trained = train(examples, PRINT)
    weights = trained.report.groups[0].weights
    assert weights["colour"] < 0.4 < 0.6 < weights["shape"]
    assert sum(weights.values()) == pytest.approx(1.0)


def test_inner_products_score_like_the_discriminant_itself() -> None:
    examples = Shop(tags=5).examples(shoots=3, each=4)
    vectors, tags = matrix(examples), [example.tag for example in examples]
    learned, asked = np.arange(len(tags)) % 4 != 0, np.arange(len(tags)) % 4 == 0
    weights, shrinkages = (0.8, 0.2), (0.03, 0.25, 1.0)
    scaled = vectors * np.repeat(np.sqrt(np.multiply(weights, 2)), [block.dim for block in BLOCKS])
    order, labels = np.unique(np.array(tags)[learned], return_inverse=True)
    gram, cross = scaled[learned] @ scaled[learned].T, scaled[asked] @ scaled[learned].T
    dual = dual_scores(gram, cross, labels, shrinkages, vectors.shape[1])
    for shrinkage, found in zip(shrinkages, dual, strict=True):
        visual = Visual(BLOCKS, weights, shrinkage).fit(vectors[learned], list(np.array(tags)[learned]))
        direct = visual.near(visual.whiten(vectors[asked]))
        columns = [visual.tags.index(tag) for tag in order]
        shift = found - direct[:, columns]  # a constant a row says nothing
        np.testing.assert_allclose(shift, np.broadcast_to(shift[:, :1], shift.shape), atol=1e-6)


def test_selecting_a_mix_beats_listening_to_all_alike() -> None:
    examples = Shop(tags=8, quiet=1, noise=0.3).examples()
    tags = [example.tag for example in examples]
    truth = np.unique(tags, return_inverse=True)[1]
    split = folds(matrix(examples), tags, [e.shoot for e in examples], 4)
    mixed = select(matrix(examples), truth, [split], BLOCKS)
    plain = select(matrix(examples), truth, [split], (replace(BLOCKS[0], dim=20),))
    assert mixed.loss < plain.loss


def test_mislabelled_examples_are_suspected() -> None:
    examples = Shop(tags=6, drift=0.1, noise=0.2).examples(shoots=5, each=4)
    wrong = {3, 50, 90}
    examples = [
        replace(e, tag=f"tag{(int(e.tag[3:]) + 1) % 6}") if row in wrong else e for row, e in enumerate(examples)
    ]
    suspects = train(examples, PRINT).report.groups[0].suspects
    assert {one.asset for one in suspects} == {examples[row].asset for row in wrong}


def test_held_out_scenes_are_judged_by_their_likeliest_region() -> None:
    examples = Shop(tags=5, noise=0.2).examples(shoots=4, each=4)
    rng = np.random.default_rng(1)
    clutter = unit(rng.normal(size=(len(examples), 3, 20)))

    def scene(example: Example, parts: Floats) -> Example:
        rows = np.concatenate([example.features.vectors, parts]).astype(np.float32)
        return replace(example, features=Features(rows, (WHOLE,) * 4))

    scenes = [scene(example, parts) for example, parts in zip(examples, clutter, strict=True)]
    plain, cluttered = (train(some, PRINT, risk=0.1).report.groups[0] for some in (examples, scenes))
    assert cluttered.top1.value > 0.9 * plain.top1.value


def test_the_learning_curve_rises_to_what_all_examples_give() -> None:
    report = train(hard().examples(shoots=5, each=5), PRINT).report.groups[0]
    sizes, shares = [point.examples for point in report.curve], [point.top1 for point in report.curve]
    assert sizes == [1, 2, 5, 10, 20, 25]
    assert shares[-1] == report.top1.value
    assert shares[0] < shares[2] - 0.05


def test_fewer_examples_than_dimensions_are_judged_the_same() -> None:
    examples = Shop(tags=3).examples(shoots=3, each=2)
    tags, vectors = [e.tag for e in examples], matrix(examples)
    split = np.arange(len(examples)) % 6 // 2
    choice = Choice((0.6, 0.4), 0.2, 0.0)
    judged = folded(examples, choice).judge(split)
    assert len(examples) < vectors.shape[1]
    for fold in range(3):
        kept = split != fold
        visual = Visual(BLOCKS, choice.weights, choice.shrinkage).fit(vectors[kept], list(np.array(tags)[kept]))
        rows = np.isin(judged.rows, np.flatnonzero(~kept))
        direct = visual.near(visual.whiten(vectors[judged.rows[rows]]))
        assert judged.best[rows].tolist() == direct.argmax(1).tolist()
        np.testing.assert_allclose(judged.margin[rows], margin_of(direct), atol=1e-5)
