"""Where calls may go: to the addresses that a manifest names, on the public internet, and nowhere else."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from model_service.errors import Misconfigured, Refuse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
STANDARD = {"https": 443}


class Forbidden(Refuse):
    """An address that we do not call."""


class Reach:
    """The origins that may be called, and the networks that may be entered although they are not public."""

    def __init__(self, origins: Iterable[str], *, private: Iterable[str] = (), trusted: Iterable[str] = ()) -> None:
        """``trusted`` origins were entered by whoever runs the service: they may be anywhere, on any port."""
        self._trusted = {_origin(one) for one in trusted}
        self._origins = {_origin(one) for one in origins} | self._trusted
        self._private = [_network(one) for one in private]

    def check(self, url: str) -> None:
        """Raises Forbidden for an address that is not to be called: another origin, another scheme, an odd port."""
        found = _origin(url)
        if found in self._trusted:
            return
        scheme, _, port = found
        if found not in self._origins or STANDARD.get(scheme) != port:
            raise Forbidden(f"{urlsplit(url).hostname or 'An address without a host'} is not to be called.")

    def check_peer(self, host: str, port: int, peer: str) -> None:
        """Raises Forbidden if a name led into a network that is not public. The peer is asked, not the name: a name
        that points elsewhere a moment later (DNS rebinding) gains nothing."""
        if any((name, at) == (host, port) for _, name, at in self._trusted):
            return
        address = ipaddress.ip_address(peer.split("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        is_allowed = address.is_global and not address.is_multicast
        if not is_allowed and not any(address in one for one in self._private if one.version == address.version):
            raise Forbidden(f"{host} is in a network that is not public ({address}); it was not called.")

    def adapter(self) -> HTTPAdapter:
        """What a session sends with: every connection is checked before a byte is sent."""
        return _Adapter(self)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.username or parts.password:
        raise Forbidden("An address with a name and password in it is not called.")
    return parts.scheme, parts.hostname or "", port or {"http": 80, "https": 443}.get(parts.scheme, -1)


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise Misconfigured(f"PROPERNOUN_PRIVATE: {text!r} is no network; write one like 10.1.0.0/16.") from error


class _Adapter(HTTPAdapter):
    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        reach = self._reach

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _checked(super()._new_conn(), reach, self.host, self.port or 80)

        class Sealed(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _checked(super()._new_conn(), reach, self.host, self.port or 443)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SealedPool(HTTPSConnectionPool):
            ConnectionCls = Sealed

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SealedPool}


def _checked(opened: socket.socket, reach: Reach, host: str, port: int) -> socket.socket:
    try:
        reach.check_peer(host.lower(), port, opened.getpeername()[0])
    except BaseException:
        opened.close()
        raise
    return opened
