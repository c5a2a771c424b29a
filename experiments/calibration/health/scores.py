"""Scores of forecasts, and the forecasts of somebody who knows nothing to hold them against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from tiermix.core.arrays import Floats

YEAR = 52
"""Weeks of a year: a seasonal naive forecast is the week of that number earlier."""
LEAST_SPREAD = 1e-12


@dataclass(frozen=True)
class Forecast:
    """Weeks that are foretold: `mean` and standard deviation `spread`, each [h], normal."""

    mean: Floats
    spread: Floats

    def crps(self, seen: Floats) -> Floats:
        """Continuous ranked probability score [h] in the unit of `seen`: 0 is perfect.

        σ (z (2 Φ(z) - 1) + 2 φ(z) - 1/√π) with z = (x - μ)/σ (Gneiting and Raftery 2007, section
        4.2). With a spread of 0 it is the absolute error.
        """
        spread = np.maximum(self.spread, LEAST_SPREAD)
        z = (seen - self.mean) / spread
        density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
        return np.asarray(
            spread * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi))
        )

    def covered(self, seen: Floats, level: float) -> float:
        """Share of weeks that lie in the central interval of this level."""
        reach = float(ndtri(0.5 + level / 2.0)) * self.spread
        return float((np.abs(seen - self.mean) <= reach).mean())


def constant(known: Floats, horizon: int) -> Forecast:
    """The mean of the known weeks, with their spread: a forecast without any knowledge."""
    ones = np.ones(horizon)
    return Forecast(ones * known.mean(), ones * known.std(ddof=1) * (1.0 + 1.0 / len(known)) ** 0.5)


def seasonal(known: Floats, horizon: int) -> Forecast | None:
    """The same weeks of the year before, where the known weeks reach back so far.

    The spread is that of the changes from year to year; with too few of them that of the weeks.
    """
    if len(known) < YEAR or horizon > YEAR:
        return None
    back = known[len(known) - YEAR :][:horizon]
    steps = known[YEAR:] - known[:-YEAR]
    spread = np.sqrt((steps @ steps) / len(steps)) if len(steps) >= YEAR / 2 else known.std(ddof=1)
    return Forecast(back, np.full(horizon, float(spread)))


def worse_by(mine: Floats, others: Floats) -> tuple[float, float]:
    """How much larger one forecast's scores are, relative, and that in its standard errors.

    The test of Diebold and Mariano (1995) on the differences, with their persistence from week to
    week as an autoregression of order 1.
    """
    gap = mine - others
    count = len(gap)
    away = gap - gap.mean()
    size = float(away @ away)
    if size <= 0.0 or count < 3:
        return float(gap.mean() / max(others.mean(), LEAST_SPREAD)), 0.0
    echo = float(np.clip(away[1:] @ away[:-1] / size + 1.0 / count, 0.0, 0.8))
    error = (size / (count - 1) / count * (1.0 + echo) / (1.0 - echo)) ** 0.5
    return float(gap.mean() / max(others.mean(), LEAST_SPREAD)), float(gap.mean() / error)
