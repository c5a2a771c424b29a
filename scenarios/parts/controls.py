"""Controls: what is known of every week and moves needs, as a price, a rival or the weather.

Of weeks whose value is not known the same week of the year before is assumed, 52 weeks back: what
returns every year, such as promotions and holidays, stays where the seasons that were fitted beside
it expect it. Before the first known week it is the same week of the year after; where neither is
known, the usual value, which moves nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
from pydantic import Field

from scenarios.parts.base import Part, Positive, Real
from tiermix.core.arrays import Floats

YEAR = 52
"""Weeks after which a value that is not known is assumed to return."""
LARGEST_LOG = 50.0
"""Beyond any factor that a scenario may have: keeps its check from overflowing."""


class Control(Part):
    """Something known of every week that moves needs: a price, a promotion, a rival, the weather.

    In a week of value v needs are multiplied by exp(effect · (v − usual) / unit).
    """

    name: str
    effect: Real = Field(
        0.0, description="added to the log of needs for each `unit` above `usual`; 0 is none"
    )
    usual: Real = Field(0.0, description="the value at which needs are as they are")
    unit: Positive = Field(1.0, description="how much of the value `effect` is for")
    start: dt.date = Field(description="first day of the first week")
    values: tuple[Real | None, ...] = Field(
        min_length=1,
        max_length=1000,
        description="the value of each week; null, and weeks after the last: that of 52 weeks ago",
    )
    source: str = "assumed"

    @property
    def end(self) -> dt.date:
        """The last day whose value is given."""
        last = self.start.toordinal() + 7 * len(self.values) - 1
        return dt.date.fromordinal(min(last, dt.date.max.toordinal()))

    def of_weeks(self, first: int, count: int) -> Floats:
        """Values of `count` weeks from number `first` on, where week 0 begins at `start`."""
        known = [np.nan if value is None else value for value in self.values]
        found = [self._value(known, week) for week in range(first, first + count)]
        return np.where(np.isnan(found), self.usual, found)

    def _value(self, known: list[float], week: int) -> float:
        """A week's own value, that of years before, or of years after; not a number without any."""
        before = range(week, -1, -YEAR)
        after = range(week + YEAR, len(known), YEAR)
        told = (known[w] for w in (*before, *after) if 0 <= w < len(known))
        return next((value for value in told if not np.isnan(value)), np.nan)

    def factors(self, first: dt.date, days: int) -> Floats:
        """The factor on needs of each of the `days` from `first` on."""
        weeks = ((first - self.start).days + np.arange(days)) // 7
        values = self.of_weeks(int(weeks[0]), int(weeks[-1] - weeks[0]) + 1)
        logs = self.effect * (values - self.usual) / self.unit
        by_week = np.exp(np.clip(logs, -LARGEST_LOG, LARGEST_LOG))
        return np.asarray(by_week[weeks - weeks[0]])


def controlled_needs(controls: Iterable[Control], first: dt.date, days: int) -> Floats:
    """The factor of all controls on needs, on each of the `days` from `first` on."""
    factors = np.ones(days)
    for control in controls:
        factors *= control.factors(first, days)
    return factors
