"""Groups and tags are made, changed, called and merged."""

from __future__ import annotations

from tests.connector_core.web.service import Caller


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
