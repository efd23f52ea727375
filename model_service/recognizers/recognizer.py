"""The Recognizer protocol: one technique that learns a group of tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

from model_service.recognizers.moments import Floats


class Recognizer(Protocol):
    """Scikit-learn's shape on a group of tags; immutable once fitted, so it can serve while the next one learns."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The columns of the scores."""
        ...

    def fit(self, vectors: Floats, tags: Sequence[str]) -> Self:
        """Learn from examples: (n, dim) vectors and the tag of each."""
        ...

    def score(self, vectors: Floats) -> Floats:
        """Log-likelihoods up to a constant a row: (n, tags)."""
        ...

    def update(
        self,
        added: tuple[Floats, Sequence[str]] | None = None,
        removed: tuple[Floats, Sequence[str]] | None = None,
    ) -> Self:
        """The recogniser that learning afresh, with these examples more and those fewer, would give."""
        ...

    def state(self) -> dict[str, Floats]:
        """Everything learned, as plain arrays."""
        ...

    def restore(self, state: dict[str, Floats], tags: Sequence[str]) -> Self:
        """The recogniser that gave this state."""
        ...
