"""Whether the service lives, can work, and how it does."""

from __future__ import annotations

from pathlib import Path

from connector_core.queue.job import Job
from connector_core.worker import do
from tests import services
from tests.connector_core.web.service import Caller, Service


def test_it_lives_and_is_ready(service: Service) -> None:
    client = service.app.test_client()
    assert client.get("/healthz").json == {"state": "alive"}
    assert client.get("/readyz").json == {"state": "ready"}


def test_it_says_what_is_missing(service: Service) -> None:
    (service.engine.settings.data).rename(service.engine.settings.data.with_name("moved"))
    answer = service.app.test_client().get("/readyz")
    service.engine.settings.data.with_name("moved").rename(service.engine.settings.data)
    assert answer.status_code == 503 and "data folder" in answer.json["detail"]


def test_a_redis_that_is_away_is_missed(tmp_path: Path) -> None:
    with services.redis() as server:
        service = Service(tmp_path, redis=server.url)
        client, caller = service.app.test_client(), service.caller(service.add())
        assert client.get("/readyz").status_code == 200
        assert caller.get("/v1/tags").headers["RateLimit-Limit"] == "100000"
        server.kill()
        assert "queue" in client.get("/readyz").json["detail"]
        assert client.get("/healthz").status_code == 200
        assert caller.get("/v1/tags").status_code == 200
        assert caller.post("/v1/models", {}).status_code == 202  # it is in the store, and waits for the sweep
        service.close()


def test_web_processes_count_requests_together(tmp_path: Path) -> None:
    with services.redis() as server:
        first, second = (Service(tmp_path, redis=server.url, requests=2) for _ in range(2))
        key = first.caller(first.add()).key
        callers = [Caller(service.app.test_client(), key) for service in (first, second)]
        assert [callers[turn].get("/v1/tags").status_code for turn in (0, 1, 0, 1)] == [200, 200, 429, 429]
        first.close()
        second.close()


def test_measures_are_shown_only_if_asked_for(service: Service) -> None:
    assert service.app.test_client().get("/metrics").status_code == 404


def test_measures_name_routes_and_no_tenants(tmp_path: Path) -> None:
    service = Service(tmp_path, metrics=True)
    tenant = service.add("Nordlys")
    service.caller(tenant).get(f"/v1/assets/{tenant}")
    service.rest()
    do(service.engine, Job("predict", tenant))
    text = service.app.test_client().get("/metrics").text
    assert 'propernoun_requests_total{method="GET",route="/v1/assets/<id:id>",status="404"} 1.0' in text
    assert 'propernoun_jobs_total{outcome="done",verb="predict"} 1.0' in text
    for name in (
        "propernoun_request_seconds_bucket",
        "propernoun_outbox",
        "propernoun_jobs_waiting",
        "propernoun_oldest",
    ):
        assert name in text
    assert tenant not in text and "Nordlys" not in text
    service.close()


def test_assets_are_counted_by_state(taught: Service, owner: Caller) -> None:
    measures = taught.app.extensions["measures"].text().decode()
    assert 'propernoun_assets{state="' in measures
