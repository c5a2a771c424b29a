"""An outcome by region and week, freed of both: what is left for the channels to explain.

    E y_rw = R_r · W_w · (1 + Σ_c b_c · (g_crw − mean)),   Var y_rw = φ · E y_rw

Weeks and regions multiply, so the expectation without channels is row sum times column sum over the
total. Divided by its root, every cell has variance φ, also where most cells count nothing: sales of
a few a week need no logarithm of zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class Relative:
    """Expectations [R, W] without channels, and Pearson residuals `seen` [R·W]."""

    expected: Floats
    seen: Floats

    @classmethod
    def of(cls, outcome: Floats) -> Relative:
        """From an outcome [R, W] that is nowhere negative."""
        rows, columns = outcome.sum(axis=1), outcome.sum(axis=0)
        expected = np.outer(rows, columns) / max(float(outcome.sum()), 1e-300)
        root = np.sqrt(np.maximum(expected, 1e-300))
        seen = np.where(expected > 0, (outcome - expected) / root, 0.0)
        return cls(expected, seen.ravel())

    def design(self, responses: Floats) -> Floats:
        """Regressors [K, R·W] free of region and week means, as the outcome is, from [K, R, W]."""
        weight = self.expected / max(float(self.expected.sum()), 1e-300)
        by_week, by_region = weight.sum(axis=0), weight.sum(axis=1)
        weighted = weight * responses
        week = weighted.sum(axis=1) / np.where(by_week > 0, by_week, 1.0)
        region = weighted.sum(axis=2) / np.where(by_region > 0, by_region, 1.0)
        whole = weighted.sum(axis=(1, 2))
        free = responses - week[:, None, :] - region[:, :, None] + whole[:, None, None]
        return np.asarray((free * np.sqrt(self.expected)).reshape(len(responses), -1))

    @property
    def freedom(self) -> int:
        """Cells that regions and weeks leave free."""
        there = self.expected > 0
        return max(int((there.any(axis=1).sum() - 1) * (there.any(axis=0).sum() - 1)), 1)

    def widened(self, designs: Floats) -> float:
        """How much more noise there is in what lasts, since successive weeks have it in common.

        By the first autocorrelation of what regressors [N, R·W] leave, (1 + ρ) / (1 − ρ).
        """
        x = designs.T
        left = self.seen - x @ np.linalg.lstsq(x, self.seen, rcond=None)[0]
        table = left.reshape(self.expected.shape)
        echo = float((table[:, 1:] * table[:, :-1]).sum() / max((table**2).sum(), 1e-300))
        echo = min(max(echo, 0.0), 0.9)
        return (1 + echo) / (1 - echo)
