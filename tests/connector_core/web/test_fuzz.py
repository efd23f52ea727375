"""The API as its own description says: valid OpenAPI 3.1, and nothing that is sent to it makes it fail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import hypothesis.strategies as st
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.connector_core.web.routes import ROUTES, Route
from tests.connector_core.web.service import Caller, Service, draw, teach

EXAMPLES = 10
"""calls a route and way of calling"""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    ignored_auth,
    unsupported_method,
]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of its own: what is sent may change everything."""
    data = tmp_path_factory.mktemp("fuzzed")
    service = Service(data)
    tenant = service.add()
    draw(data / "photos", 4)
    service.connect(tenant, data / "photos")
    teach(service, tenant)
    yield service
    service.close()


@pytest.fixture(scope="module")
def caller(fuzzed: Service) -> Caller:
    """Somebody who may do everything there."""
    return fuzzed.caller(fuzzed.engine.store.tenants()[0])


@pytest.fixture(scope="module")
def description(fuzzed: Service) -> BaseSchema:
    """The description, read from the app itself."""
    return schemathesis.openapi.from_wsgi("/v1/openapi.json", fuzzed.app)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("call", list(ROUTES), ids=" ".join)
def test_nothing_that_is_sent_makes_it_fail(
    call: tuple[str, str], mode: GenerationMode, description: BaseSchema, caller: Caller
) -> None:
    method, rule = call
    operation = description[re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)][method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    def send(case: schemathesis.Case, is_real: bool) -> None:
        if rule == "/v1/tag" and isinstance(case.query, dict):
            case.query.pop("wait", None)  # what is no picture is looked at in no time
        assume(_is_sent(case))
        if is_real and mode == GenerationMode.POSITIVE:
            _make_real(case, ROUTES[call], caller)
        case.call_and_validate(headers=caller.headers, checks=CHECKS)

    send()


def test_the_description_is_valid_and_whole(description: BaseSchema) -> None:
    description.validate()
    told = description.raw_schema
    assert told["openapi"].startswith("3.1")
    refs = set(re.findall(r"\"#/components/schemas/(\w+)\"", json.dumps(told)))
    assert refs and refs <= set(told["components"]["schemas"])
    operations = [one for path in told["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations) == len(ROUTES)
    assert all(one["summary"] and one["security"] == [{"key": []}] for one in operations)


def _is_sent(case: schemathesis.Case) -> bool:
    """Whether every field of the query reaches the app: an empty list, say, leaves no trace in an address."""
    sent = urlsplit(requests.Request("GET", "http://localhost", params=case.query or {}).prepare().url).query
    return {str(name) for name in case.query or {}} <= {name for name, _ in parse_qsl(sent, keep_blank_values=True)}


def _make_real(case: schemathesis.Case, route: Route, caller: Caller) -> None:
    """Have a call speak of things that are there, wherever it speaks of any."""
    lists = {"asset": "assets", "tag": "tags", "group": "groups", "example": "examples", "model": "models"}
    lists |= {"connection": "connections", "batch": "batches"}
    found = {kind: caller.get(f"/v1/{name}", limit=2).json.get("items", []) for kind, name in lists.items()}
    known = {kind: items[0]["id"] for kind, items in found.items() if items}
    for place, kind in zip(case.path_parameters or {}, route.ids, strict=False):
        case.path_parameters[place] = known.get(kind, case.path_parameters[place])
    for fields in (case.body, case.query):
        for name in (*lists, "into", "parent") if isinstance(fields, dict) else ():
            if name in fields:
                fields[name] = known.get("tag" if name in ("into", "parent") else name, fields[name])
