"""The fitted market's weeks without the noise of its few customers.

What a market can do to the weeks of a history is what moves them in the auxiliary regression:
level, seasons, controls, media, and growth. The rest of its weeks is noise, but for what no column
of the regression has. So they are projected on it, and the rest is kept as far as it is larger than
what markets differ by that differ in luck alone: the positive part of James and Stein (1961).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from experiments.calibration.history import History
from experiments.calibration.market import as_history
from experiments.calibration.moments import conversions_of
from experiments.calibration.problem import Problem
from experiments.calibration.years import levelled
from sim import WeeklyCounts
from tiermix.core.arrays import Floats


def smoothed(problem: Problem, answer: History, noise: float) -> tuple[History, float]:
    """A mean of markets without its noise, of variance `noise` a week; which part of it is left."""
    basis = conversions_of(problem.base, problem.history).basis
    weeks, columns = basis.shape
    kept = _kept(basis, answer.conversions, noise)
    orders, revenue = (
        np.maximum(_drawn(basis, figures, kept), 0.0)
        for figures in (answer.conversions, answer.revenue)
    )
    left = columns / weeks + kept**2 * (1.0 - columns / weeks)
    return replace(answer, conversions=orders, revenue=revenue), float(np.sqrt(left))


def weekly_noise(problem: Problem, markets: Sequence[WeeklyCounts]) -> float:
    """Variance of a week's conversions in one market, between markets that differ in luck alone."""
    seen = [
        levelled(as_history([market], problem.history, problem.base), problem.history)
        for market in markets
    ]
    return float(np.var([one.conversions for one in seen], axis=0, ddof=1).mean())


def _drawn(basis: Floats, values: Floats, kept: float) -> Floats:
    """Values drawn towards what the basis explains of them."""
    explained = basis @ (basis.T @ values)
    return np.asarray(explained + kept * (values - explained))


def _kept(basis: Floats, orders: Floats, noise: float) -> float:
    """Share of what the basis leaves that is no noise of that variance a week."""
    left = orders - basis @ (basis.T @ orders)
    expected = (len(orders) - basis.shape[1]) * noise
    size = float(left @ left)
    return max(1.0 - expected / size, 0.0) if size > 0 else 0.0
