"""A host in a person's hand, and what every part of the suite stands on."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from PIL import Image

from connector_core import manifest
from connector_core.apps import App
from connector_core.connector import Connector, Spells
from connector_core.types import Hook

Trouble = Literal["busy", "down", "broken", "lost", "expired", "revoked"]


def picture(colour: int = 0, *, size: int = 24) -> bytes:
    """A small PNG; another colour, other bytes."""
    out = io.BytesIO()
    Image.new("RGB", (size, size), (colour * 37 % 256, colour * 91 % 256, 60)).save(out, "PNG")
    return out.getvalue()


class Platform(ABC):
    """A host as people use it, by other means than the connector under test: a twin, a real account, a real tool.

    What only some hosts can do says whether it was done; where it was not, the test is skipped.
    """

    @abstractmethod
    def connect(self, *, page: int = 100, max_bytes: int = 2**20) -> Connector:
        """The same account anew, as after a restart."""

    @abstractmethod
    def put(self, name: str, data: bytes) -> str:
        """Upload a picture, or overwrite the one of this name; its id. A name may have folders in it."""

    @abstractmethod
    def rename(self, asset_id: str, name: str) -> str:
        """Rename or move; the id that it has from now on."""

    @abstractmethod
    def remove(self, asset_id: str) -> None:
        """Delete."""

    @abstractmethod
    def rename_folder(self, name: str, to: str) -> None:
        """Rename a folder with all that is in it."""

    @abstractmethod
    def remove_folder(self, name: str) -> None:
        """Delete a folder with all that is in it."""

    @abstractmethod
    def tag(self, asset_id: str, name: str) -> None:
        """A person adds a tag."""

    @abstractmethod
    def untag(self, asset_id: str, name: str) -> None:
        """A person takes a tag away."""

    @abstractmethod
    def tags(self, asset_id: str) -> set[str]:
        """What the host shows."""

    @abstractmethod
    def forget_cursors(self) -> None:
        """The host no longer knows any cursor that it gave."""

    def blank_pages(self, count: int) -> bool:
        """From now on so many empty pages come before each that has something."""
        return False

    def stand_still(self) -> bool:
        """The next later page is empty and its cursor the one that was handed in, though there is more."""
        return False

    def trouble(self, what: Trouble) -> bool:
        """Something goes wrong.

        ``busy``: the next write is told to wait · ``down``: the next calls are answered with errors · ``broken``: the
        next download breaks off · ``lost``: the next write is done, and its answer does not arrive · ``expired``: the
        access token has ended, and there is a new one · ``revoked``: the person took our authorisation away.
        """
        return False

    def writes(self) -> Sequence[tuple[str, str]]:
        """Every write that the host accepted, as it names it; the same one twice was written twice."""
        return ()

    def hook(self, *, secret: str | None = None) -> tuple[App, Hook, str] | None:
        """Our app, a call of the host about this account, and the account; a ``secret`` is a forger's."""
        return None


class Suite:
    """What every part of the suite has: a host by name, and a platform."""

    host: ClassVar[str]
    renames_keep_ids: ClassVar[bool] = False

    @pytest.fixture
    def platform(self, tmp_path: Path) -> Iterator[Platform]:
        raise NotImplementedError

    def shown(self, *names: str) -> set[str]:
        """How the host shows these names."""
        return {self.word(name) for name in names}

    def word(self, name: str) -> str:
        """How the host shows this name."""
        known = self.known()
        return known.spell(name) if issubclass(known, Spells) else name

    def known(self) -> type[Connector]:
        """The class under test."""
        return manifest.connector_class(self.host)


def need(is_done: object, what: str) -> None:
    """Skip where the host has no such thing."""
    if not is_done:
        pytest.skip(f"this host {what}")
