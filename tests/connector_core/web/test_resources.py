"""Every resource does what it says, on a real store with a real model."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from connector_core.sweep import sweep
from tests.connector_core.web.service import COLOURS, Caller, Service, draw, teach


def names(caller: Caller, **query: object) -> list[str]:
    return [item["name"] for item in caller.get("/v1/assets", **query).json["items"]]


class TestAssets:
    def test_are_found_by_any_word_for_a_tag(self, owner: Caller) -> None:
        blue = next(tag for tag in owner.get("/v1/tags").json["items"] if tag["name"] == "Storm Blue")
        path = f"/v1/tags/{blue['id']}/words/de"
        assert owner("PUT", path, json={"label": "Sturmblau", "aliases": ["Blau"]}).status_code == 200
        expected = sorted(f"Storm Blue {number}.jpg" for number in range(8))
        for said in ("Storm Blue", "storm blue", "STURMBLAU", "blau", blue["id"]):
            assert sorted(names(owner, tag=said)) == expected, said
        assert sorted(names(owner, q="sturmb")) == expected
        assert names(owner, tag="no such tag") == []

    def test_pages_go_on_where_they_ended(self, owner: Caller) -> None:
        whole, found, cursor = names(owner, limit=200), [], ""
        while True:
            page = owner.get("/v1/assets", limit=5, cursor=cursor).json
            found += [item["name"] for item in page["items"]]
            cursor = page["next"]
            if not cursor:
                break
        assert found == whole and len(set(found)) == 24
        assert names(owner, order="oldest", limit=200) == whole[::-1]

    def test_a_cursor_of_nobody_is_refused(self, owner: Caller) -> None:
        assert owner.get("/v1/assets", cursor="nonsense").status_code == 400
        assert owner.get("/v1/tags", cursor="nonsense").status_code == 400
        assert owner.get("/v1/tags", cursor="é").status_code == 422

    def test_are_narrowed_by_state_connection_and_time(self, owner: Caller) -> None:
        (connection,) = owner.get("/v1/connections").json["items"]
        assert len(names(owner, connection=connection["id"], limit=200)) == 24
        assert names(owner, state="failed") == []
        assert names(owner, since="2999-01-01T00:00:00Z") == []
        assert names(owner, until="1999-01-01T00:00:00Z") == []
        assert owner.get("/v1/assets", state="nonsense").status_code == 422

    def test_one_is_shown_with_its_evidence(self, owner: Caller) -> None:
        asset = owner.get("/v1/assets", tag="Moss Green", limit=1).json["items"][0]
        assert [tag["name"] for tag in asset["tags"]] == ["Moss Green"]
        full = owner.get(f"/v1/assets/{asset['id']}", locale="de").json
        (said,) = full["predictions"]
        assert said["tag"]["name"] == "Moss Green" and said["evidence"]["nearest"] and len(said["evidence"]["box"]) == 4

    def test_the_small_picture_is_served_and_not_sent_twice(self, owner: Caller) -> None:
        asset = owner.get("/v1/assets", limit=1).json["items"][0]["id"]
        answer = owner.get(f"/v1/assets/{asset}/rendition")
        assert answer.mimetype == "image/jpeg" and Image.open(io.BytesIO(answer.data)).size == (80, 60)
        again = owner("GET", f"/v1/assets/{asset}/rendition", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304

    def test_one_is_read_again_when_asked(self, owner: Caller, taught: Service) -> None:
        asset = owner.get("/v1/assets", limit=1).json["items"][0]["id"]
        assert owner.post(f"/v1/assets/{asset}/retry").json["state"] == "pending"
        taught.rest()
        assert owner.get(f"/v1/assets/{asset}").json["state"] in ("applied", "review")


class TestExports:
    def test_everything_comes_as_a_table_and_as_json(self, owner: Caller) -> None:
        answer = owner.get("/v1/export")
        table = list(csv.DictReader(io.StringIO(answer.text)))
        assert answer.mimetype == "text/csv" and "assets.csv" in answer.headers["Content-Disposition"]
        assert len(table) == 24 and {row["tag_name"] for row in table} == set(COLOURS)
        rows = owner.get("/v1/export", format="json").json
        assert [row["asset"] for row in rows] == [row["asset"] for row in table]
        lines = owner.get("/v1/export", format="jsonl", tag="Moss Green").text.splitlines()
        assert len(lines) == 8 and json.loads(lines[0])["tags"][0]["tag_name"] == "Moss Green"

    def test_nothing_is_an_empty_file_and_nonsense_is_said_before_it_begins(self, owner: Caller) -> None:
        assert owner.get("/v1/export", format="json", tag="no such tag").json == []
        assert owner.get("/v1/export", q="!!!").status_code == 400


class TestVocabulary:
    def test_a_tag_is_made_changed_and_called(self, caller: Caller) -> None:
        family = caller.post("/v1/tags", {"name": "Aurora", "group": "product"}).json
        wish = {"name": "Aurora Shell", "sku": "AU-1", "parent": family["id"]}
        made = caller.post("/v1/tags", {**wish, "words": {"de": {"label": "Hülle", "aliases": ["Schale"]}}})
        assert made.status_code == 201
        tag = made.json
        assert tag["parent"] == family["id"] and tag["words"]["de"] == {"label": "Hülle", "aliases": ["Schale"]}
        changed = caller("PATCH", f"/v1/tags/{tag['id']}", json={"name": "Aurora Shell II", "parent": None}).json
        assert changed["name"] == "Aurora Shell II" and changed["parent"] is None and changed["sku"] == "AU-1"
        assert caller("PATCH", f"/v1/tags/{tag['id']}", json={"archived": True}).json["archived"] is True
        assert [one["name"] for one in caller.get("/v1/tags").json["items"]] == ["Aurora"]
        assert [one["name"] for one in caller.get("/v1/tags", archived=True).json["items"]] == ["Aurora Shell II"]

    def test_what_cannot_be_is_said(self, caller: Caller) -> None:
        tag = caller.post("/v1/tags", {"name": "Aurora"}).json["id"]
        assert caller.post("/v1/tags", {"name": "Aurora"}).status_code == 409
        assert caller("PATCH", f"/v1/tags/{tag}", json={"parent": tag}).status_code == 400
        assert caller("PUT", f"/v1/tags/{tag}/words/not-a-locale!", json={"label": "x"}).status_code == 422
        assert caller("PATCH", f"/v1/tags/{tag}", json={"nmae": "x"}).status_code == 422
        assert caller.post("/v1/tags", {"name": "a\u0000b"}).status_code == 422

    def test_tags_come_in_pages_by_name(self, caller: Caller) -> None:
        for number in range(7):
            caller.post("/v1/tags", {"name": f"Tag {number}"})
        first = caller.get("/v1/tags", limit=4).json
        rest = caller.get("/v1/tags", limit=4, cursor=first["next"]).json
        assert [tag["name"] for tag in first["items"] + rest["items"]] == [f"Tag {number}" for number in range(7)]
        assert rest["next"] is None

    def test_groups_are_made_and_called_otherwise(self, caller: Caller) -> None:
        season = caller.post("/v1/groups", {"name": "season"}).json["id"]
        assert caller.post("/v1/groups", {"name": "season"}).json["id"] == season
        caller.post("/v1/groups", {"name": "rights"})
        assert caller("PATCH", f"/v1/groups/{season}", json={"name": "rights"}).status_code == 400
        assert caller("PATCH", f"/v1/groups/{season}", json={"name": "collection"}).json["name"] == "collection"
        assert [one["name"] for one in caller.get("/v1/groups").json["items"]] == ["collection", "rights"]


@pytest.fixture
def library(service: Service, tenant: str, tmp_path: Path) -> str:
    """A library whose model was just trained; the id of its connection."""
    draw(tmp_path / "photos")
    connection = service.connect(tenant, tmp_path / "photos", writes=True)
    teach(service, tenant)
    return connection


def tags(caller: Caller) -> dict[str, str]:
    return {tag["name"]: tag["id"] for tag in caller.get("/v1/tags", limit=200).json["items"]}


@pytest.mark.usefixtures("library")
class TestTeaching:
    def test_a_verdict_counts_at_once_and_can_be_taken_back(self, service: Service, caller: Caller) -> None:
        asset = caller.get("/v1/assets", tag="Storm Blue", limit=1).json["items"][0]["id"]
        green = tags(caller)["Moss Green"]
        said = caller.post("/v1/verdicts", {"asset": asset, "tag": green, "yes": True, "person": "Ada"})
        assert said.json == {"asset": asset, "tag": green, "yes": True, "state": "applied"}
        (verdict,) = caller.get(f"/v1/assets/{asset}").json["verdicts"]
        assert (verdict["person"], verdict["source"]) == ("Ada", "api")
        assert caller("DELETE", f"/v1/verdicts/{asset}/{green}").status_code == 204
        assert caller("DELETE", f"/v1/verdicts/{asset}/{green}").status_code == 404
        assert caller.get(f"/v1/assets/{asset}").json["verdicts"] == []

    def test_examples_are_listed_added_and_taken_back(self, service: Service, caller: Caller) -> None:
        asset, red = caller.get("/v1/assets", limit=1).json["items"][0]["id"], tags(caller)["Ember Red"]
        made = caller.post("/v1/examples", {"asset": asset, "tag": red, "yes": False})
        assert made.status_code in (200, 201)
        assert caller.post("/v1/examples", {"asset": asset, "tag": red, "yes": False}).status_code == 200
        assert len(caller.get("/v1/examples", asset=asset, tag=red).json["items"]) == 1
        assert caller("DELETE", f"/v1/examples/{made.json['id']}").status_code == 204
        assert caller.get("/v1/examples", asset=asset, tag=red).json["items"] == []

    def test_a_table_is_learned_and_lines_that_fail_are_told(self, service: Service, caller: Caller) -> None:
        table = (
            "\ufeffName;Tag;Group;Shoot\nStorm Blue 0.jpg;SS26;season;monday\nStorm Blue 1.jpg;ss26;;monday\n"
            "nothing.jpg;SS26;season;\nStorm Blue 0.jpg;SS26;season;monday\n;;;\nStorm Blue 2.jpg;;;\n"
        )
        answer = caller("POST", "/v1/examples/import", data=table.encode(), content_type="text/csv")
        told = answer.json
        assert (told["lines"], told["added"], told["known"], told["failed"]) == (5, 2, 1, 2)
        assert [one["line"] for one in told["problems"]] == [4, 7]
        season = tags(caller)["SS26"]
        assert len(caller.get("/v1/examples", tag=season).json["items"]) == 2

    def test_two_tags_become_one(self, service: Service, caller: Caller) -> None:
        known = tags(caller)
        merged = caller.post(f"/v1/tags/{known['Storm Blue']}/merge", {"into": known["Moss Green"]})
        assert merged.json["assets"] >= 8 and merged.json["tag"]["examples"] == 16
        assert caller.post(f"/v1/tags/{known['Moss Green']}/merge", {"into": known["Moss Green"]}).status_code == 400
        service.rest()
        shown = caller.get("/v1/assets", tag="storm blue", limit=200).json["items"]
        assert len(shown) == 16
        assert {tag["name"] for asset in shown for tag in asset["tags"]} == {"Moss Green"}


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


class TestConnections:
    def test_a_folder_is_connected_only_where_the_settings_say_so(self, tmp_path: Path) -> None:
        draw(tmp_path / "photos", 1)
        service = Service(tmp_path / "data", folders=(str(tmp_path / "photos"),))
        caller = service.caller(service.add())
        wish = {"host": "folder", "title": "Photos", "settings": {"path": str(tmp_path / "photos")}}
        made = caller.post("/v1/connections", wish)
        assert made.status_code == 201 and made.json["title"] == "Photos"
        assert caller.post("/v1/connections", wish).status_code == 400
        for path in ("/etc", str(tmp_path), "", str(tmp_path / "photos" / ".." / "data")):
            refused = caller.post("/v1/connections", {"host": "folder", "settings": {"path": path}})
            assert refused.status_code == 400, path
        service.rest()
        found = caller.get(f"/v1/connections/{made.json['id']}").json
        assert found["progress"]["total"] == 3 and found["progress"]["state"] == "done"
        service.close()

    def test_no_folder_is_connected_by_default(self, caller: Caller) -> None:
        wish = {"host": "folder", "settings": {"path": "/tmp"}}
        assert "PROPERNOUN_FOLDERS" in caller.post("/v1/connections", wish).json["detail"]
        assert caller.post("/v1/connections", {"host": "nowhere"}).status_code == 400

    def test_pause_resume_scope_and_dry_run(self, service: Service, caller: Caller, library: str) -> None:
        path = f"/v1/connections/{library}"
        assert caller("PATCH", path, json={"paused": True}).json["progress"]["state"] == "paused"
        assert caller("PATCH", path, json={"paused": False, "title": "Mine"}).json["title"] == "Mine"
        service.rest()
        plan = caller.get(f"{path}/plan").json
        assert plan["sentence"].startswith("would write") and plan["added"] == 0
        assert caller.post(f"{path}/withdraw").json["tags"] == 24
        service.rest()
        assert all(not asset["tags"] for asset in caller.get("/v1/assets", limit=200).json["items"])
        narrowed = caller("PATCH", path, json={"scope": {"folder": "elsewhere"}})
        assert narrowed.json["settings"]["folder"] == "elsewhere"
        service.rest()
        assert caller.get(path).json["progress"]["counts"]["skipped"] == 24
        assert caller("PATCH", path, json={"scope": {"since": "2026-99-99"}}).status_code == 400

    def test_a_scan_finds_what_is_new_and_a_connection_is_removed(
        self, service: Service, caller: Caller, library: str, tmp_path: Path
    ) -> None:
        (tmp_path / "photos" / "new.jpg").write_bytes((tmp_path / "photos" / "Ember Red 1.jpg").read_bytes())
        assert caller.post(f"/v1/connections/{library}/scan").status_code == 202
        service.rest()
        assert "new.jpg" in names(caller, limit=200)
        assert caller("DELETE", f"/v1/connections/{library}").status_code == 204
        assert caller.get("/v1/connections").json["items"] == [] and names(caller) == []


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


def test_what_waits_for_a_person_comes_least_certain_first(
    service: Service, tenant: str, caller: Caller, library: str
) -> None:
    with service.engine.store.tenant(tenant) as mine:
        group = next(iter(mine.vocabulary.groups()))
        tag = mine.vocabulary.all()[0].id
        rows = [
            {"asset": one.id, "group": group, "tag": tag, "probability": number / 100, "decision": "review",
             "reason": "r", "evidence": {}, "model": "m"}
            for number, one in enumerate(mine.assets.page(limit=5))
        ]  # fmt: skip
        for one in mine.examples.all():
            mine.examples.forget(one["asset"], one["tag"])
        mine.judgements.predict(rows)
    first = caller.get("/v1/review", limit=3).json
    rest = caller.get("/v1/review", limit=3, cursor=first["next"]).json
    shown = [item["prediction"]["probability"] for item in first["items"] + rest["items"]]
    assert shown[:5] == [0.0, 0.01, 0.02, 0.03, 0.04]
    answered = first["items"][0]["asset"]
    caller.post("/v1/verdicts", {"asset": answered, "tag": tag, "yes": True})
    assert answered not in [item["asset"] for item in caller.get("/v1/review").json["items"]]


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

    @pytest.mark.parametrize(
        "table", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"name,tag\n" + b"x,y\n" * 10_001, b'name,tag\n"\x00",y']
    )
    def test_what_is_no_table_is_refused(self, caller: Caller, table: bytes) -> None:
        answer = caller("POST", "/v1/examples/import", data=table, content_type="text/csv")
        assert answer.status_code == 400 and answer.json["detail"]
