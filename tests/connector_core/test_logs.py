"""Logs: lines of JSON with the ids of what is being done, and never a secret."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from connector_core.logs import Lines, begin, bind, bound, masked

log = logging.getLogger("propernoun.test")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield stream
    log.removeHandler(handler)


def told(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_where_and_what(lines: io.StringIO) -> None:
    log.warning("scanned %s: %d new", "c1", 3)
    (line,) = told(lines)
    assert line["level"] == "warning" and line["from"] == "propernoun.test" and line["message"] == "scanned c1: 3 new"
    assert line["time"].endswith("Z")


def test_ids_go_with_what_they_are_bound_to(lines: io.StringIO) -> None:
    begin(request="r1")
    bind(tenant="t1")
    with bound(job="scan c1"):
        log.info("within")
    log.info("after the job")
    begin()
    log.info("after the request")
    within, after_job, after = told(lines)
    assert (within["request"], within["tenant"], within["job"]) == ("r1", "t1", "scan c1")
    assert after_job["tenant"] == "t1" and "job" not in after_job
    assert "request" not in after and "tenant" not in after


def test_an_error_is_one_line(lines: io.StringIO) -> None:
    try:
        raise RuntimeError("failed with pn_" + "a" * 43)
    except RuntimeError:
        log.error("it failed", exc_info=sys.exc_info())
    (line,) = told(lines)
    assert "RuntimeError" in line["error"] and "aaaa" not in line["error"]


@pytest.mark.parametrize(
    "text",
    [
        "key pn_S3cretS3cretS3cret-_x used",
        "Authorization: Bearer S3cretS3cretS3cret.abc",
        "authorization='Basic S3cretS3cretS3cret=='",
        "https://x/?code=S3cretS3cretS3cret&state=1",
        '{"access_token": "S3cretS3cretS3cret", "expires_in": 3}',
        "{'refresh_token': 'S3cretS3cretS3cret'}",
        "client_secret=S3cretS3cretS3cret",
        "password: S3cretS3cretS3cret",
        "postgresql://me:S3cretS3cretS3cret@db/x",
        "redis://:S3cretS3cretS3cret@cache:6379/0",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    assert "S3cret" not in masked(text) and "***" in masked(text)


def test_other_words_are_left_alone() -> None:
    for text in ("scanned c1: 3 to read, 0.2s", "the token was renewed", "GET /v1/tags 200 3ms", "code of conduct"):
        assert masked(text) == text
