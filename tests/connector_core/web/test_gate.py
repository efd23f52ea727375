"""The gate: keys, scopes, pace, size, and what every answer carries."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from connector_core.store.scope import fresh
from tests.connector_core.web.routes import ROUTES
from tests.connector_core.web.service import Caller, Service

CALLS = [pytest.param(*call, id=" ".join(call)) for call in ROUTES]


@pytest.mark.parametrize(("method", "rule"), CALLS)
def test_without_a_key_nothing_opens(service: Service, method: str, rule: str) -> None:
    answer = service.app.test_client().open(_path(rule), method=method)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", "Bearer pn_no", "Basic YTpi", "pn_x", "Bearer \xff", "Bearer pn_ x"]
)
def test_what_is_no_key_opens_nothing(service: Service, sent: str) -> None:
    assert service.app.test_client().get("/v1/tags", headers={"Authorization": sent}).status_code == 401


@pytest.mark.parametrize(("method", "rule"), CALLS)
def test_a_key_opens_what_its_scope_says(service: Service, tenant: str, method: str, rule: str) -> None:
    scope = ROUTES[method, rule].scope
    right = service.caller(tenant, scope)(method, _path(rule))
    assert right.status_code not in (401, 403), right.text
    wrong = service.caller(tenant, *({"read", "tag", "teach"} - {scope}))(method, _path(rule))
    assert wrong.status_code == 403 and scope in wrong.json["detail"]


def test_a_revoked_key_opens_nothing(service: Service, tenant: str, caller: Caller) -> None:
    other = service.caller(tenant, "read")
    assert other.get("/v1/tags").status_code == 200
    assert caller("DELETE", f"/v1/keys/{other.id}").status_code == 204
    assert other.get("/v1/tags").status_code == 401


def test_a_key_that_calls_too_often_is_told_to_wait(tmp_path: Path) -> None:
    service = Service(tmp_path, requests=3)
    tenant = service.add()
    hasty, other = service.caller(tenant), service.caller(tenant)
    first = hasty.get("/v1/tags")
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("3", "2")
    assert [hasty.get("/v1/tags").status_code for _ in range(3)] == [200, 200, 429]
    refused = hasty.get("/v1/tags")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60 and refused.content_type == "application/problem+json"
    assert other.get("/v1/tags").status_code == 200
    service.close()


@pytest.mark.parametrize(("method", "rule"), CALLS)
def test_a_huge_body_is_refused_before_it_is_read(caller: Caller, method: str, rule: str) -> None:
    answer = caller(method, _path(rule), environ_overrides={"CONTENT_LENGTH": "33000000"})
    assert answer.status_code == 413 and answer.content_type == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v1/assets/x", "/v1/assets/../keys", "/v2/tags"])
def test_an_address_of_nothing_says_so(caller: Caller, path: str) -> None:
    answer = caller.get(path)
    assert answer.status_code == 404
    assert answer.json["status"] == 404 and answer.json["detail"] == "There is nothing at this address."


def test_another_method_names_those_that_are_there(caller: Caller) -> None:
    answer = caller("PATCH", "/v1/keys")
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


def test_what_does_not_fit_is_said_in_one_sentence(caller: Caller) -> None:
    answer = caller.post("/v1/keys", {"title": "", "scopes": ["everything"], "more": 1})
    assert answer.status_code == 422
    said = answer.json
    assert said["type"] == "urn:propernoun:invalid" and {"title", "scopes", "more"} <= set(
        re.findall(r"\w+", said["detail"])
    )


def test_every_answer_is_safe_to_show(caller: Caller) -> None:
    for answer in (caller.get("/v1/tags"), caller.get("/nothing"), caller.get("/healthz")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_request_keeps_the_id_that_it_came_with(caller: Caller) -> None:
    assert caller("GET", "/v1/tags", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    assert caller("GET", "/v1/tags", headers={"X-Request-Id": "a b<"}).headers["X-Request-Id"] != "a b<"


def test_the_web_process_knows_no_encoder() -> None:
    code = (
        "import sys, connector_core.web.app\n"
        "assert not {'onnxruntime', 'torch', 'sentence_transformers', 'qdrant_edge'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def _path(rule: str) -> str:
    return re.sub(r"<[^>]+>", lambda found: "de" if found[0] == "<locale>" else fresh(), rule)
