"""Whether a channel's clicks per unit of money changed in the year, against the other channels.

    rho = [log e(after) - log e(before)] - median of the same over channels,   e = clicks / money

The median takes away what moves all channels alike: a season, a year in which people need less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.year_review.actuals import Actuals
from tiermix.core.arrays import Bools, Floats

DRIFT = 0.1
"""How far clicks per unit of money wander by themselves, *assumed*: log, one standard deviation."""
LEAST_CHANNELS = 3  # of which a median can be told
LEAST_CLICKS = 5.0  # before the change, in units of their scatter
NORMAL_MEDIAN = 0.4549


@dataclass(frozen=True)
class ClickChanges:
    """`log_ratio` and `error` [C, S]: what changed from each planned month on; not a number where
    nothing can be told."""

    log_ratio: Floats
    error: Floats

    @property
    def z(self) -> Floats:
        """Changes in standard errors [C, S], 0 where nothing can be told."""
        return np.nan_to_num(self.log_ratio / self.error)


def click_changes(actuals: Actuals, after: Bools) -> ClickChanges:
    """The changes of all channels over the splits `after` [S, P]."""
    money = actuals.spend.sum(axis=0)  # [P, C]
    shape = (len(actuals.channels), len(after))
    ratio, variance = np.full(shape, np.nan), np.full(shape, np.nan)
    for c in range(len(actuals.channels)):
        clicks = actuals.clicks[:, c]
        if not (np.isfinite(clicks).all() and clicks.sum() > 0):
            continue
        scatter = _scatter(clicks, money[:, c])
        for s, late in enumerate(after):
            ratio[c, s], variance[c, s] = _split(clicks, money[:, c], late, scatter)
    known = np.isfinite(ratio)
    enough = known.sum(axis=0) >= LEAST_CHANNELS
    ratio[:, ~enough] = np.nan
    common = np.array([_median(split) for split in ratio.T])
    return ClickChanges(ratio - common, np.sqrt(variance + DRIFT**2))


def _median(values: Floats) -> float:
    """The median of what is known; not a number where nothing is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan


def _split(clicks: Floats, money: Floats, late: Bools, scatter: float) -> tuple[float, float]:
    """Log ratio of clicks per money after to before, and its variance."""
    sums = [(clicks[side].sum(), money[side].sum()) for side in (~late, late)]
    if any(paid <= 0 for _, paid in sums) or sums[0][0] < LEAST_CLICKS * scatter:
        return np.nan, np.nan
    before, now = ((k + 0.5 * scatter) / paid for k, paid in sums)
    return float(np.log(now / before)), float(sum(scatter / (k + 0.5 * scatter) for k, _ in sums))


def _scatter(clicks: Floats, money: Floats) -> float:
    """Variance over expectation of a channel's clicks, from steps between neighbouring periods."""
    rate = np.where(money > 0, clicks / np.where(money > 0, money, 1.0), 0.0)
    mean = np.maximum(rate.mean() * money, 1e-9)
    step = np.diff(clicks - mean) ** 2 / (mean[1:] + mean[:-1])
    if len(step) < 4:
        return 1.0
    return max(float(np.median(step)) / NORMAL_MEDIAN, 1.0)
