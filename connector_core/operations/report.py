"""Report: what training found out, read back from a model and shown as a page with pictures."""

from __future__ import annotations

import os
import tempfile
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from model_service.bundle import load_bundle
from model_service.errors import BadBundle
from model_service.report.page import render
from model_service.report.report import Report
from model_service.types import Prediction


def read_report(folder: Path) -> Report:
    """The report of the model in a folder. Raises BadBundle."""
    _, data = load_bundle(folder)
    try:
        report = _built(Report, data)
    except (KeyError, TypeError, ValueError) as error:
        raise BadBundle(f"The report in {folder} is of another format; train the model again.") from error
    assert isinstance(report, Report)
    return report


def write_page(report: Report, to: Path, photos: Mapping[str, Path], *, tagged: Sequence[Prediction] = ()) -> None:
    """Write the report as one HTML file; ``photos`` says where the pictures of its assets are."""

    def thumbnail(asset: str) -> bytes | None:
        try:
            return photos[asset].read_bytes() if asset in photos else None
        except OSError:
            return None

    write_whole(to, render(report, tagged=tagged, thumbnail=thumbnail))


def write_whole(to: Path, text: str) -> None:
    """Write a text file so that it is there whole or not at all."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=to.parent, prefix=f".{to.name}.", delete=False) as file:
        try:
            file.write(text)
            file.close()
            os.chmod(file.name, 0o644)
            os.replace(file.name, to)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _built(kind: Any, data: Any) -> Any:
    """Plain data as the dataclass, tuple or mapping that the annotation names."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        return kind(**{one.name: _built(hints[one.name], data[one.name]) for one in fields(kind) if one.name in data})
    if isinstance(kind, types.GenericAlias) and kind.__origin__ is tuple:
        inner = kind.__args__
        if inner[-1] is Ellipsis:
            return tuple(_built(inner[0], one) for one in data)
        return tuple(_built(each, one) for each, one in zip(inner, data, strict=True))
    return data
