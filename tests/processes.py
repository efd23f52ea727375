"""The service as people run it: real processes on a loopback port, that can be stopped, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connector_core.settings import Settings
from tests.services import free_port

PROPERNOUN = [sys.executable, "-m", "connector_core.cli"]
PATIENCE = 60.0
"""seconds until something that should happen must have happened"""


class Service:
    """Processes that share one environment. Leaving the ``with`` ends them all."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        named = {f"PROPERNOUN_{name.upper()}": value for name, value in settings.items()}
        self.env = {
            "PROPERNOUN_DATA": str(folder / "data"),
            "PROPERNOUN_URL": self.url,
            "PROPERNOUN_SWEEP": "1",
        } | named
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._running):
            self.kill(name)

    def settings(self) -> Settings:
        """The settings that all processes have."""
        return Settings.from_env(self.env)

    def web(self, name: str = "web") -> None:
        """Start the web process, and wait until it answers."""
        self._start(name, "serve", "--port", str(self.port))
        self.wait_for(lambda: self.get("/healthz")[0] == 200, "the web process does not answer")

    def worker(self, kind: str, name: str = "") -> None:
        """Start a worker."""
        self._start(name or kind, "worker", kind)

    def kill(self, name: str) -> None:
        """As if the machine had lost power: the process and those it began."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)

    def stop(self, name: str) -> int:
        """Ask it to end; its exit status."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)
            raise AssertionError(f"{name} does not end when asked to\n{self.log(name)[-3000:]}") from None

    def alive(self, name: str) -> bool:
        """Whether it still runs."""
        return self._running[name].poll() is None

    def pid(self, name: str) -> int:
        """Its number."""
        return self._running[name].pid

    def run(self, *arguments: str) -> str:
        """What a command prints."""
        done = subprocess.run(
            [*PROPERNOUN, *arguments], env=self._env(), capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, path: str, key: str = "") -> tuple[int, Any]:
        """Status and JSON of an answer; 0 where nobody listens."""
        return self.ask("GET", path, key)

    def ask(
        self, method: str, path: str, key: str = "", body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON of an answer; 0 where nobody listens."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        told = {"Content-Type": "application/json", **(headers or {})}
        if key:
            told["Authorization"] = f"Bearer {key}"
        asked = urllib.request.Request(self.url + path, data, told, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, _json(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _json(error.read())
        except OSError:
            return 0, None

    def log(self, name: str) -> str:
        """What a process has written down."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def wait_for(self, happened: Any, otherwise: str, *, timeout: float = PATIENCE) -> None:
        """Wait until ``happened()`` is true."""
        until = time.monotonic() + timeout
        while not happened():
            died = [name for name in self._running if not self.alive(name)]
            if time.monotonic() > until or died:
                logs = "\n".join(f"--- {name}\n{self.log(name)[-3000:]}" for name in self._running)
                why = f"{', '.join(died)} died" if died else f"not within {timeout:.0f} s"
                raise AssertionError(f"{otherwise}: {why}\n{logs}")
            time.sleep(0.05)

    def _start(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*PROPERNOUN, *arguments], env=self._env(), stdout=log, stderr=log, start_new_session=True
            )

    def _env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PROPERNOUN_")}
        return {**kept, **self.env}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
