"""What a discriminant knows of its examples: counts, means and one pooled within-class scatter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
"""Real numbers of either precision."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Sums that can be added to and taken from exactly: (tags,), (tags, dim) and (dim, dim).

    Adding or removing k examples of one tag changes the scatter by k + 2 outer products, whatever the number of
    tags; double precision keeps thousands of such changes within 1e-9 of counting afresh.
    """

    tags: tuple[str, ...]
    counts: Floats
    sums: Floats
    scatter: Floats

    @classmethod
    def empty(cls, dim: int) -> Self:
        """No tag, no example."""
        return cls((), np.zeros(0), np.zeros((0, dim)), np.zeros((dim, dim)))

    def change(self, vectors: Floats, tags: Sequence[str], *, sign: int) -> Moments:
        """These moments with examples added (sign 1) or removed (sign -1); a tag without examples disappears."""
        if len(tags) == 0:
            return self
        known = {tag: row for row, tag in enumerate(self.tags)}
        fresh = [tag for tag in dict.fromkeys(tags) if tag not in known]
        if fresh and sign < 0:
            raise ValueError(f"{fresh[0]} has no examples to remove")
        known.update({tag: len(self.tags) + place for place, tag in enumerate(fresh)})
        rows = np.array([known[tag] for tag in tags])
        counts = np.concatenate([self.counts, np.zeros(len(fresh))])
        sums = np.concatenate([self.sums, np.zeros((len(fresh), self.sums.shape[1]))])
        touched = np.unique(rows)
        before = _roots(counts[touched], sums[touched])
        np.add.at(counts, rows, sign)
        np.add.at(sums, rows, sign * vectors)
        if counts.min() < 0:
            raise ValueError("more examples removed than there were")
        sums[counts == 0] = 0.0
        after = _roots(counts[touched], sums[touched])
        scatter = self.scatter + sign * (vectors.T @ vectors) + before.T @ before - after.T @ after
        names = (*self.tags, *fresh)
        left = counts > 0
        if left.all():
            return Moments(names, counts, sums, scatter)
        kept = tuple(tag for tag, stays in zip(names, left, strict=True) if stays)
        return Moments(kept, counts[left], sums[left], scatter)

    @property
    def means(self) -> Floats:
        """One mean a tag: (tags, dim)."""
        means: Floats = self.sums / self.counts[:, None]
        return means


def _roots(counts: Floats, sums: Floats) -> Floats:
    """Rows r with rᵀr = sum·sumᵀ / count; a tag without examples gives nothing."""
    roots: Floats = sums / np.sqrt(np.maximum(counts, 1.0))[:, None]
    return roots
