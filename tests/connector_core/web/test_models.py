"""Models are trained, compared, put to use, and taken back."""

from __future__ import annotations

import pytest

from tests.connector_core.web.service import COLOURS, Caller, Service


@pytest.mark.usefixtures("library")
class TestModels:
    def test_are_trained_compared_put_to_use_and_taken_back(self, service: Service, caller: Caller) -> None:
        (first,) = caller.get("/v1/models").json["items"]
        assert first["state"] == "live"
        asked = caller.post("/v1/models", {"risk": 0.05})
        assert asked.status_code == 202 and asked.json["state"] == "wanted"
        service.rest()
        second = caller.get(asked.headers["Location"]).json
        assert (second["state"], second["risk"]) == ("candidate", 0.05)
        report = caller.get(f"/v1/models/{second['id']}/report").json
        assert {tag["tag"] for group in report["groups"] for tag in group["tags"]} == set(COLOURS)
        assert caller.get(f"/v1/models/{second['id']}/comparison").json["better"] is True
        done = caller.post(f"/v1/models/{second['id']}/promote", {"if_better": True}).json
        assert done["promoted"] is True and done["model"]["state"] == "live"
        assert caller.post("/v1/models/rollback").json["id"] == first["id"]
        service.rest()

    def test_what_is_not_trained_has_no_report(self, service: Service, caller: Caller) -> None:
        with service.engine.store.tenant(service.engine.store.tenants()[0]) as mine:
            wanted = mine.models.want(0.02, "compact")
        assert caller.get(f"/v1/models/{wanted}/report").status_code == 404
        assert caller.post(f"/v1/models/{wanted}/promote", {}).status_code == 400
        assert caller.get(f"/v1/models/{wanted}/comparison").status_code == 400
        assert caller.post("/v1/models/rollback").status_code == 400
