"""A Dropbox of 1,000 photos, from the first listing to the last tag, on a running service; and a storm of webhooks.

The Dropbox is the twin of the tests, in a process of its own on the same cores.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import photos
from benchmarks.row import Row, at_least, at_most, plain, skipped
from connector_core.tokens import Token, seal
from connector_core.vault import Vault, kept_key
from model_service.encoders.load import load_encoder
from model_service.features.picture import read_picture
from tests.processes import PATIENCE, Service
from tests.twins.dropbox.twin import Twin

COUNT, QUICK = 1000, 200
TAGS, TAUGHT = 10, 20
MORE, EACH = 100, 5
"""photos that come later, and with how many a call of the host comes"""
CALLS, SECONDS = 1000, 10.0
"""of the storm"""
BARE = 96
"""photos that the bare encoder is timed on"""
SHARE, ACK = 0.8, 100.0


@dataclass(frozen=True, slots=True)
class Team:
    """A team whose Dropbox is connected, with a model, and nothing written yet."""

    service: Service
    twin: Twin
    key: str
    connection: str
    host: int
    """the number of the twin's process"""
    later: dict[str, list[Path]]
    """photos by tag that are not uploaded yet"""

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the API answers."""
        status, said = self.service.ask(method, f"/v1{path}", self.key, body)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path}: {status} {said}")
        return said

    def rest(self, total: int) -> None:
        """Wait until so many photos are there, and nothing is owed."""

        def done() -> bool:
            time.sleep(0.2)
            told = self.ask("GET", f"/connections/{self.connection}")["progress"]
            return bool(told["done"] == told["total"] == total and told["owed"] == 0)

        self.service.wait_for(done, f"{total} photos are not done", timeout=20 * PATIENCE)


def sync(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """Photos a second from the host to pushed tags, and what of the host's patience that takes."""
    if not photos.GROCERY.is_dir():
        return {}, [skipped("sync", photos.ABSENT)]
    count = QUICK if quick else COUNT
    with tempfile.TemporaryDirectory() as folder, _team(Path(folder)) as team:
        bare = _bare(team)
        figures: dict[str, Any] = {"bare_per_second": bare}
        at_first = len(team.twin.all_tags())
        team.ask("PATCH", f"/connections/{team.connection}", {"writes": True})
        team.rest(at_first)
        _upload(team, count)
        team.twin.forget_calls()
        started, spent = time.perf_counter(), _cpu(team)
        team.twin.notify(f"{team.service.url}/hooks/dropbox")
        team.rest(at_first + count)
        took = time.perf_counter() - started
        figures |= {"photos": count, "per_second": count / took, "share": count / took / bare}
        figures |= {"cpu_seconds": {name: now - spent[name] for name, now in _cpu(team).items()}}
        figures["back_fill"] = _costs(team, count)
        figures["tags_written"] = sum(write.route.endswith("add") and write.changed for write in team.twin.writes)
        team.twin.forget_calls()
        for start in range(0, MORE, EACH):
            _upload(team, EACH)
            team.twin.notify(f"{team.service.url}/hooks/dropbox")
            team.rest(at_first + count + start + EACH)
        figures["incremental"] = _costs(team, MORE)
    fill, more = figures["back_fill"], figures["incremental"]
    return figures, [
        at_least(f"{count} photos to pushed tags, share of the bare encoder's speed", figures["share"], SHARE, ""),
        plain("the same, photos a second", figures["per_second"], ""),
        plain("calls to the host for 1,000 photos, back-fill", fill["calls"], ""),
        plain("of these writes", fill["writes"], ""),
        plain("MB from the host for 1,000 photos", fill["mb"], ""),
        plain(f"calls for 1,000 photos that come {EACH} at a time", more["calls"], ""),
        plain("of these writes", more["writes"], ""),
    ]


def storm(quick: bool) -> tuple[dict[str, Any], list[Row]]:
    """1,000 calls of a host within 10 seconds: how soon each is answered, and how often its changes are asked for."""
    if not photos.GROCERY.is_dir():
        return {}, [skipped("storm", photos.ABSENT)]
    with tempfile.TemporaryDirectory() as folder, _team(Path(folder), learn=False) as team:
        team.twin.forget_calls()
        url, began = f"{team.service.url}/hooks/dropbox", time.perf_counter()

        def call(number: int) -> float:
            time.sleep(max(0.0, began + number * SECONDS / CALLS - time.perf_counter()))
            start = time.perf_counter()
            answer = team.twin.notify(url)
            if answer.status_code != 200:
                raise RuntimeError(f"a call was answered {answer.status_code}")
            return 1000 * (time.perf_counter() - start)

        with ThreadPoolExecutor(16) as pool:
            took = sorted(pool.map(call, range(CALLS)))
        time.sleep(2)
        calls = team.twin.calls
        scans = sum(calls.get(f"files/list_folder{more}", 0) for more in ("", "/continue"))
    figures = {"p50_ms": statistics.median(took), "p99_ms": took[int(0.99 * CALLS)], "scans": scans}
    return figures, [
        at_most(f"{CALLS} calls in {SECONDS:.0f} s: answered, 99th of 100", figures["p99_ms"], ACK, "ms"),
        plain("the same: times that changes were asked for", scans, ""),
    ]


@contextmanager
def _team(folder: Path, *, learn: bool = True) -> Iterator[Team]:
    by_tag: dict[str, list[Path]] = defaultdict(list)
    for line in (photos.GROCERY / "train.txt").read_text("utf-8").splitlines():
        if line.strip():
            path = photos.GROCERY / line.split(",")[0].strip()
            by_tag[path.parent.name].append(path)
    commonest = sorted(by_tag, key=lambda tag: -len(by_tag[tag]))[:TAGS]
    with _twin(folder) as (twin, host):
        apps = folder / "apps.toml"
        apps.write_text(f'[dropbox]\nclient = "{twin.client}"\nsecret = "{twin.secret}"\norigin = "{twin.url}"\n')
        with Service(folder / "service", apps=str(apps), requests="100000") as service:
            later = {tag: by_tag[tag][TAUGHT:] for tag in commonest}
            for tag in commonest:
                for number, path in enumerate(by_tag[tag][:TAUGHT]):
                    twin.put(f"/{tag}/{number}.jpg", path.read_bytes())
            tenant, key = re.findall(r"(?:tenant|key) +(\S+)", service.run("tenant", "Nordlys"))
            connection = _connect(service, twin, tenant)
            service.web()
            team = Team(service, twin, key, connection, host, later)
            service.wait_for(lambda: _ready(team) == TAGS * TAUGHT, "the examples are not read", timeout=20 * PATIENCE)
            if learn:
                _learn(team)
            yield team


@contextmanager
def _twin(folder: Path) -> Iterator[tuple[Twin, int]]:
    """A twin in a process of its own, in our hand through its file."""
    file = folder / "twin.db"
    command = [sys.executable, "-m", "tests.twins.dropbox", "--state", str(file)]
    server = subprocess.Popen(command, cwd=photos.ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        twin = Twin(file, serve=False)
        yield twin, server.pid
        twin.close()
    finally:
        server.kill()
        server.wait()


def _connect(service: Service, twin: Twin, tenant: str) -> str:
    from connector_core.engine import Engine
    from connector_core.worker import do

    engine, got = Engine(service.settings(), do), twin.tokens()
    vault = Vault([kept_key(service.settings().data / "secret")])
    token = Token(got["access_token"], got["refresh_token"], time.time() + got["expires_in"])
    with engine.store.tenant(tenant) as mine:
        connection = mine.connections.add("dropbox", twin.id, "Photos", {})
        mine.connections.keep_secret(connection, seal(vault, token))
        mine.change(risk=0.5)
    engine.close()
    return connection


def _ready(team: Team) -> int:
    time.sleep(0.2)
    counts: dict[str, int] = team.ask("GET", f"/connections/{team.connection}")["progress"]["counts"]
    return counts.get("ready", 0)


def _learn(team: Team) -> None:
    rows = ["path,tag"] + [f"/{tag}/{number}.jpg,{tag}" for tag in team.later for number in range(TAUGHT)]
    status, said = team.service.ask(
        "POST", "/v1/examples/import", team.key, "\n".join(rows).encode(), {"Content-Type": "text/csv"}
    )
    if status != 200 or said["failed"]:
        raise RuntimeError(f"the examples were not taken: {status} {said}")
    team.ask("POST", "/models", {})
    team.service.wait_for(lambda: team.ask("GET", "/models")["items"][0]["state"] == "live", "nothing is learned")
    time.sleep(2)


def _upload(team: Team, count: int) -> None:
    """More photos; the same ones again under other names where there are not enough."""
    tags = list(team.later)
    for number in range(count):
        pile = team.later[tags[number % TAGS]]
        path = pile.pop(0)
        pile.append(path)
        team.twin.put(f"/{tags[number % TAGS]}/{time.time_ns()}.jpg", path.read_bytes())


def _bare(team: Team) -> float:
    """Photos a second of the encoder alone, on pictures in memory."""
    encoder = load_encoder("compact")
    paths = [path for pile in team.later.values() for path in pile][:BARE]
    pictures = [read_picture(path) for path in paths]
    encoder.encode(pictures[:8])
    started = time.perf_counter()
    for start in range(0, len(pictures), 8):
        encoder.encode(pictures[start : start + 8])
    return len(pictures) / (time.perf_counter() - started)


def _costs(team: Team, count: int) -> dict[str, Any]:
    per = 1000 / count
    traffic = team.twin.traffic
    writes = sum(one.calls for route, one in traffic.items() if route.startswith("files/tags/") and "get" not in route)
    return {
        "calls": per * sum(one.calls for one in traffic.values()),
        "writes": per * writes,
        "mb": per * sum(one.answered for one in traffic.values()) / 1e6,
        "by_route": {route: per * one.calls for route, one in traffic.items()},
    }


def _cpu(team: Team) -> dict[str, float]:
    """Processor seconds of the service and of the twin so far."""
    pids = {"service": team.service.pid("web"), "host": team.host}
    return {name: _seconds(pid) for name, pid in pids.items()}


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
