"""What can be set from outside: one frozen dataclass, read once from the environment and passed down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from model_service.errors import Misconfigured


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
    secrets: tuple[str, ...] = ()
    """PROPERNOUN_SECRETS: keys that seal stored tokens, the newest first, separated by commas; empty: a file is made"""

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
            secrets=tuple(key.strip() for key in env.get("PROPERNOUN_SECRETS", "").split(",") if key.strip()),
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
