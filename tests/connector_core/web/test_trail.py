"""What was written can be undone, what is there can be erased, and it is known who did what."""

from __future__ import annotations

import pytest

from connector_core.sweep import sweep
from tests.connector_core.web.service import Caller, Service, tags


@pytest.mark.usefixtures("library")
class TestTrail:
    def test_a_batch_is_undone(self, service: Service, caller: Caller) -> None:
        written = [batch for batch in caller.get("/v1/batches").json["items"] if batch["written"]]
        batch = written[0]
        done = caller.post(f"/v1/batches/{batch['id']}/undo").json
        assert done["tags"] == batch["written"] and done["batch"]["undone"]
        service.rest()
        assert caller.get(f"/v1/batches/{batch['id']}").json["written"] == 0

    def test_the_log_says_who_did_what(self, caller: Caller) -> None:
        caller.post("/v1/tags", {"name": "Aurora"})
        caller.post("/v1/groups", {"name": "season"})
        first = caller.get("/v1/audit", limit=1).json
        second = caller.get("/v1/audit", limit=1, cursor=first["next"]).json
        assert [one["items"][0]["what"] for one in (first, second)] == ["group made", "tag made"]
        assert first["items"][0]["who"] == caller.id


@pytest.mark.usefixtures("library")
class TestErasure:
    def test_an_asset_goes_for_good_and_a_receipt_says_so(self, service: Service, caller: Caller) -> None:
        asset = caller.get("/v1/assets", limit=1).json["items"][0]["id"]
        asked = caller("DELETE", f"/v1/assets/{asset}")
        assert asked.status_code == 202 and asked.json["kind"] == "asset"
        service.rest()
        receipt = caller.get(asked.headers["Location"]).json
        assert receipt["finished"] and receipt["counts"]["vectors"] == 1 and len(receipt["hash"]) == 64
        assert caller.get(f"/v1/assets/{asset}").status_code == 404
        assert caller.get(f"/v1/assets/{asset}/rendition").status_code == 404
        assert [one["id"] for one in caller.get("/v1/receipts").json["items"]] == [receipt["id"]]

    def test_a_tag_goes_with_its_examples(self, service: Service, caller: Caller) -> None:
        red = tags(caller)["Ember Red"]
        assert caller("DELETE", f"/v1/tags/{red}", query_string={"withdraw": "true"}).status_code == 202
        service.rest()  # until the folder has taken the words back
        sweep(service.engine)
        service.rest()
        assert "Ember Red" not in tags(caller)

    def test_everything_goes_and_the_key_with_it(self, service: Service, tenant: str, caller: Caller) -> None:
        assert caller("DELETE", "/v1/tenant").status_code == 422
        assert caller("DELETE", "/v1/tenant", query_string={"id": tenant}).json["kind"] == "tenant"
        service.rest()
        assert caller.get("/v1/tags").status_code == 401
        assert not service.engine.home(tenant).exists()


class TestTenant:
    def test_the_risk_and_the_language_are_the_tenants(self, caller: Caller) -> None:
        changed = caller("PATCH", "/v1/tenant", json={"risk": 0.1, "locale": "de"}).json
        assert (changed["risk"], changed["locale"], changed["name"]) == (0.1, "de", "Nordlys")
        assert caller("PATCH", "/v1/tenant", json={"risk": 2}).status_code == 422
