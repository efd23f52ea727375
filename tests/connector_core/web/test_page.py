"""The page on the API shows every route, with its scope and an example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.connector_core.web.routes import ROUTES

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")


def shown(rule: str) -> str:
    """A rule as the page writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


@pytest.mark.parametrize(("method", "rule"), ROUTES)
def test_the_page_names_every_route_and_its_scope(method: str, rule: str) -> None:
    assert f"| `{method} {shown(rule)}` | {ROUTES[method, rule].scope} |" in PAGE


@pytest.mark.parametrize(("method", "rule"), ROUTES)
def test_the_page_has_an_example_of_every_route(method: str, rule: str) -> None:
    pattern = re.sub(r"\\{\w+\\}", r"(\\w+|[a-z]{2})", re.escape(shown(rule)))
    called = rf"^    {method} {pattern}(\?|\s)" if method != "POST" else rf'^    (POST {pattern}|curl .*{pattern}[?"])'
    assert re.search(called, PAGE, re.MULTILINE)


def test_the_page_names_no_route_that_is_not_there() -> None:
    listed = set(re.findall(r"^\| `([A-Z]+ /v1/[^`]*)`", PAGE, re.MULTILINE))
    assert listed - {f"{method} {shown(rule)}" for method, rule in ROUTES} <= {"GET /v1/openapi.json"}
