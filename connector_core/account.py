"""What a connector is opened with: an authorised account, the road to its host, and what the core remembers for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from connector_core.apps import App
from connector_core.http import Http


class Ledger(Protocol):
    """The words that we wrote to an account: for hosts that have no place of their own to remember it."""

    def rows(self, asset_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """By asset, what we wrote or were about to write: our name of the tag, and the host's word for it."""
        ...

    def put(self, asset_id: str, words: Mapping[str, str]) -> None:
        """Note names and words before the host is called, so that a crash never makes ours look like a person's."""
        ...

    def drop(self, asset_id: str, names: Sequence[str]) -> None:
        """The asset no longer shows these because of us."""
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """A tenant's authorised account on a host."""

    settings: Mapping[str, str]
    """of the connection: what to follow, and what the host told us of itself"""
    http: Http = field(repr=False)
    ledger: Ledger = field(repr=False)
    app: App = field(repr=False, default_factory=App)
