"""The whole way on a Dropbox: connected in a browser, read, learned, tagged, corrected in Dropbox, and taken back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.connector_core.web.service import COLOURS, picture
from tests.model_service.onnx_sample import write_network
from tests.processes import Service
from tests.twins.dropbox.twin import Twin

EACH = 24
"""photos of each colour"""
TAUGHT = 16


class Team:
    """A team with a Dropbox, a service, and a person who uses both."""

    def __init__(self, folder: Path, twin: Twin) -> None:
        self.twin = twin
        network = folder / "tiny.onnx"
        write_network(network)
        apps = folder / "apps.toml"
        apps.write_text(f'[dropbox]\nclient = "{twin.client}"\nsecret = "{twin.secret}"\norigin = "{twin.url}"\n')
        self.service = Service(folder / "service", apps=str(apps), encoder=f"onnx:{network}", lease="3")
        twin.allow_redirect(f"{self.service.url}/connect/dropbox/back")
        self.service.web()
        told = self.service.run("tenant", "Nordlys")
        self.tenant, self.key = re.findall(r"(?:tenant|key) +(\S+)", told)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        status, said = self.service.ask(method, f"/v1{path}", self.key, body)
        assert 200 <= status < 300, (method, path, status, said)
        return said

    def connect(self, *, allow: bool = True) -> str:
        """Through the pages, as a browser would; the text of the last one."""
        link = self.ask("POST", "/connections", {"host": "dropbox"})["authorize_url"]
        with requests.Session() as browser:
            page = browser.get(link, timeout=10)
            assert "Connect Dropbox to <em>Nordlys</em>?" in page.text
            form = dict(re.findall(r'name="(ticket|go)" value="([^"]+)"', page.text))
            away = browser.post(link, data=form, allow_redirects=False, timeout=10)
            assert away.status_code == 302, away.text
            back = self.twin.consent(away.headers["Location"], allow=allow)
            return browser.get(back.url, timeout=10).text

    def assets(self, **query: str) -> list[dict[str, Any]]:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        found: list[dict[str, Any]] = self.ask("GET", f"/assets?limit=200&{asked}")["items"]
        return found

    def rest(self, count: int) -> None:
        """Wait until every photo has been read and nothing is owed."""
        self.service.wait_for(lambda: self._rests(count), f"not all of {count} photos are done")

    def _rests(self, count: int) -> bool:
        (linked,) = self.ask("GET", "/connections")["items"]
        done = linked["progress"]
        return bool(done["done"] == done["total"] == count and done["owed"] == 0)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with Twin(tmp_path / "twin.db") as twin:
        made = Team(tmp_path, twin)
        with made.service:
            yield made


def test_a_team_connects_its_dropbox_and_its_photos_are_tagged(team: Team) -> None:
    twin, service = team.twin, team.service
    for name, colour in COLOURS.items():
        for number in range(EACH):
            twin.put(f"/Shop/{name} {number}.jpg", picture(colour, number))
    twin.tag("/Shop/Storm Blue 0.jpg", "keep_me")

    assert "Dropbox is connected" in team.connect()
    everything = len(COLOURS) * EACH
    service.wait_for(lambda: len(team.assets(state="ready")) == everything, "the photos do not arrive")

    team.ask("PATCH", "/tenant", {"risk": 0.2})
    group = team.ask("POST", "/groups", {"name": "colourway"})["id"]
    tags = {name: team.ask("POST", "/tags", {"name": name, "group": group})["id"] for name in COLOURS}
    for asset in team.assets():
        name, number = asset["name"].removesuffix(".jpg").rsplit(" ", 1)
        if int(number) < TAUGHT:
            team.ask("POST", "/examples", {"asset": asset["id"], "tag": tags[name], "shoot": str(int(number) % 8)})
    team.ask("POST", "/models", {})
    service.wait_for(lambda: team.ask("GET", "/models")["items"][0]["state"] == "live", "nothing is learned")

    # Nothing is written before somebody says so; then what was said before is.
    (linked,) = team.ask("GET", "/connections")["items"]
    service.wait_for(
        lambda: team.ask("GET", f"/connections/{linked['id']}/plan")["photos"] >= 3 * TAUGHT, "nothing is planned"
    )
    plan = team.ask("GET", f"/connections/{linked['id']}/plan")
    assert twin.writes == [] and re.search(r"would write \d+ tags", plan["sentence"])
    team.ask("PATCH", f"/connections/{linked['id']}", {"writes": True})
    team.rest(everything)
    shown = twin.all_tags()
    ours = {path: tags - {"keep_me"} for path, tags in shown.items()}
    right = {path: {re.sub(r" \d+\.jpg", "", path.rsplit("/", 1)[1]).lower().replace(" ", "_")} for path in ours}
    tagged = [path for path in ours if ours[path]]
    assert len(tagged) >= plan["photos"] and all(ours[path] == right[path] for path in tagged)
    assert "keep_me" in shown["/Shop/Storm Blue 0.jpg"]

    # A new upload: Dropbox calls, and the photo is tagged without anybody asking.
    twin.put("/Shop/New.jpg", picture(COLOURS["Moss Green"], 99))
    assert twin.challenge(f"{service.url}/hooks/dropbox")
    assert twin.notify(f"{service.url}/hooks/dropbox", secret="forged").status_code == 401
    assert len(team.assets()) == everything
    assert twin.notify(f"{service.url}/hooks/dropbox").status_code == 200
    team.rest(everything + 1)

    # What people change in Dropbox is heard when it is asked for, and the model learns from it.
    twin.untag("/Shop/Ember Red 20.jpg", "ember_red") if "ember_red" in shown["/Shop/Ember Red 20.jpg"] else None
    twin.tag("/Shop/Ember Red 20.jpg", "moss_green")
    before = team.ask("GET", "/examples")["items"]
    asset = next(one for one in team.assets() if one["name"] == "Ember Red 20.jpg")
    _listen(team)
    service.wait_for(lambda: len(team.ask("GET", f"/examples?asset={asset['id']}")["items"]) > 0, "nobody listens")
    taught = {one["tag"]: one["yes"] for one in team.ask("GET", f"/examples?asset={asset['id']}")["items"]}
    assert taught[tags["Moss Green"]] is True and before

    # The page that Dropbox opens from a file: only for the person whose Dropbox it is.
    with requests.Session() as browser:
        page = browser.get(f"{service.url}/open/dropbox?file_id={twin.id_of('/Shop/New.jpg')}", allow_redirects=False)
        assert page.status_code == 302 and "/oauth2/authorize" in page.headers["Location"]
        back = twin.consent(page.headers["Location"])
        assert "New.jpg" in browser.get(back.url).text
        lost = browser.get(f"{service.url}/open/dropbox?file_id=id:somebodyelse")
        assert lost.status_code == 404 and "not followed" in lost.text

    # One button takes everything back, and leaves what people wrote.
    team.ask("POST", f"/connections/{linked['id']}/withdraw")
    team.rest(everything + 1)
    left = {tag for tags in twin.all_tags().values() for tag in tags}
    assert left == {"keep_me", "moss_green"}


def test_who_does_not_allow_it_is_told_so(team: Team) -> None:
    assert "Nothing was connected: you did not allow it." in team.connect(allow=False)
    assert team.ask("GET", "/connections")["items"] == []


def test_an_authorisation_that_is_taken_away_asks_for_a_person_and_goes_on_afterwards(team: Team) -> None:
    team.twin.put("/a.jpg", picture((9, 9, 9)))
    team.connect()
    team.rest(1)
    team.twin.disconnect()
    (linked,) = team.ask("GET", "/connections")["items"]
    team.ask("POST", f"/connections/{linked['id']}/scan")
    team.service.wait_for(
        lambda: team.ask("GET", "/connections")["items"][0]["state"] == "reconnect", "nobody is asked to reconnect"
    )
    assert "connect it again" in team.ask("GET", "/connections")["items"][0]["reason"]
    team.twin.put("/b.jpg", picture((200, 9, 9)))
    team.connect()
    team.rest(2)
    assert [one["state"] for one in team.ask("GET", "/connections")["items"]] == ["live"]


def _listen(team: Team) -> None:
    """As if an hour had passed since people's edits were last asked for."""
    from connector_core.engine import Engine
    from connector_core.store.tables import connections
    from connector_core.worker import do

    engine = Engine(team.service.settings(), do)
    with engine.store.engine.begin() as connection:
        connection.execute(connections.update().values(heard_at=time.time() - 7200))
    engine.store.engine.dispose()
