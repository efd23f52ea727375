"""What can be set from outside: one frozen dataclass, read once from the environment and passed down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from connector_core.apps import App, read_apps
from model_service.errors import Misconfigured
from model_service.index.quantisation import Quantisation


@dataclass(frozen=True, slots=True)
class Settings:
    """Empty environment = everything on this machine, with the bundled encoder."""

    data: Path
    """PROPERNOUN_DATA: where what pictures became is kept, so that no pixel is read twice"""
    encoder: str = "compact"
    """PROPERNOUN_ENCODER: which encoder looks at the pictures"""
    risk: float = 0.02
    """PROPERNOUN_RISK: the share of applied tags that may be wrong"""
    database: str = ""
    """PROPERNOUN_DATABASE: postgresql://… for tenants and everything of theirs; empty: SQLite in the data folder"""
    redis: str = ""
    """PROPERNOUN_REDIS: redis://… for jobs that other processes do; empty: threads of this process do them"""
    qdrant: str = ""
    """PROPERNOUN_QDRANT: http://… of a Qdrant server that keeps the vectors; empty: Qdrant Edge in this process does"""
    quantisation: Quantisation = Quantisation.OFF
    """PROPERNOUN_QUANTISATION: off, scalar or binary: how the Qdrant server compresses vectors for search"""
    secrets: tuple[str, ...] = ()
    """PROPERNOUN_SECRETS: keys that seal stored tokens, the newest first, separated by commas; empty: a file is made"""
    apps: Mapping[str, App] = field(default_factory=dict)
    """PROPERNOUN_APPS: a TOML file with our registrations, a table a host (client, secret)"""
    url: str = "http://127.0.0.1:8765"
    """PROPERNOUN_URL: where people and hosts reach this service; hosts send people back to it"""
    private: tuple[str, ...] = ()
    """PROPERNOUN_PRIVATE: networks that are not public and may be called all the same, such as 10.1.0.0/16"""
    lease: float = 120.0
    """PROPERNOUN_LEASE: seconds that a worker may be silent before others take over what it had"""
    sweep: float = 20.0
    """PROPERNOUN_SWEEP: seconds between two looks at what is owed"""
    requests: int = 600
    """PROPERNOUN_REQUESTS: requests a minute that one key of the API may make"""
    folders: tuple[str, ...] = ()
    """PROPERNOUN_FOLDERS: folders of this machine that may be connected through the API, separated by commas"""
    metrics: bool = False
    """PROPERNOUN_METRICS: on: /metrics tells Prometheus how the service does; keep it from the public"""

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Self:
        """The settings that these variables name. Raises Misconfigured for a value that means nothing."""
        home = env.get("XDG_DATA_HOME") or env.get("LOCALAPPDATA") or os.path.expanduser("~/.local/share")
        data = Path(env.get("PROPERNOUN_DATA") or os.path.join(home, "propernoun"))
        return cls(
            data,
            encoder=env.get("PROPERNOUN_ENCODER") or "compact",
            risk=parse_risk(env.get("PROPERNOUN_RISK") or "0.02"),
            database=env.get("PROPERNOUN_DATABASE") or f"sqlite:///{data / 'propernoun.db'}",
            redis=env.get("PROPERNOUN_REDIS", ""),
            qdrant=env.get("PROPERNOUN_QDRANT", ""),
            quantisation=_quantisation(env.get("PROPERNOUN_QUANTISATION") or "off"),
            secrets=_listed(env.get("PROPERNOUN_SECRETS", "")),
            apps=read_apps(Path(env["PROPERNOUN_APPS"])) if env.get("PROPERNOUN_APPS") else {},
            url=_address(env.get("PROPERNOUN_URL") or "http://127.0.0.1:8765"),
            private=_listed(env.get("PROPERNOUN_PRIVATE", "")),
            lease=_seconds("PROPERNOUN_LEASE", env.get("PROPERNOUN_LEASE") or "120"),
            sweep=_seconds("PROPERNOUN_SWEEP", env.get("PROPERNOUN_SWEEP") or "20"),
            requests=_count("PROPERNOUN_REQUESTS", env.get("PROPERNOUN_REQUESTS") or "600"),
            folders=_listed(env.get("PROPERNOUN_FOLDERS", "")),
            metrics=_is_on("PROPERNOUN_METRICS", env.get("PROPERNOUN_METRICS") or "off"),
        )

    @property
    def features(self) -> Path:
        """The folder of kept features."""
        return self.data / "features"


def parse_risk(text: str) -> float:
    """A share, written as 0.02 or as 2%. Raises Misconfigured for what is none, or is no risk worth the name."""
    try:
        risk = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        risk = -1.0
    if not 0 < risk < 1:
        raise Misconfigured(f"The risk {text!r} is no share between 0 and 1; write 0.02 or 2% for two wrong in 100.")
    return risk


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise Misconfigured(f"PROPERNOUN_URL is {text!r}; write an address like https://tags.example.com.")
    return text.rstrip("/")


def _seconds(name: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise Misconfigured(f"{name} is {text!r}; write seconds, such as 20.")
    return seconds


def _count(name: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1_000_000:
        raise Misconfigured(f"{name} is {text!r}; write a number, such as 600.")
    return int(text)


def _quantisation(text: str) -> Quantisation:
    if text not in list(Quantisation):
        raise Misconfigured(f"PROPERNOUN_QUANTISATION is {text!r}; write {', '.join(Quantisation)}.")
    return Quantisation(text)


def _is_on(name: str, text: str) -> bool:
    if text not in ("on", "off"):
        raise Misconfigured(f"{name} is {text!r}; write on or off.")
    return text == "on"
