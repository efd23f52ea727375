"""How much a picture looks like any of the tags: two distances, for two kinds of stranger.

*Distance* to the nearest tag, in the whitened space, finds pictures like no product at all. *Relative Mahalanobis
distance* (Ren et al. 2021) compares it with the distance to the examples taken as one cloud, and finds some of the
look-alikes; it is weak, and nothing is promised on it.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from model_service.recognizers.moments import Floats
from model_service.recognizers.visual import Visual


class Background:
    """All examples of a group as one Gaussian: within-class scatter (the identity, once whitened) plus between."""

    def __init__(self, visual: Visual) -> None:
        self.visual = visual

    def judge(self, white: Floats, scores: Floats) -> tuple[Floats, Floats]:
        """Relative and plain distance of whitened vectors, each (n,).

        The relative one is higher for what is more familiar, the plain one lower.
        """
        length = np.square(white).sum(1)
        distance = length - 2.0 * scores.max(1)
        axes, shrink = self._cloud
        along = white @ axes.T.astype(white.dtype)
        cloud = length - np.square(along) @ shrink
        return cloud - distance, distance / self.visual.span

    @cached_property
    def _cloud(self) -> tuple[Floats, Floats]:
        """Main axes (k, dim) and how much of the squared length along each is explained (k,)."""
        share = self.visual.moments.counts / self.visual.moments.counts.sum()
        spread = self.visual.centres * np.sqrt(share)[:, None]
        if len(spread) <= spread.shape[1]:
            values, basis = np.linalg.eigh(spread @ spread.T)
            kept = values > 1e-9
            axes = (basis[:, kept] / np.sqrt(values[kept])).T @ spread
        else:
            values, basis = np.linalg.eigh(spread.T @ spread)
            kept = values > 1e-9
            axes = basis[:, kept].T
        return axes, values[kept] / (1.0 + values[kept])
