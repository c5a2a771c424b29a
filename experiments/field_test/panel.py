"""Regions by dates: what a company saw of its own test, and the panels of placebo tests in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tiermix.core.arrays import Bools, Floats


@dataclass(frozen=True, eq=False)
class Panel:
    """Outcomes [R, T] of R regions on T dates, of which the first `before` precede the test.

    The test lasts from there to the last date in the regions that are `treated` [R]; `spend`
    [R, T] is that of the tested channel, where it is known.
    """

    outcome: Floats
    treated: Bools
    before: int
    spend: Floats | None = None

    @property
    def days(self) -> int:
        """Dates of the test."""
        return int(self.outcome.shape[1]) - self.before

    @property
    def mean_before(self) -> Floats:
        """Each region's mean outcome of a date before the test [R]."""
        return np.asarray(self.outcome[:, : self.before].mean(axis=1))

    @property
    def observed(self) -> float:
        """Outcome of the treated regions in the test."""
        return float(self.outcome[self.treated, self.before :].sum())

    def earlier(self, dates: int) -> Panel:
        """The same test so many dates earlier: all that came after it is left out."""
        last = self.outcome.shape[1] - dates
        spend = None if self.spend is None else self.spend[:, :last]
        outcome, before = self.outcome[:, :last], self.before - dates
        return replace(self, outcome=outcome, before=before, spend=spend)

    def elsewhere(self, treated: Bools) -> Panel:
        """Controls alone, some of which [N0] pretend to be treated; money tells nothing then."""
        return replace(self, outcome=self.outcome[~self.treated], treated=treated, spend=None)
