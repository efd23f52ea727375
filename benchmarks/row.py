"""A row of the table of measures: what is measured, what it must reach, what it reached."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A measure; ``met`` is None where there is no bar or nothing was measured."""

    name: str
    bar: str
    figure: str
    met: bool | None = None

    def plain(self) -> dict[str, Any]:
        """The row as plain data."""
        return asdict(self)


def at_least(name: str, figure: float | None, bar: float, unit: str = "%") -> Row:
    """A row whose figure must not fall below the bar; unit ``%`` takes fractions."""
    return Row(name, f"≥ {said(bar, unit)}", said(figure, unit), None if figure is None else figure >= bar)


def at_most(name: str, figure: float | None, bar: float, unit: str = "%") -> Row:
    """A row whose figure must not exceed the bar; unit ``%`` takes fractions."""
    return Row(name, f"≤ {said(bar, unit)}", said(figure, unit), None if figure is None else figure <= bar)


def plain(name: str, figure: float | None, unit: str = "%") -> Row:
    """A row that is only told."""
    return Row(name, "", said(figure, unit))


def said(figure: float | None, unit: str) -> str:
    """A number for people."""
    if figure is None:
        return "nothing to measure"
    return f"{100 * figure:.1f} %" if unit == "%" else f"{figure:.3g} {unit}".strip()


def skipped(name: str, why: str) -> Row:
    """A measure that could not be taken here."""
    return Row(name, "", f"skipped: {why}")
