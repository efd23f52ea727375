"""The VectorIndex protocol: vectors by asset, near ones first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from model_service.types import Features, Vectors


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One asset as the index keeps it: its features and small facts to filter by (strings only)."""

    asset: str
    features: Features
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Near:
    """An asset and its cosine similarity to what was asked, in [-1, 1]."""

    asset: str
    similarity: float
    region: int
    """which region of the asset it was"""


class VectorIndex(Protocol):
    """The vectors of one partition (a tenant), bound at construction: no call can reach another one."""

    def put(self, entries: Sequence[Entry]) -> None:
        """Store or replace; putting twice is the same as putting once."""
        ...

    def get(self, assets: Sequence[str]) -> dict[str, Entry]:
        """The entries that exist among those asked for."""
        ...

    def near(self, vector: Vectors, limit: int = 10, *, where: Mapping[str, str] | None = None) -> list[Near]:
        """The most similar assets to one vector (dim,), best first, each asset once; ``where`` filters by facts."""
        ...

    def scroll(self, batch: int = 1000) -> Iterator[list[Entry]]:
        """Everything, in batches, each asset exactly once."""
        ...

    def drop(self, assets: Sequence[str]) -> None:
        """Forget these assets; unknown ones are ignored."""
        ...

    def count(self) -> int:
        """How many assets are stored."""
        ...

    def close(self) -> None:
        """Flush and let go of files; the index can be opened again afterwards."""
        ...

    def erase(self) -> None:
        """Forget everything of this partition; the index is closed with that. Twice is the same as once."""
        ...
