"""What a host is, as data: read from ``manifests/<host>/connector.toml``. The list of hosts is the list of folders."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from connector_core.connector import ABILITIES, Connector
from model_service.errors import Misconfigured

FILE = "connector.toml"
FIELDS = {"title": str, "connector": str, "abilities": list, "panel": str, "auth": dict, "limits": dict}
OAUTH = {"authorize": str, "token": str, "revoke": str, "asks": list, "params": dict}
"""what ``[auth]`` of the kind ``oauth2`` says besides its scopes"""


@dataclass(frozen=True, slots=True)
class OAuth:
    """How a person authorises us at a host (RFC 6749, with PKCE): addresses, and what the first one is told besides."""

    authorize: str
    token: str
    revoke: str
    asks: Sequence[str]
    """what the scopes mean: how "Propernoun may" goes on"""
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A host and how to reach it."""

    host: str
    title: str
    """as people call it"""
    connector: str
    """the class, as a dotted path"""
    abilities: tuple[str, ...]
    """the optional Protocols of ``connector_core.connector`` that it has"""
    auth: str
    """``none``, or the way in which a person authorises us"""
    scopes: tuple[str, ...]
    oauth: OAuth | None
    """of the kind ``oauth2``"""
    origins: tuple[str, ...]
    """the addresses of the host's API; nothing else is ever called for it"""
    limits: Mapping[str, int]
    panel: str
    """where people find the panel"""


def hosts() -> tuple[str, ...]:
    """Every host that has a manifest, in the order of the alphabet."""
    return tuple(sorted(place.name for place in _root().iterdir() if place.is_dir() and (place / FILE).is_file()))


def load(host: str) -> Manifest:
    """The manifest of a host. Raises Misconfigured where there is none or it says what nobody understands."""
    if host not in hosts():
        raise Misconfigured(f"There is no host {host!r}; the hosts are {', '.join(hosts())}.")
    try:
        return parse(host, (_root() / host / FILE).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"manifests/{host}/{FILE} cannot be read: {error}.") from error


def parse(host: str, text: str) -> Manifest:
    """The manifest that a text describes. Raises Misconfigured for what is missing, superfluous or of a wrong kind."""
    found = tomllib.loads(text)
    origins = found.pop("origins", [])
    for name in sorted(FIELDS.keys() | found.keys()):
        if name not in FIELDS:
            raise Misconfigured(f"manifests/{host}/{FILE} says {name!r}, which nobody reads; take it out.")
        if not isinstance(found.get(name), FIELDS[name]):
            raise Misconfigured(f"manifests/{host}/{FILE} must say {name!r}, as a {FIELDS[name].__name__}.")
    auth = found["auth"]
    told = {"kind", "scopes"} | (OAUTH.keys() if auth.get("kind") == "oauth2" else set())
    if set(auth) != told:
        raise Misconfigured(f"manifests/{host}/{FILE} must say {sorted(told)} in [auth], and nothing else.")
    if not all(isinstance(one, str) and one.startswith("https://") for one in origins):
        raise Misconfigured(f"manifests/{host}/{FILE} must say 'origins' as a list of https:// addresses.")
    unknown = set(found["abilities"]) - {ability.__name__ for ability in ABILITIES}
    if unknown:
        raise Misconfigured(f"manifests/{host}/{FILE} claims the ability {min(unknown)!r}, which is none.")
    return Manifest(
        host=host,
        title=found["title"],
        connector=found["connector"],
        abilities=tuple(sorted(found["abilities"])),
        auth=auth["kind"],
        scopes=tuple(auth["scopes"]),
        oauth=OAuth(**{name: auth[name] for name in OAUTH}) if auth["kind"] == "oauth2" else None,
        origins=tuple(origins),
        limits=MappingProxyType(found["limits"]),
        panel=found["panel"],
    )


def connector_class(host: str) -> type[Connector]:
    """The class of a host's connector, imported now and not before. Raises Misconfigured where it cannot be."""
    manifest = load(host)
    module, _, name = manifest.connector.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise Misconfigured(f"The connector of {manifest.title} cannot be loaded: {error}.") from error
    if not isinstance(found, type) or not issubclass(found, Connector):
        raise Misconfigured(f"{manifest.connector} is no connector: it must have changes, download and retag.")
    return found


def _root() -> Traversable:
    return resources.files("manifests")
