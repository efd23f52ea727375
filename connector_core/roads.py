"""Roads to hosts: from a manifest, our registration and a stored token to an open connector."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from connector_core import manifest
from connector_core.account import Account
from connector_core.apps import App
from connector_core.connector import Connector
from connector_core.http import Bearer, Http, Lanes
from connector_core.manifest import Manifest
from connector_core.pace import Pace
from connector_core.reach import Reach
from connector_core.settings import Settings
from connector_core.store.rows import Linked
from connector_core.store.store import Store
from connector_core.tokens import Grant, Held
from connector_core.vault import Vault
from model_service.errors import Misconfigured

LANES = {"read": 20.0, "write": 5.0}
"""calls a second to begin with, where the manifest says nothing"""
BRIEF = 1.0
"""seconds that a renewal waits for its turn"""
MOVED = 0.2
"""share by which a rate must have changed to be worth remembering"""


class Roads:
    """Opens connectors. What a process has learned of how fast a host may be called, all its jobs share."""

    def __init__(self, settings: Settings, store: Store, vault: Vault) -> None:
        self._settings, self._store, self._vault = settings, store, vault
        self._lanes: dict[str, Lanes] = {}
        self._lock = threading.Lock()

    def app(self, host: str) -> App:
        """Our registration with a host; an empty one if there is none."""
        return self._settings.apps.get(host, App())

    def connector(self, tenant: str, linked: Linked) -> Connector:
        """The host of a connection, opened anew: no job depends on what another one left open. Raises Misconfigured."""
        found = manifest.load(linked.host)
        bearer = self._bearer(found, tenant, linked) if found.oauth else None
        http = self.http(found, bearer, self._lanes_of(found, linked))
        ledger = StoredLedger(self._store, tenant, linked.id)
        account = Account(linked.settings, http, ledger, self.app(linked.host))
        return manifest.connector_class(linked.host).open(account)

    def account(self, host: str, bearer: Bearer, settings: Mapping[str, str]) -> Account:
        """An account that is not yet a connection: somebody has just authorised us."""
        return Account(settings, self.http(manifest.load(host), bearer), Unwritten(), self.app(host))

    def grant(self, host: str) -> Grant:
        """Where tokens of a host are had. Raises Misconfigured where we are not registered there."""
        found, app = manifest.load(host), self.app(host)
        if found.oauth is None:
            raise Misconfigured(f"{found.title} needs no authorisation.")
        if not app.client:
            raise Misconfigured(
                f"Propernoun is not registered with {found.title} yet: write client and secret of your app "
                f"under [{host}] in the file that PROPERNOUN_APPS names."
            )
        # Whoever renews a token keeps others waiting: where the host asks for patience, it is given at once.
        lanes = Lanes(Pace(LANES["read"], patience=BRIEF), Pace(LANES["read"], patience=BRIEF))
        return Grant(found.oauth, app, self.http(found, lanes=lanes))

    def give_back(self, tenant: str, linked: Linked) -> None:
        """Have the host take back what a connection was allowed. Raises Reconnect, RateLimited, PlatformDown."""
        found = manifest.load(linked.host)
        if found.oauth is not None:
            grant = self.grant(linked.host)
            http = self.http(found, self._bearer(found, tenant, linked), Lanes())
            Grant(found.oauth, grant.app, http).revoke()

    def http(self, found: Manifest, bearer: Bearer | None = None, lanes: Lanes | None = None) -> Http:
        """A road to a host, and nowhere else."""
        app = self.app(found.host)
        origins = {*found.origins, *([_origin(found.oauth.token)] if found.oauth else [])}
        trusted = [app.origin] if app.origin else []
        reach = Reach(origins, private=self._settings.private, trusted=trusted)
        moved = dict.fromkeys(origins, app.origin) if app.origin else {}
        return Http(reach, bearer=bearer, lanes=lanes, moved=moved)

    def remember(self, tenant: str, linked: Linked) -> None:
        """Keep what was learned of how fast the host may be called, for other processes and later."""
        with self._lock:
            lanes = self._lanes.get(linked.id)
        if lanes is None:
            return
        rates = {lane: round(lanes[lane].rate, 2) for lane in LANES}
        if any(abs(rates[lane] - linked.rates.get(lane, LANES[lane])) > MOVED * rates[lane] for lane in LANES):
            with self._store.tenant(tenant) as mine:
                mine.connections.set(linked.id, rates=rates)

    def _bearer(self, found: Manifest, tenant: str, linked: Linked) -> Bearer:
        return Held(self._store, self._vault, tenant, linked.id, self.grant(found.host))

    def _lanes_of(self, found: Manifest, linked: Linked) -> Lanes:
        with self._lock:
            if linked.id not in self._lanes:
                first = {lane: float(found.limits.get(f"{lane}s_per_second", LANES[lane])) for lane in LANES}
                rates = {lane: linked.rates.get(lane, first[lane]) for lane in LANES}
                self._lanes[linked.id] = Lanes(Pace(rates["read"]), Pace(rates["write"]))
            return self._lanes[linked.id]


class StoredLedger:
    """The Ledger of a connection, in the store: every call is a transaction of its own."""

    def __init__(self, store: Store, tenant: str, connection: str) -> None:
        self._store, self._tenant, self._connection = store, tenant, connection

    def rows(self, asset_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """By asset, name and word of what we wrote or were about to write."""
        with self._store.tenant(self._tenant, only_reads=True) as mine:
            return mine.marks.rows(self._connection, asset_ids)

    def put(self, asset_id: str, words: Mapping[str, str]) -> None:
        """Note names and words."""
        with self._store.tenant(self._tenant) as mine:
            mine.marks.put(self._connection, asset_id, words)

    def drop(self, asset_id: str, names: Sequence[str]) -> None:
        """Forget names."""
        with self._store.tenant(self._tenant) as mine:
            mine.marks.drop(self._connection, asset_id, names)


class Unwritten:
    """The Ledger of an account to which nothing was ever written."""

    def rows(self, asset_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Nothing."""
        return {}

    def put(self, asset_id: str, words: Mapping[str, str]) -> None:
        """Refused: nothing is to be written before there is a connection."""
        raise Misconfigured("Nothing can be written before the account is connected.")

    def drop(self, asset_id: str, names: Sequence[str]) -> None:
        """Nothing to forget."""


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])
