"""Our registrations with hosts: what a person who runs the service enters once, in one file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType

from model_service.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class App:
    """Our registration with a host."""

    client: str = ""
    """the id of our app, which everybody may know"""
    secret: str = field(default="", repr=False)
    """what proves that we are that app, and what the host signs its webhooks with"""
    origin: str = ""
    """where the host is reached instead of on the internet, such as ``http://127.0.0.1:9000``: for trials and tests"""


def read_apps(place: Path) -> Mapping[str, App]:
    """The registrations of a TOML file, by host: ``[dropbox]``, ``client``, ``secret``. Raises Misconfigured."""
    try:
        found = tomllib.loads(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"PROPERNOUN_APPS names {place}, which cannot be read: {error}.") from error
    known = {one.name for one in fields(App)}
    for host, said in found.items():
        if not isinstance(said, dict) or set(said) - known or not all(isinstance(one, str) for one in said.values()):
            raise Misconfigured(f"[{host}] in {place} may say {', '.join(sorted(known))}, each as a text.")
    return MappingProxyType({host: App(**said) for host, said in found.items()})
