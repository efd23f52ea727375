"""A shop, its Dropbox, and a service whose processes die: one thing after the other, in an order that is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from flask import Flask
from sqlalchemy import Table, update

from connector_core.apps import App
from connector_core.db import open_database
from connector_core.operations.connect import connect_account
from connector_core.settings import Settings
from connector_core.store.store import Store
from connector_core.store.tables import assets, connections, looks, models, outbox
from connector_core.sweep import sweep
from connector_core.tokens import Token, seal
from connector_core.vault import Vault, kept_key
from connector_core.vectors import Vectors
from connector_core.web.hooks import hooks
from connector_core.worker import do
from tests.reliability.ends import End, end_of
from tests.reliability.library import Taught
from tests.reliability.mortal import Death, Fate, MortalEngine, Waiting
from tests.twins.dropbox.twin import Twin

HOOK = "/hooks/dropbox"
FAST = {"read": 200.0, "write": 200.0}
TIMES: dict[Table, tuple[str, ...]] = {
    connections: ("scan_at", "woken", "scan_until", "push_until", "renew_until", "heard_at", "listed", "retry_at"),
    assets: ("due", "until"),
    outbox: ("due", "until"),
    models: ("until",),
    looks: ("created",),
}
"""columns that say when something may, or must, be done"""
LONG = 7200.0
"""seconds after which every host is asked for changes and for edits again, and nothing waits any more"""
ENOUGH = 60
"""rounds after which there should be nothing left to do"""


class World:
    """Everything of one run. What is called a process here is an engine of its own on the same database."""

    def __init__(self, folder: Path, taught: Taught, photos: Sequence[tuple[str, bytes]]) -> None:
        self.tenant, self._encoder = taught.tenant, taught.encoder
        self.twin = Twin().start()
        self.settings = _with_app(taught.copy(folder), self.twin)
        self.waiting = Waiting()
        self.store = Store(open_database(self.settings.database), self.waiting)
        self._vectors = Vectors(self.settings, self._home, self._emptied)
        self._processes: dict[str, MortalEngine] = {}
        self._acts: list[tuple[Callable[[Twin], bool], Callable[[Twin], object]]] = []
        self.deaths = 0
        for path, data in photos:
            self.twin.put(path, data)
        self.connection = self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.bury()
        self._vectors.close()
        self.store.engine.dispose()
        self.twin.close()

    # Processes

    def process(self, name: str = "worker") -> MortalEngine:
        """The process of this name; one that has died is started anew."""
        if name not in self._processes:
            self._processes[name] = MortalEngine(self.settings, Fate(), self.waiting, self._vectors, self._encoder)
        return self._processes[name]

    def run(self, what: Callable[[MortalEngine], object], name: str = "worker") -> None:
        """Have a process do something, and die of it if it must."""
        process = self.process(name)
        process.paced.hurry()
        try:
            what(process)
        except Death:
            pass
        if process.fate.is_dead:
            self.deaths += 1
            self._processes.pop(name).bury()
            # Whoever waits for a token would wait for the dead one, and these waits are real.
            self.wait(46.0, only={"renew_until"})

    def work(self, pick: int = 0, name: str = "worker") -> None:
        """A process takes a job and does it; one that dies takes it along."""
        if self.waiting.jobs:
            job = self.waiting.jobs.pop(pick % len(self.waiting.jobs))
            self.run(lambda engine: do(engine, job), name)
        self.act_now()

    def sweep(self) -> None:
        """Find what is owed."""
        self.run(sweep)

    def hook(self, *, times: int = 1) -> None:
        """Dropbox calls, as often as it likes."""
        body, headers = self.twin.hook()

        def call(engine: MortalEngine) -> None:
            app = Flask("hooks")
            app.extensions["engine"] = engine
            app.register_blueprint(hooks)
            for _ in range(times):
                app.test_client().post(HOOK, data=body, headers=dict(headers))

        self.run(call, "web")

    # Time

    def wait(self, seconds: float, *, only: set[str] | None = None) -> None:
        """So much time passes: everything that waits for a time is that much nearer to it."""
        with self.store.engine.begin() as database:
            for table, names in TIMES.items():
                for name in (one for one in names if only is None or one in only):
                    column = table.c[name]
                    database.execute(update(table).where(column > 0.0).values({name: column - seconds}))

    # People

    def act(self, when: Callable[[Twin], bool], what: Callable[[Twin], object]) -> None:
        """A person does something in Dropbox, as soon as things are so that it makes sense."""
        self._acts.append((when, what))
        self.act_now()

    def act_now(self) -> None:
        """People do what they have been waiting for."""
        for one in list(self._acts):
            when, what = one
            if when(self.twin):
                self._acts.remove(one)
                what(self.twin)

    def reconnect(self) -> None:
        """A person authorises us again, if that was asked for."""
        engine = self.process()
        if self._state() == "reconnect":
            said = self.twin.tokens()
            token = Token(said["access_token"], said["refresh_token"])
            connect_account(engine, self.tenant, "dropbox", token, said, {})

    # The end

    def rest(self) -> End:
        """Nothing goes wrong any more: what a run comes to when there is nothing left to do."""
        self.twin.unplan()
        # Processes that know of no patience which the host asked for: that time has passed.
        for name in list(self._processes):
            self._processes.pop(name).bury()
        quiet = 0
        for _ in range(ENOUGH):
            self.reconnect()
            self._speed_up()
            self.wait(LONG)
            self.sweep()
            for _ in range(2000):
                if not self.waiting.jobs:
                    break
                self.work()
            assert not self.waiting.jobs, f"no end of {self.waiting.jobs[:9]}"
            # A round of polls and questions that leaves nothing owed, twice: then all is said.
            quiet = quiet + 1 if not self.store.owed() and not self._acts and self._state() == "live" else 0
            if quiet == 2:
                return end_of(self.process(), self.tenant, self.connection)
        raise AssertionError(f"still owed: {self.store.owed()}, still to be done by people: {len(self._acts)}")

    def _state(self) -> str:
        with self.store.tenant(self.tenant, only_reads=True) as mine:
            return mine.connections.get(self.connection).state

    def _speed_up(self) -> None:
        with self.store.tenant(self.tenant) as mine:
            mine.connections.set(self.connection, rates=FAST)

    def _connect(self) -> str:
        said = self.twin.tokens()
        with self.store.tenant(self.tenant) as mine:
            made = mine.connections.add("dropbox", self.twin.id, "ada@example.com", {}, writes=True)
            vault = Vault([kept_key(self.settings.data / "secret")])
            mine.connections.keep_secret(made, seal(vault, Token(said["access_token"], said["refresh_token"])))
            mine.connections.set(made, rates=FAST)
            mine.later("scan", made)
        return made

    def _home(self, tenant: str) -> Path:
        return self.settings.data / "tenants" / tenant

    def _emptied(self, tenant: str, encoder: str) -> None:
        with self.store.tenant(tenant) as mine:
            mine.encoders.lost(encoder)


def _with_app(settings: Settings, twin: Twin) -> Settings:
    return replace(settings, apps={"dropbox": App(twin.client, twin.secret, twin.url)})
