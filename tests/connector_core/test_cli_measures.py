"""The measures of an evaluation, against figures worked out by hand, and the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import stats

from connector_core.operations.measures import Round, auroc, calibration_error, summed, upper
from connector_core.settings import Settings, parse_risk
from model_service.errors import Misconfigured
from model_service.report.report import Report
from model_service.types import WHOLE, Decision, Evidence, Prediction

_REPORT = Report("compact", "", "", 0.02, 0.0, ())


def _said(asset: str, tag: str, probability: float, decision: Decision, familiarity: float) -> Prediction:
    evidence = Evidence("", 1.0, WHOLE, "", 0.0)
    rest = ((tag, probability), ("B", 1 - probability))
    return Prediction(asset, tag, "product", probability, decision, "", evidence, familiarity, rest)


def _round() -> Round:
    predictions = [
        _said("1", "A", 0.9, Decision.APPLY, 5.0),
        _said("2", "A", 0.9, Decision.APPLY, 3.0),
        _said("3", "A", 0.5, Decision.REVIEW, 4.0),
        _said("4", "A", 0.5, Decision.APPLY, 3.5),
        _said("5", "A", 0.5, Decision.REJECT, 1.0),
    ]
    truth = {("1", "product"): "A", ("2", "product"): "B", ("3", "product"): "A", ("4", "product"): ""}
    return Round(predictions, truth | {("5", "product"): ""}, _REPORT, 2.0, 0.1)


def test_unknown_photos_are_reported_apart_from_known_ones() -> None:
    found = summed([_round()])
    assert found["top1"] == pytest.approx(2 / 3)
    assert found["top5"] == 1.0
    assert found["applied"] == pytest.approx(2 / 3)
    assert found["applied_error"] == 0.5
    assert found["unknown_applied"] == 0.5
    assert found["promised_top1"] == [None, None]


def test_the_bound_is_pooled_over_repeats() -> None:
    found = summed([_round(), _round()])
    assert found["applied_error_upper"] == pytest.approx(upper(2, 4))
    assert stats.binom.cdf(2, 4, upper(2, 4)) == pytest.approx(0.05)
    assert upper(0, 0) == 1.0 and upper(3, 3) == 1.0


def test_familiarity_parts_known_from_unknown() -> None:
    # Of the six pairs of a known and an unknown photo, five have the known one ahead.
    assert auroc(_round()) == pytest.approx(5 / 6)


def test_calibration_error_is_the_mean_distance_of_probability_and_truth() -> None:
    # 0.9 said twice and right once: off by 0.4; 0.5 said once and right: off by 0.5.
    assert calibration_error(_round().known) == pytest.approx((2 * 0.4 + 0.5) / 3)
    assert calibration_error([]) is None


def test_settings_come_from_the_environment_and_default_to_this_machine(tmp_path: Path) -> None:
    here = tmp_path / "propernoun"
    assert Settings.from_env({"XDG_DATA_HOME": str(tmp_path)}) == Settings(
        here, database=f"sqlite:///{here}/propernoun.db"
    )
    given = {"PROPERNOUN_DATA": "d", "PROPERNOUN_ENCODER": "onnx:a.onnx", "PROPERNOUN_RISK": "5%"}
    found = Settings.from_env({**given, "PROPERNOUN_DATABASE": "postgresql://here/one"})
    assert found == Settings(Path("d"), "onnx:a.onnx", 0.05, database="postgresql://here/one")


@pytest.mark.parametrize("text", ["", "0", "1", "nan", "-0.1", "200%", "two"])
def test_a_risk_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured, match="is no share"):
        parse_risk(text)
