"""Cells of time that effects reach over: last year, the planned months, what comes after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimize.curves import carry_over
from optimize.curves.curve import StockKey
from optimize.errors import AllocationError
from optimize.model.protocols import Planning
from scenarios import MediaPlan
from scenarios import plan_periods as periods
from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class Effective:
    """Effective spend of a lane over cells [n]: `fixed` + `weights` [n, M] @ planned spend [M].

    Programs follow `kept` of the weights, and bound the rest by the largest that is cut.
    """

    stock_key: StockKey
    weights: Floats
    fixed: Floats

    @cached_property
    def kept(self) -> Floats:
        """The weights that programs follow [n, M]."""
        return carry_over.kept(self.weights)

    def missed(self, most: float) -> Floats:
        """What the other weights add at most [n], for plans that spend no more than `most`."""
        cut: Floats = (self.weights - self.kept).max(axis=1, initial=0.0) * most
        return cut

    def top(self, most: float) -> Floats:
        """The largest effective spend [n] that plans of at most `most` can make."""
        highest: Floats = self.fixed + self.weights.max(axis=1, initial=0.0) * most
        return highest


class Calendar:
    """History, planned year and (where effects `last`) the year after, as one row of cells.

    `calendar_month` is the planned month that a cell stands for, `after` marks the cells after the
    year, `lengths` [M] are the planned periods' in months: 1, and less for weeks.
    """

    def __init__(self, scenario: Planning, lasts: bool) -> None:
        self.scenario, self.months = scenario, tuple(scenario.months)
        self.history = len(scenario.history_months)
        planned = len(self.months)
        tail = planned if lasts else 0
        self.after = np.arange(self.history + planned + tail) >= self.history + planned
        places = np.arange(len(self.after)) - self.history
        self.calendar_month = places % planned
        self.names = (*scenario.history_months, *self.months, *self.months[:tail])
        self._known: dict[StockKey, Effective] = {}
        self._stocks: dict[StockKey, Floats] = {}
        self.days = np.array([scenario.days_in(name) for name in self.names])
        planned_days = self.days[self.history : self.history + planned]
        self.lengths = periods.lengths(self.months, planned_days)

    def stock(self, stock_key: StockKey) -> Floats:
        """Weights [n, n] of every cell's spend in every cell's effective spend, prices included."""
        if stock_key not in self._stocks:
            self._stocks[stock_key] = self._stock(*stock_key)
        return self._stocks[stock_key]

    def _stock(self, channel: str, retention: float, per: str) -> Floats:
        weights = carry_over.stock(retention, per, self.days)
        prices = np.array([self.scenario.price_index(channel, name) for name in self.names])
        stock: Floats = weights / prices[None, :]
        return stock

    def lag(self, retention: float, per: str) -> Floats:
        """With which weights [M + 1, n] cells' responses count in planned months and after them."""
        return carry_over.lag(
            carry_over.stock(retention, per, self.days), len(self.months), self.history
        )

    def effective(self, stock_key: StockKey) -> Effective:
        """What the planned months add, on top of last year and of a next year that goes on."""
        if stock_key not in self._known:
            self._known[stock_key] = self._effective(stock_key)
        return self._known[stock_key]

    def _effective(self, stock_key: StockKey) -> Effective:
        weights, planned = (
            self.stock(stock_key),
            slice(self.history, self.history + len(self.months)),
        )
        known = np.zeros(len(self.names))
        known[: self.history] = row_of(
            self.scenario.last_year, stock_key[0], self.scenario.history_months
        )
        known[self.after] = self._next_year(stock_key[0])
        return Effective(stock_key, weights[:, planned], weights @ known)

    def going_on(self, stock_key: StockKey) -> Floats:
        """Effective spend of the next year on its own, without what this year leaves to it."""
        own = np.zeros(len(self.after))
        own[self.after] = self._next_year(stock_key[0])
        effective: Floats = self.stock(stock_key) @ own
        return effective

    def on_grid(self, plan: MediaPlan) -> MediaPlan:
        """A plan by the planned periods; a monthly one has the same money on each day of a month.

        Raises `AllocationError` for a plan that lacks planned months.
        """
        if set(self.months) <= set(plan.months):
            return plan
        if set(map(periods.month_of, self.months)) <= set(plan.months):
            return plan.spread(self.months, self.lengths)
        raise AllocationError(
            f"the plan is for {plan.months[0]} to {plan.months[-1]}, planned are "
            f"{self.months[0]} to {self.months[-1]}; give money for these. A plan by week is given "
            "by month as `plan.monthly`."
        )

    def _next_year(self, channel: str) -> Floats:
        reference = row_of(self.scenario.reference_plan, channel, self.months)
        return reference[: int(self.after.sum())]


def row_of(plan: MediaPlan, channel: str, months: tuple[str, ...]) -> Floats:
    """A channel's money in these months [M], zeros when the plan does not know it."""
    if channel not in plan.channels:
        return np.zeros(len(months))
    where = [plan.months.index(month) for month in months]
    row: Floats = plan.of(channel)[where]
    return row
