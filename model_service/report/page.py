"""The report as one HTML file for people: no script, nothing loaded from anywhere, readable on a phone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from model_service.report import charts, sentences
from model_service.report.pictures import SMALL, Pictures
from model_service.report.report import Report
from model_service.types import Decision, Prediction

HERE = Path(__file__).parent
TITLE = "What Propernoun learned from your photos"
PICTURES = 200
CARDS = {Decision.APPLY: 16, Decision.REVIEW: 14, Decision.REJECT: 6}
"""How many tagged photos are shown of each decision."""

_RANGE = re.compile("[0-9]+\N{EN DASH}[0-9]+")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def render(
    report: Report,
    *,
    tagged: Sequence[Prediction] = (),
    thumbnail: Callable[[str], bytes | None] | None = None,
    title: str = TITLE,
) -> str:
    """The page: UTF-8 text of at most a few MB, however many tags there are.

    ``tagged`` are predictions for new photos, shown as a gallery. ``thumbnail`` gives the bytes of an asset's
    picture in any format and size, or None; pictures beyond a bound are left out, never figures.
    """
    css = (HERE / "page.css").read_text(encoding="utf-8")
    html = (
        _templates()
        .get_template("page.html.j2")
        .render(
            report=report,
            title=title,
            css=Markup(css),
            css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode("ascii"),
            picture=Pictures(thumbnail, PICTURES),
            gallery=_gallery(tagged),
            tagged=len(tagged),
            several=len(report.groups) > 1,
        )
    )
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", html).encode("utf-8", "replace").decode("utf-8")


def _gallery(tagged: Sequence[Prediction]) -> list[tuple[Decision, int, list[Prediction]]]:
    """Decision, how many there are, and the ones to show; the surest first, the nearest misses of the rest."""
    shown = []
    for decision, cards in CARDS.items():
        mine = sorted((one for one in tagged if one.decision is decision), key=lambda one: -one.probability)
        if mine:
            shown.append((decision, len(mine), mine[:cards]))
    return shown


def _unbroken(sentence: str) -> Markup:
    """The sentence, its range of figures kept on one line."""
    return Markup(_RANGE.sub(r'<span class="whole-range">\g<0></span>', str(escape(sentence))))


def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(say=sentences, charts=charts, SMALL=SMALL, DECISIONS=sentences.DECISIONS)
    templates.filters.update(percent=sentences.percent, day=sentences.day, unbroken=_unbroken)
    return templates
