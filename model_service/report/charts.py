"""Where the marks of a report's small charts go; the template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model_service.report.report import CurvePoint, GroupReport
from model_service.report.sentences import percent

WIDTH, HEIGHT = 420.0, 210.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 18.0, 22.0, 44.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a line, in the pixels of the drawing, with the text beside it."""

    x: float
    y: float
    label: str
    below: str
    """what stands under it on the horizontal axis"""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line chart whose vertical axis is a share in percent."""

    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    """height and label of the horizontal rules"""

    @property
    def path(self) -> str:
        """For the ``points`` of an SVG polyline."""
        return " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in self.marks)


def curve(points: Sequence[CurvePoint]) -> Line:
    """The learning curve: examples a tag against photos named right; steps are evenly spaced."""
    shares = [point.top1 for point in points]
    low = max(0.0, min(shares) - 0.1) // 0.1 / 10
    return _line(shares, [str(point.examples) for point in points], low=low, high=1.0)


def dial(group: GroupReport, risk: float) -> Line:
    """The risk dial: accepted risk against the share written by itself."""
    steps = sorted(group.dial)
    chosen = [abs(step[0] - risk) < 1e-9 for step in steps]
    names = [f"{step[0] * 100:g} %" for step in steps]
    return _line([step[1] for step in steps], names, low=0.0, high=1.0, chosen=chosen)


def _line(
    shares: Sequence[float], names: Sequence[str], *, low: float, high: float, chosen: Sequence[bool] = ()
) -> Line:
    across = (WIDTH - LEFT - RIGHT) / len(shares)

    def height(share: float) -> float:
        return TOP + (high - share) / (high - low) * (HEIGHT - TOP - BOTTOM)

    marks = tuple(
        Mark(LEFT + across * (at + 0.5), height(share), percent(share), names[at], bool(chosen) and chosen[at])
        for at, share in enumerate(shares)
    )
    rules = [low, (low + high) / 2, high]
    return Line(marks, tuple((height(rule), percent(rule)) for rule in rules))
