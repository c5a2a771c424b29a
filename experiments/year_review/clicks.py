"""Whether a channel's clicks changed in the year against what it was to bring, and the others.

    rho = [log e(after) - log e(before)] - median of the same over channels,  e = clicks / expected

Expected is what its curve says that its money brings where it is spent, before it arrives later:
more money buys less and less, and stock outlasts it. The median takes away what moves all channels
alike: a season, a year in which people need less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.year_review.actuals import Actuals
from experiments.year_review.expected import scatter
from tiermix.core.arrays import Bools, Floats

DRIFT = 0.1
"""How far clicks wander against what a channel brings, *assumed*: log, one standard deviation."""
SHAPE = 0.5
"""How wrong a curve may be of a step between amounts of money, *assumed*: of the step's log."""
LEAST_CHANNELS = 3  # of which a median can be told
LEAST_CLICKS = 5.0  # before the change, in units of their scatter


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


def click_changes(actuals: Actuals, brought: Floats, after: Bools) -> ClickChanges:
    """The changes of all channels over the splits `after` [S, P].

    `brought` [C, P] is what each channel's money is expected to bring where it is spent.
    """
    shape = (len(actuals.channels), len(after))
    ratio, variance = np.full(shape, np.nan), np.full(shape, np.nan)
    for c in range(len(actuals.channels)):
        clicks = actuals.clicks[:, c]
        if not (np.isfinite(clicks).all() and clicks.sum() > 0):
            continue
        due = brought[c] * clicks.sum() / max(float(brought[c].sum()), 1e-12)
        noise = max(scatter(clicks, due) or 1.0, 1.0)
        for s, late in enumerate(after):
            ratio[c, s], variance[c, s] = _split(clicks, due, late, noise)
    known = np.isfinite(ratio)
    enough = known.sum(axis=0) >= LEAST_CHANNELS
    ratio[:, ~enough] = np.nan
    common = np.array([_median(split) for split in ratio.T])
    return ClickChanges(ratio - common, np.sqrt(variance + DRIFT**2))


def _median(values: Floats) -> float:
    """The median of what is known; not a number where nothing is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan


def _split(clicks: Floats, due: Floats, late: Bools, noise: float) -> tuple[float, float]:
    """Log ratio of clicks per expectation after to before, and its variance."""
    sums = [(clicks[side].sum(), due[side].sum()) for side in (~late, late)]
    if any(one <= 0 for _, one in sums) or min(one for _, one in sums) < LEAST_CLICKS * noise:
        return np.nan, np.nan
    before, now = ((k + 0.5 * noise) / one for k, one in sums)
    step = np.log(due[late].mean() / due[~late].mean())
    chance = sum(noise / (k + 0.5 * noise) for k, _ in sums)
    return float(np.log(now / before)), float(chance + (SHAPE * step) ** 2)
