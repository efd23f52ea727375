"""Examples and verdicts count at once, and can be taken back."""

from __future__ import annotations

import pytest

from tests.connector_core.web.service import Caller, Service, tags


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


@pytest.mark.parametrize(
    "table", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"name,tag\n" + b"x,y\n" * 10_001, b'name,tag\n"\x00",y']
)
def test_what_is_no_table_is_refused(caller: Caller, table: bytes) -> None:
    answer = caller("POST", "/v1/examples/import", data=table, content_type="text/csv")
    assert answer.status_code == 400 and answer.json["detail"]
