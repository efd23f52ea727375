"""Fisher vectors: how the local descriptors of one picture differ from those of pictures in general."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Mixture:
    """Descriptors in general: their principal components, and a mixture of Gaussians of those and of the place."""

    mean: Floats
    """(length,) of descriptors"""
    components: Floats
    """(length, d): descriptors times it are the principal components, scaled"""
    place: Floats
    """(1,): what places are multiplied with before they are appended"""
    weights: Floats
    """(k,) summing to 1"""
    centres: Floats
    """(k, d + 2)"""
    variances: Floats
    """(k, d + 2)"""

    @classmethod
    def read(cls, tensors: Mapping[str, NDArray[np.generic]], name: str) -> Mixture:
        """The mixture stored under ``name``."""
        return cls(**{field.name: tensors[f"{name}.{field.name}"].astype(np.float32) for field in fields(cls)})

    def reduce(self, descriptors: Floats, places: Floats) -> Floats:
        """(n, d + 2): principal components with the weighted place behind them."""
        return np.concatenate([(descriptors - self.mean) @ self.components, places * self.place], axis=1)

    def fisher(self, descriptors: Floats, places: Floats) -> Floats:
        """The Fisher vector (2 k (d + 2),): gradients by the centres, then by the deviations; signed root, length 1.

        After Perronnin, Sanchez and Mensink, "Improving the Fisher kernel" (2010).
        """
        points = self.reduce(descriptors, places)
        squares = points * points
        shares = self._shares(points, squares)
        total = shares.sum(axis=0)[:, None]
        first, second = shares.T @ points, shares.T @ squares
        by_centre = (first - self.centres * total) / np.sqrt(self.variances)
        spread = second - 2 * self.centres * first + self.centres * self.centres * total
        by_deviation = (spread / self.variances - total) / np.sqrt(np.float32(2))
        scale = len(points) * np.sqrt(self.weights)[:, None]
        raw = np.concatenate([(by_centre / scale).ravel(), (by_deviation / scale).ravel()])
        rooted = np.sign(raw) * np.sqrt(np.abs(raw))
        vector: Floats = rooted / np.maximum(np.linalg.norm(rooted), np.float32(1e-12))
        return vector

    def _shares(self, points: Floats, squares: Floats) -> Floats:
        """(n, k): how much each point belongs to each Gaussian."""
        by_square, by_point, constant = self._parts
        shares: Floats = squares @ by_square
        shares += points @ by_point
        shares += constant
        shares -= shares.max(axis=1, keepdims=True)
        np.exp(shares, out=shares)
        shares /= shares.sum(axis=1, keepdims=True)
        return shares

    @cached_property
    def _parts(self) -> tuple[Floats, Floats, Floats]:
        """The logarithm of the Gaussians as a polynomial of the point."""
        exact = 1 / self.variances.astype(np.float64)
        centres = self.centres.astype(np.float64)
        constant = np.log(self.weights) - 0.5 * ((centres * centres * exact) - np.log(exact)).sum(axis=1)
        parts = (-0.5 * exact.T, (centres * exact).T, constant)
        by_square, by_point, rest = (part.astype(np.float32) for part in parts)
        return by_square, by_point, rest
