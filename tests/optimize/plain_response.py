"""What a plan brings, written again day by day from the docs' formulas, with nothing left out.

Stock: stock(d) = ρ · stock(d − 1) + (1 − ρ) · spend(d). Lag: the same recursion over what the
curves give, spread evenly over a month's days; what has not come by the year's end comes after it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.fakes import FakeScenario
from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from tiermix.core.arrays import Floats


def formula(curve: Curve, x: Floats) -> Floats:
    """A curve's response, from its formula."""
    if curve.family == "hill":
        return np.asarray(
            curve.ceiling * x**curve.shape / (curve.half**curve.shape + x**curve.shape)
        )
    if curve.family == "power":
        return np.asarray(curve.ceiling * (x / curve.half) ** curve.shape)
    assert curve.family == "logistic"
    at = 1 / (1 + np.exp(-curve.shape * (x / curve.half - 1)))
    floor = 1 / (1 + np.exp(curve.shape))
    return np.asarray(curve.ceiling * (at - floor) / (1 - floor))


class PlainYear:
    """Last year, the planned months and a next year like the plan of reference, day by day."""

    def __init__(self, scenario: FakeScenario, curves: ResponseCurves) -> None:
        self.scenario, self.curves = scenario, curves
        self.history, self.planned = len(scenario.history_months), len(scenario.months)
        lasts = any(curve.carry_over for curve in curves.curves)
        tail = scenario.months if lasts else ()
        self.names = (*scenario.history_months, *scenario.months, *tail)
        self.days = [scenario.days_in(name) for name in self.names]

    def outcome(self, kpi: str, spend: Mapping[str, Floats]) -> Floats:
        """A KPI of each planned month and of what comes after [M + 1], base or anchor included."""
        total = np.zeros(self.planned + 1)
        reference = {
            c: np.array(self.scenario.reference_plan.of(c), float) for c in self.scenario.plannable
        }
        for curve in (c for c in self.curves.curves if c.kpi == kpi):
            mine = self._contribution(curve, spend[curve.channel], bool(self._level(kpi)))
            total += mine
            if self._level(kpi):
                total[:-1] -= self._within(curve, reference[curve.channel])
        if self.curves.anchor is not None and kpi in self.curves.anchor.level:
            total[:-1] += self.curves.anchor.level[kpi]
        else:
            total[:-1] += self.curves.base.get(kpi, 0.0)
        return total

    def _level(self, kpi: str) -> bool:
        return self.curves.anchor is not None and kpi in self.curves.anchor.level

    def _effective(self, curve: Curve, money: Floats) -> Floats:
        """Effective spend of every month, money [n] through the stock."""
        prices = [self.scenario.price_index(curve.channel, name) for name in self.names]
        bought = money / np.array(prices)
        return self._through(curve.carry_over, curve.carry_per, bought)

    def _through(self, retention: float, per: str, amounts: Floats) -> Floats:
        stock, sums = 0.0, np.zeros(len(self.names))
        for month, amount in enumerate(amounts):
            steps = self.days[month] if per == "day" else 1
            for _ in range(steps):
                stock = retention * stock + (1 - retention) * amount / steps
                sums[month] += stock
        return sums

    def _money(self, curve: Curve, planned: Floats, *, last: bool) -> Floats:
        money = np.zeros(len(self.names))
        money[self.history : self.history + self.planned] = planned
        if last:
            money[: self.history] = self.scenario.last_year.of(curve.channel)
        after = len(self.names) - self.history - self.planned
        money[len(money) - after :] = self.scenario.reference_plan.of(curve.channel)[:after]
        return money

    def _contribution(self, curve: Curve, planned: Floats, from_level: bool) -> Floats:
        """What a channel brings by planned month, and after the year beyond a year without it."""
        given = formula(curve, self._effective(curve, self._money(curve, planned, last=True)))
        idle = np.zeros(len(self.names))
        idle[self.history + self.planned :] = self.scenario.reference_plan.of(curve.channel)[
            : len(self.names) - self.history - self.planned
        ]
        end = self.history + self.planned
        given[end:] -= formula(curve, self._effective(curve, idle))[end:]
        if from_level or curve.kpi in self.curves.base:
            given[: self.history] = 0.0
        return self._landing(curve, given)

    def _within(self, curve: Curve, planned: Floats) -> Floats:
        """What the reference plan's months bring within the year."""
        given = formula(curve, self._effective(curve, self._money(curve, planned, last=True)))
        given[: self.history] = 0.0
        given[self.history + self.planned :] = 0.0
        return self._landing(curve, given)[:-1]

    def _landing(self, curve: Curve, given: Floats) -> Floats:
        """By planned month, and after the year what cells of the year and later have left."""
        found = np.zeros(self.planned + 1)
        inside = slice(self.history, self.history + self.planned)
        found[:-1] = self._through(curve.lag, curve.carry_per, given)[inside]
        own = given.copy()
        own[: self.history] = 0.0
        came = self._through(curve.lag, curve.carry_per, own)[inside].sum()
        found[-1] = own.sum() - came
        return found
