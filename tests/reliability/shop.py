"""A shop with a thousand photos in a Dropbox that is a process of its own, and the service in real processes."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select, update

from connector_core.db import open_database
from connector_core.engine import Engine
from connector_core.queue.thread import ThreadQueue
from connector_core.store.store import Store
from connector_core.store.tables import assets, connections, ledger, outbox
from connector_core.tokens import Token, seal
from connector_core.vault import Vault, kept_key
from connector_core.worker import do
from tests.processes import Service
from tests.reliability.ends import READ, End, end_of
from tests.reliability.library import photo, teach
from tests.services import Redis, free_port
from tests.twins.dropbox.twin import Twin

KINDS_OF_PHOTO = 60
"""different pictures; the others look like one of these"""
FAST = {"read": 200.0, "write": 200.0}
SETTINGS = {"lease": "3", "sweep": "1"}


class Shop:
    """The shop. ``redis`` makes it the team shape: web, io and model workers; without one, a single process."""

    def __init__(self, folder: Path, photos: int, *, database: str = "", redis: Redis | None = None) -> None:
        self.redis, self.photos, self._tended = redis, photos, 0.0
        self.twin = Twin(folder / "twin.db", serve=False)
        self._host = self._serve_twin(folder)
        more = {"database": database} if database else {}
        more |= {"redis": redis.url} if redis is not None else {}
        apps = folder / "apps.toml"
        apps.write_text(
            f'[dropbox]\nclient = "{self.twin.client}"\nsecret = "{self.twin.secret}"\norigin = "{self.twin.url}"\n'
        )
        self.taught = teach(folder / "service" / "data", database)
        self.service = Service(
            folder / "service", apps=str(apps), encoder=self.taught.settings.encoder, **SETTINGS, **more
        )
        self.store = Store(open_database(self.service.settings().database), ThreadQueue(lambda job: None))
        with self.twin.state.all_or_nothing():
            for number in range(photos):
                self.twin.put(f"/Shop/{number % 10}/{number:04}.png", photo(number % KINDS_OF_PHOTO))
            self.kept = {path.lower() for path in list(self.twin.all_tags())[::25]}
            for path in self.kept:
                self.twin.tag(path, "keep_me")
        self.connection = self._connect()
        self.names = ["web"] if redis is None else ["web", "io", "model"]

    # Processes

    def start(self, name: str) -> None:
        """Start a process of the service."""
        if name == "web":
            self.service.web()
        else:
            self.service.worker(name)

    def kill(self, name: str) -> None:
        """Kill a process of the service, or Redis with all that it holds."""
        if name == "redis":
            assert self.redis is not None
            self.redis.kill()
        else:
            self.service.kill(name)

    def close(self) -> None:
        """End everything."""
        for name in self.names:
            with contextlib.suppress(KeyError):
                self.service.kill(name)
        self._host.kill()
        self._host.communicate()
        self.twin.close()
        self.store.engine.dispose()

    def call(self) -> int:
        """Dropbox calls; the status of the answer, 0 where the web process is away."""
        body, headers = self.twin.hook()
        return self.service.ask("POST", "/hooks/dropbox", body=body, headers=headers)[0]

    # How far it is

    def progress(self, victim: str = "") -> int:
        """A number that grows with every photo that is read, and with every one that is written; or with what
        workers of one kind do."""
        with self.store.engine.connect().execution_options(only_reads=True) as database:
            read = select(func.count()).select_from(assets).where(assets.c.state.in_([*READ, "skipped", "gone"]))
            wrote = select(func.count()).select_from(ledger).where(ledger.c.sure.is_(True))
            counted = {"io": [wrote], "model": [read]}.get(victim, [read, wrote])
            return sum(int(database.execute(one).scalar_one()) for one in counted)

    def left(self, victim: str = "") -> int:
        """How many photos are to be read or written, as far as is known; or what is left for workers of one kind."""
        with self.store.engine.connect().execution_options(only_reads=True) as database:
            waits = select(func.count()).select_from(assets).where(assets.c.state.in_(["pending", "processing"]))
            owed = select(func.count()).select_from(outbox)
            unlisted = select(func.count()).select_from(connections).where(connections.c.wanted > connections.c.scanned)
            counted = {"io": [owed], "model": [waits]}.get(victim, [waits, owed, unlisted])
            return sum(int(database.execute(one).scalar_one()) for one in counted)

    def tend(self) -> None:
        """What time and people bring: the patience that a host was given ends, and who is asked authorises us again.

        Half a minute is long for a test; and a host that refuses a new token twice in a row has to be connected again.
        """
        if time.monotonic() < self._tended + 1:
            return
        self._tended = time.monotonic()
        with self.store.tenant(self.taught.tenant) as mine:
            if mine.connections.get(self.connection).state == "reconnect":
                mine.connections.keep_secret(self.connection, self._authorised())
                mine.connections.set(self.connection, state="live", reason="", retry_at=0.0)
                mine.connections.wake(self.connection)
        with self.store.engine.begin() as database:
            for table, name in ((connections, "retry_at"), (assets, "due"), (outbox, "due")):
                column = table.c[name]
                database.execute(update(table).where(column > 0.0).values({name: column - 60.0}))

    def rest(self, timeout: float) -> End:
        """Wait until nothing is left to do; what it has come to."""
        self.twin.unplan()
        assert self.call() == 200
        until = time.monotonic() + timeout
        while self.left() or self.store.owed():
            self.tend()
            assert time.monotonic() < until, self._story()
            time.sleep(0.2)
        return self.end()

    def end(self) -> End:
        """What it has come to, seen by a process of our own when all others have ended."""
        for name in self.names:
            with contextlib.suppress(KeyError):
                assert self.service.stop(name) == 0
        with contextlib.closing(Engine(self.service.settings(), do)) as engine:
            return end_of(engine, self.taught.tenant, self.connection)

    def _story(self) -> str:
        with self.store.tenant(self.taught.tenant, only_reads=True) as mine:
            linked, counts = mine.connections.get(self.connection), mine.connections.counts(self.connection)
        logs = "\n".join(f"--- {name}\n{self.service.log(name)[-3000:]}" for name in self.names)
        return f"{linked}\n{counts}\nowed: {self.store.owed()}\n{logs}"

    def _connect(self) -> str:
        with self.store.tenant(self.taught.tenant) as mine:
            made = mine.connections.add("dropbox", self.twin.id, "ada@example.com", {}, writes=True)
            mine.connections.keep_secret(made, self._authorised())
            mine.connections.set(made, rates=FAST)
        return made

    def _authorised(self) -> bytes:
        said, settings = self.twin.tokens(), self.service.settings()
        vault = Vault(settings.secrets or [kept_key(settings.data / "secret")])
        return seal(vault, Token(said["access_token"], said["refresh_token"]))

    def _serve_twin(self, folder: Path) -> subprocess.Popen[bytes]:
        port = free_port()
        command = [sys.executable, "-m", "tests.twins.dropbox", "--port", str(port), "--state", str(folder / "twin.db")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None and process.stdout.readline().startswith(b"http")
        return process


@contextlib.contextmanager
def opened(folder: Path, photos: int, *, database: str = "", redis: Redis | None = None) -> Iterator[Shop]:
    """A shop that is open for a while."""
    shop = Shop(folder, photos, database=database, redis=redis)
    try:
        yield shop
    finally:
        shop.close()
