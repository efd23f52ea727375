"""Real servers for tests, on loopback ports and in folders of their own. Missing: skip at home, fail in CI."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


def missing(what: str) -> None:
    """Say that a server is not installed: a skip at home, a failure where CI is set."""
    said = f"{what} is not installed"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A cluster of its own; yields the address of its server, to which a database name is added."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    bin_folder = found[-1].parent if found else Path(shutil.which("postgres") or "/nowhere/x").parent
    if not (bin_folder / "initdb").exists():
        missing("Postgres")
    # Postgres refuses to run as root: its own user, which the package makes, runs it then.
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if os.getuid() == 0 else []
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    if as_user:
        shutil.chown(home, user, user)
    data, port = home / "data", free_port()
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*as_user, bin_folder / "initdb", "-D", data, "-U", user, "-A", "trust", "-E", "UTF8",
                    "--locale=C.UTF-8"], **quiet)  # fmt: skip
    options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
    server = subprocess.Popen([*as_user, bin_folder / "postgres", "-D", data, *options.split()],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        _wait(port, server)
        yield f"postgresql://{user}@127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(home, ignore_errors=True)


class Redis:
    """A Redis server that can be killed and started again, on the same port and without its data."""

    def __init__(self) -> None:
        if shutil.which("redis-server") is None:
            missing("Redis")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Start it, empty."""
        arguments = ["--port", str(self.port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
        self._server = subprocess.Popen(["redis-server", *arguments], stdout=subprocess.DEVNULL)
        _wait(self.port, self._server)

    def kill(self) -> None:
        """As if the machine had lost power."""
        self._server.kill()
        self._server.wait(20)


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    """A Redis server."""
    server = Redis()
    try:
        yield server
    finally:
        server.kill()


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"{server.args} ended at once with {server.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            time.sleep(0.2)
            return
        time.sleep(0.05)
    raise RuntimeError(f"{server.args} does not listen on {port}")
