"""Difference-in-differences of growth: each region's mean in the test over its mean before.

Dates are collapsed into before and after, so that their memory does no harm (Bertrand, Duflo and
Mullainathan 2004); regions are the observations (Donald and Lang 2007). Growth, since regions of
unlike size share a trend in proportion and not in amount. Small regions vary more: the variance of
growth is a + b / size, fitted to the controls (Ferman and Pinto 2019).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from experiments.field_test.estimate import Estimate, NotApplicable, by_student
from experiments.field_test.panel import Panel
from tiermix.core.arrays import Floats

LEAST_CONTROLS = 4
STILL = 1e-9
"""Difference of growth that is rounding, in proportion."""


def difference_in_differences(panel: Panel, *, interval: bool = True) -> Estimate:
    """Growth of the treated regions less that of the controls, times what they had before."""
    del interval  # it costs nothing
    size, treated = panel.mean_before, panel.treated
    if (~treated).sum() < LEAST_CONTROLS:
        raise NotApplicable(f"it needs {LEAST_CONTROLS} controls or more to see how regions vary")
    growth = panel.outcome[:, panel.before :].mean(axis=1) / size
    if np.ptp(growth[~treated]) <= STILL * abs(float(growth[~treated].mean())):
        raise NotApplicable("all controls grow alike, so that nothing tells how regions vary")
    usual = size.mean() / size
    spread = _variances(growth[~treated], usual[~treated])
    weight = 1.0 / spread(usual[~treated])
    weight /= weight.sum()
    mine = size[treated] / size[treated].sum()
    level = float(weight @ growth[~treated])
    variance = mine**2 @ spread(usual[treated]) + weight**2 @ spread(usual[~treated])
    scale = size[treated].sum() * panel.days
    gained = float(mine @ growth[treated]) - level
    freedom = float((~treated).sum() - 1)
    return by_student(gained * scale, float(np.sqrt(variance)) * scale, freedom, level * scale)


class _variances:  # noqa: N801 - used as a function
    """Variance of growth by 1 / size, scaled so that controls' residuals have it on average."""

    def __init__(self, growth: Floats, inverse: Floats) -> None:
        squares = (growth - growth.mean()) ** 2
        columns = np.column_stack([np.ones_like(inverse), inverse])
        found, _ = nnls(columns, squares)
        floor = 0.05 * squares.mean()
        shape = np.maximum(columns @ found, floor)
        centre = (growth / shape).sum() / (1 / shape).sum()
        over = ((growth - centre) ** 2 / shape).sum() / (len(growth) - 1)
        self.found, self.floor = found * over, floor * over

    def __call__(self, inverse: Floats) -> Floats:
        return np.asarray(np.maximum(self.found[0] + self.found[1] * inverse, self.floor))
