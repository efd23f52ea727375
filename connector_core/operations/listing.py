"""Listing: predictions as a CSV file that any spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from connector_core.operations.report import write_whole
from model_service.types import Prediction


def write_predictions(to: Path, predictions: Sequence[Prediction]) -> None:
    """One line a prediction: path, tag, group, probability, decision, reason."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("path", "tag", "group", "probability", "decision", "reason"))
    for one in predictions:
        table.writerow((one.asset, one.tag, one.group, f"{one.probability:.4f}", one.decision.value, one.reason))
    write_whole(to, text.getvalue())
