"""Access tokens: got for a code, renewed once however many workers need a new one, sealed at rest."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from connector_core.apps import App
from connector_core.errors import PlatformDown, Reconnect, Retry
from connector_core.http import Http
from connector_core.manifest import OAuth
from connector_core.store.store import Store
from connector_core.vault import Vault

EARLY = 60.0
"""seconds before its end that a token is renewed"""
LEASE = 45.0
"""seconds that a renewal may take before somebody else tries; longer than one call can last"""
LOOK = 0.05
"""seconds between two looks whether a colleague has the new token"""


@dataclass(frozen=True, slots=True)
class Token:
    """What a host gave us for an account."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires: float = 0.0
    """seconds since 1970; 0: it does not say"""

    @property
    def is_stale(self) -> bool:
        """Whether it must not be used any more."""
        return bool(self.expires) and self.expires - EARLY < time.time()


@dataclass(frozen=True, slots=True)
class Grant:
    """The host's place for tokens (RFC 6749, section 5), and who asks there."""

    oauth: OAuth
    app: App
    http: Http

    def by_code(self, code: str, verifier: str, back: str) -> tuple[Token, Mapping[str, Any]]:
        """A token for the code that a person brought back (RFC 7636); and all that the host said with it."""
        told = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        return self._ask(told)

    def by_refresh(self, refresh: str) -> Token:
        """A new token. A host that gives no new refresh token means the old one. Raises Reconnect, PlatformDown."""
        token, _ = self._ask({"grant_type": "refresh_token", "refresh_token": refresh})
        return token if token.refresh else Token(token.access, refresh, token.expires)

    def revoke(self) -> None:
        """Give back what the bearer of this road was allowed. Raises Reconnect, RateLimited, PlatformDown."""
        if self.oauth.revoke:
            self.http.call("POST", self.oauth.revoke, lane="write")

    def _ask(self, told: Mapping[str, str]) -> tuple[Token, Mapping[str, Any]]:
        who = {"client_id": self.app.client, "client_secret": self.app.secret}
        # As a write it is not tried again: asked twice for one code, a host may take away what it gave for it.
        answer = self.http.call("POST", self.oauth.token, lane="write", data={**told, **who})
        if answer.status in (400, 401, 403):
            raise Reconnect("The host no longer accepts our authorisation; connect it again.")
        if answer.status != 200:
            raise PlatformDown(f"The host gave no token ({answer.status}).", after=10.0)
        said = answer.json()
        if not isinstance(said, dict) or not isinstance(said.get("access_token"), str):
            raise PlatformDown("The host gave no token.", after=10.0)
        lasts = said.get("expires_in")
        expires = time.time() + float(lasts) if isinstance(lasts, int | float) and lasts > 0 else 0.0
        refresh = said.get("refresh_token")
        return Token(said["access_token"], refresh if isinstance(refresh, str) else "", expires), said


def seal(vault: Vault, token: Token) -> bytes:
    """The token as it may be stored."""
    return vault.seal(asdict(token))


class Held:
    """The token of a connection, for all workers at once.

    Who finds it stale takes a lease and renews it; all others wait and read what came. A worker that dies, or an
    answer that is lost, costs the lease: then the same refresh token is tried again. Nothing is locked meanwhile.
    """

    def __init__(self, store: Store, vault: Vault, tenant: str, connection: str, grant: Grant) -> None:
        self._store, self._vault, self._grant = store, vault, grant
        self._tenant, self._connection = tenant, connection
        self._known: Token | None = None

    def token(self, *, instead_of: str = "") -> str:
        """A valid one; another one than ``instead_of``. Raises Reconnect, PlatformDown."""
        if self._known is None or self._known.is_stale or self._known.access == instead_of:
            self._known = self._found(instead_of)
        return self._known.access

    def _found(self, instead_of: str) -> Token:
        until = time.monotonic() + 2 * LEASE
        while time.monotonic() < until:
            held = self._read()
            if not held.is_stale and held.access != instead_of:
                return held
            if not held.refresh:
                raise Reconnect("The authorisation has run out; connect it again.")
            with self._store.tenant(self._tenant) as mine:
                is_mine = mine.connections.claim_renewal(self._connection, lease=LEASE)
            if is_mine:
                return self._renewed(instead_of)
            time.sleep(LOOK)
        raise PlatformDown("Another worker has been renewing the authorisation for too long.", after=10.0)

    def _renewed(self, instead_of: str) -> Token:
        try:
            held = self._read()
            if held.is_stale or held.access == instead_of:
                held = self._grant.by_refresh(held.refresh)
        except (Retry, Reconnect):
            with self._store.tenant(self._tenant) as mine:
                mine.connections.release_renewal(self._connection)
            raise
        with self._store.tenant(self._tenant) as mine:
            mine.connections.keep_secret(self._connection, seal(self._vault, held))
        return held

    def _read(self) -> Token:
        with self._store.tenant(self._tenant, only_reads=True) as mine:
            sealed = mine.connections.secret(self._connection)
        if sealed is None:
            raise Reconnect("There is no authorisation; connect it.")
        return Token(**self._vault.open(sealed))
