"""The Connector protocol: three verbs that every host can do, and the optional abilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from connector_core.account import Account
from connector_core.apps import App
from connector_core.types import Asset, Edits, Heard, Hook, Identity, Page, Tag, Written
from model_service.errors import TaggingError


@runtime_checkable
class Connector(Protocol):
    """A tenant's account on a host. Optional abilities are declared by writing the method."""

    @classmethod
    def open(cls, account: Account) -> Self:
        """The connector of an account; nothing is asked of the host yet. Raises Misconfigured."""
        ...

    def changes(self, cursor: str = "") -> Page:
        """What changed since ``cursor``; an empty cursor means everything."""
        ...

    def download(self, asset: Asset, to: Path) -> None:
        """Write the bytes of the asset to ``to``, size-capped. Raises Gone, Unreadable."""
        ...

    def retag(self, asset_id: str, *, add: Set[Tag], remove: Set[Tag]) -> Written:
        """Add and remove tags in the host's native metadata, leaving every other tag alone.

        Doing it twice is the same as doing it once, and only what we wrote is ever removed.
        """
        ...


@runtime_checkable
class ReportsEdits(Protocol):
    """Hosts that can say what people changed: an added tag is a yes, a removed one a no."""

    def edits(self, assets: Sequence[Asset]) -> Mapping[str, Edits]:
        """By id, what people changed of each since our last write; those that are gone or unreadable are left out.

        Of the assets only the ids must be right; a path saves asking where each of them lies.
        """
        ...


@runtime_checkable
class Spells(Protocol):
    """Hosts that cannot show every name as it is."""

    @staticmethod
    def spell(name: str) -> str:
        """The word that the host shows for a name. Spelled once more it stays the same."""
        ...


@runtime_checkable
class Previews(Protocol):
    """Hosts that give a small picture of a large file: a rendition is kept, so the original need not travel."""

    def preview(self, asset: Asset, to: Path, size: int) -> None:
        """Write a picture of the asset, at most ``size`` pixels a side, to ``to``.

        Raises Skip where the host has none of it (the original is downloaded then), Gone.
        """
        ...


@runtime_checkable
class Introduces(Protocol):
    """Hosts with accounts: whoever authorised us is asked who they are."""

    def introduce(self) -> Identity:
        """Whose account it is, and what the host told of it that is worth keeping."""
        ...


@runtime_checkable
class Pushes(Protocol):
    """Hosts that call when something changed."""

    @classmethod
    def hear(cls, app: App, hook: Hook) -> Heard:
        """What a call says. Raises BadSignature before anything of it is read, if it is not the host's."""
        ...


@runtime_checkable
class Opens(Protocol):
    """Hosts from which people come to us with a file in hand."""

    def opened(self, query: Mapping[str, str]) -> str:
        """The id of the asset that a person wants to see, looked up with the person's own account.

        The query is anybody's word. Raises Gone where the account cannot see such a file.
        """
        ...


ABILITIES: tuple[type, ...] = (Introduces, Opens, Previews, Pushes, ReportsEdits, Spells)
"""Every optional ability; a manifest names those that its connector has."""


def walk(connector: Connector, cursor: str = "") -> Iterator[Page]:
    """Every page from ``cursor`` on. Refuses a cursor that does not move: it would never end."""
    while True:
        page = connector.changes(cursor)
        yield page
        if not page.more:
            return
        if page.cursor == cursor:
            raise TaggingError(
                f"{type(connector).__name__} answered the same cursor twice; stopped reading its changes."
            )
        cursor = page.cursor
