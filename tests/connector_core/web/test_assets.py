"""Assets are found, shown and exported."""

from __future__ import annotations

import csv
import io
import json

from PIL import Image

from tests.connector_core.web.service import COLOURS, Caller, Service, names


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
        for moment in ("435", "2026-01-31", "yesterday"):
            assert owner.get("/v1/assets", since=moment).status_code == 422, moment
        assert owner.get("/v1/assets", since="0001-01-01T00:00:00").status_code == 200

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
