"""The service in one process: it starts with nothing, survives being killed, and stops when asked to."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from connector_core.engine import Engine
from connector_core.vault import fresh_key
from connector_core.worker import do
from tests.processes import PROPERNOUN, Service
from tests.services import free_port


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(40):
        colour = ((200, 60, 40), (30, 60, 190))[number % 2]
        shade = tuple(min(255, part + number) for part in colour)
        Image.new("RGB", (160, 120), shade).save(folder / f"{number:02}.jpg", quality=90)
    return folder


def counts(service: Service, tenant: str) -> dict[str, int]:
    engine = Engine(service.settings(), do)
    try:
        with engine.store.tenant(tenant, only_reads=True) as mine:
            (linked,) = mine.connections.all()
            return mine.connections.counts(linked.id)
    finally:
        engine.store.engine.dispose()


def test_a_folder_is_followed_by_a_service_that_is_killed_and_stopped(tmp_path: Path, photos: Path) -> None:
    with Service(tmp_path / "service") as service:
        told = service.run("tenant", "Nordlys")
        tenant, key = re.findall(r"(?:tenant|key) +(\S+)", told)
        assert key.startswith("pn_")
        service.run("connect", tenant, "folder", "--path", str(photos))
        service.web()
        service.wait_for(lambda: counts(service, tenant).get("ready", 0) >= 16, "nothing is read")
        service.kill("web")
        service.web()
        service.wait_for(lambda: counts(service, tenant) == {"ready": 40}, "a killed service does not go on")
        assert service.stop("web") == 0
        assert "stopped" in service.log("web")


def test_keys_are_issued_with_their_scopes_and_secrets_are_made(tmp_path: Path) -> None:
    with Service(tmp_path / "service") as service:
        tenant = re.findall(r"tenant +(\S+)", service.run("tenant", "Nordlys"))[0]
        key = service.run("key", tenant, "for the shop", "--scope", "read").strip()
        engine = Engine(service.settings(), do)
        bearer = engine.store.bearer(key)
        assert bearer is not None and (bearer.tenant, bearer.scopes) == (tenant, {"read"})
        engine.close()
        assert len(service.run("secret").strip()) == 44


def test_the_key_that_seals_tokens_is_changed_without_losing_one(tmp_path: Path) -> None:
    old, new = fresh_key(), fresh_key()
    with Service(tmp_path / "service", secrets=old) as service:
        tenant = re.findall(r"tenant +(\S+)", service.run("tenant", "Nordlys"))[0]
        engine = Engine(service.settings(), do)
        with engine.store.tenant(tenant) as mine:
            connection = mine.connections.add("dropbox", "dbid:1", "Photos", {})
            mine.connections.keep_secret(connection, engine.vault.seal({"access": "hush"}))
        engine.close()
        service.env["PROPERNOUN_SECRETS"] = f"{new},{old}"
        assert service.run("secret", "--reseal") == "Stored tokens that the first key seals now: 1\n"
        service.env["PROPERNOUN_SECRETS"] = new
        engine = Engine(service.settings(), do)
        with engine.store.tenant(tenant) as mine:
            sealed = mine.connections.secret(connection)
        assert sealed is not None and engine.vault.open(sealed) == {"access": "hush"}
        engine.close()


class TestStarting:
    """What cannot work is said in one sentence, and nothing is touched."""

    def refused(self, service: Service, *arguments: str) -> str:
        done = subprocess.run(
            [*PROPERNOUN, *arguments], env={**os.environ, **service.env}, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
        return done.stderr

    def test_a_second_service_in_the_same_folder_is_refused_and_a_killed_one_lets_go(self, tmp_path: Path) -> None:
        with Service(tmp_path / "service") as service:
            service.web()
            assert "works in" in self.refused(service, "serve", "--port", str(free_port()))
            service.kill("web")
            service.web()

    def test_a_port_that_is_taken_is_said(self, tmp_path: Path) -> None:
        with Service(tmp_path / "one") as one, Service(tmp_path / "two") as two:
            one.web()
            assert f"port {one.port}: " in self.refused(two, "serve", "--port", str(one.port))

    def test_a_database_that_does_not_answer_is_said_without_its_password(self, tmp_path: Path) -> None:
        with Service(tmp_path, database=f"postgresql://ada:hush@127.0.0.1:{free_port()}/one") as service:
            said = self.refused(service, "tenant", "Nordlys")
            assert "cannot be used" in said and "hush" not in said

    @pytest.mark.parametrize("name", ["", "  ", "a\x07b", "x" * 251])
    def test_a_name_that_nobody_could_read_is_refused(self, tmp_path: Path, name: str) -> None:
        with Service(tmp_path) as service:
            assert "A name must have" in self.refused(service, "tenant", name)
