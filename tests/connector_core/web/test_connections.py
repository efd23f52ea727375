"""Connections are made, narrowed, paused, looked over, and removed."""

from __future__ import annotations

from pathlib import Path

from tests.connector_core.web.service import Caller, Service, draw, names


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
        asked = caller("DELETE", f"/v1/connections/{library}")
        assert (asked.status_code, asked.json["kind"]) == (202, "connection")  # type: ignore[index]
        service.rest()
        assert caller.get("/v1/connections").json["items"] == [] and names(caller) == []
