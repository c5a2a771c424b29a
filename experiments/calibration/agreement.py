"""How far a fitted market and a history agree, and how well a market of this size could tell.

A fit that is worse than a constant agrees with nothing, whatever its own test of moments says: the
noise of that test is what the fit leaves, and a market that is too coarse leaves much.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.calibration.history import History
from scenarios import Scenario
from tiermix.core.arrays import Floats

FIGURES = ("spend", "impressions", "clicks")
FAR = 0.1
"""A channel's figure that the fitted market misses by more than this is named."""
LEVEL = 0.25
"""All orders together that are missed by more than this are those of another market."""
SAME = 1e-9
"""Weeks that differ by less than this part of themselves are all the same."""
QUIET = 0.5
"""A market tells weeks apart when its own noise is at most this part of the history's."""


def error(real: Floats, fitted: Floats) -> float:
    """Absolute error of weeks over their sum: weeks without conversions are no trouble."""
    return float(np.abs(real - fitted).sum() / max(real.sum(), 1e-12))


def r_squared(real: Floats, fitted: Floats, away: Floats | None = None) -> float:
    """1 less squared errors over those of the mean: below 0 a constant does better.

    `away` is what the weeks lack of their constant, where that is another one than their mean. Of
    weeks that are all the same nothing can be explained: 0, as scikit-learn has it, or 1 if they
    are met.
    """
    away = real - real.mean() if away is None else away
    left, moved = (float(np.linalg.norm(x)) for x in (real - fitted, away))
    least = SAME * float(np.linalg.norm(real))
    if moved <= least:
        return 1.0 if left <= least else 0.0
    return 1.0 - (left / moved) ** 2


def orders_a_week(fitted: Floats, scenario: Scenario, customers: int) -> float:
    """Orders of one simulated market in a week: people's orders over the people each stands for."""
    return float(fitted.mean()) * customers / scenario.market_size


def wandering(real: Floats) -> float:
    """How much a history changes from week to week, relative: its noise and nothing slower."""
    steps = np.diff(real)
    return float(np.sqrt((steps @ steps) / (2 * len(steps))) / max(real.mean(), 1e-12))


def needed_customers(orders: float, customers: int, real: Floats) -> int:
    """Customers whose noise, 1/√orders a week, is at most half of what the history shows."""
    least = 1.0 / (QUIET * max(wandering(real), 1e-3)) ** 2
    return int(np.ceil(customers * least / max(orders, 1e-9) / 1000)) * 1000


def channel_rows(real: History, fitted: History) -> list[dict[str, Any]]:
    """`channel, figure, observed, fitted, ratio` of what the history tells of each channel."""
    rows = []
    for c, name in enumerate(real.channels):
        for figure in FIGURES:
            mine = getattr(real, figure)[:, c]
            if not np.isfinite(mine).all() or mine.sum() <= 0:
                continue
            sums = float(mine.sum()), float(getattr(fitted, figure)[:, c].sum())
            shown = {"channel": name, "figure": figure, "observed": sums[0], "fitted": sums[1]}
            rows.append({**shown, "ratio": sums[1] / sums[0]})
    return rows


def market_ratio(real: Floats, fitted: Floats, needs: float) -> float:
    """Orders of the company over those of the base market: what the fit made up for in `needs`."""
    return needs * float(real.sum()) / max(float(fitted.sum()), 1e-12)
