"""Outlook: what a plan brings according to curves, on the true curves, with numpy alone.

The program of `program.py` is built from the same parts, and every plan is judged here again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimize import families, kernels
from optimize.ask import Planning
from optimize.curve import Curve, Lane
from optimize.curves import Anchor, ResponseCurves
from optimize.errors import AllocationError
from optimize.families import Cells
from scenarios.plan import MediaPlan

Array = NDArray[np.float64]
REMEMBERED = 1e-4  # of an effect: what is left of it later than this is not followed


@dataclass(frozen=True)
class Effective:
    """Effective spend of a lane over cells [n]: `fixed` + `weights` [n, M] @ planned spend [M]."""

    lane: Lane
    weights: Array
    fixed: Array


@dataclass(frozen=True)
class Effect:
    """A channel's response for one KPI over its lane's cells.

    `cells` are the curves [n]; `floor` [n] is taken off (what would come anyway, after the year);
    `spread` [M + 1, n] says to which month each cell's response counts, the last row being "after".
    """

    kpi: str
    lane: Lane
    cells: Cells
    floor: Array
    spread: Array


class Outlook:
    """Scenario and curves put together: what each plan over the planned months brings.

    `channels` are the plannable ones [C] and `months` the planned ones [M]; money of channels that
    cannot be planned stays as in the reference plan (`fixed_spend` [M]). Raises `AllocationError`
    when a plannable channel has no curve at all, or curves are for other months.
    """

    def __init__(self, scenario: Planning, curves: ResponseCurves) -> None:
        self.scenario, self.curves = scenario, curves
        self.channels, self.months = tuple(scenario.plannable), tuple(scenario.months)
        _check_grid(self.channels, self.months, curves)
        self.tiers = {channel.name: channel.tier for channel in scenario.channels}
        self.calendar = _Calendar(scenario, curves)
        self.fixed_spend = _fixed_spend(scenario)

    @cached_property
    def lanes(self) -> dict[Lane, Effective]:
        """Effective spend of every lane that a curve of a plannable channel reads."""
        mine = dict.fromkeys(c.lane for c in self.curves.curves if c.channel in self.channels)
        return {lane: self.calendar.effective(lane) for lane in mine}

    @cached_property
    def effects(self) -> dict[str, list[Effect]]:
        """Per KPI the responses of the plannable channels."""
        found: dict[str, list[Effect]] = {kpi: [] for kpi in self.curves.kpis}
        for kpi in found:
            for channel in self.channels:
                curves = [self.curves.get(channel, kpi, m) for m in self.months]
                known = [curve for curve in curves if curve is not None]
                if known:
                    found[kpi].append(self._effect(kpi, known))
        return found

    def _effect(self, kpi: str, curves: list[Curve]) -> Effect:
        first = curves[0]
        if any((c.lane, c.lag) != (first.lane, first.lag) for c in curves):
            raise AllocationError(
                f"{first.channel} has different carry-over or lag in different months for {kpi}; "
                "use one for the year."
            )
        calendar = self.calendar
        cells = families.stack([curves[i].cells for i in calendar.namesake])
        floor = np.where(calendar.after, cells.value(calendar.going_on(first.lane)), 0.0)
        spread = kernels.lag(first.lag, len(self.months), len(cells.ceiling), calendar.history)
        if kpi in self.curves.base or (self.curves.anchor and kpi in self.curves.anchor.level):
            spread = np.where(np.arange(spread.shape[1]) < calendar.history, 0.0, spread)
        return Effect(kpi, first.lane, cells, floor, spread)

    @cached_property
    def constants(self) -> dict[str, Array]:
        """Per KPI what no plannable spend causes, by month and after the year [M + 1]."""
        size = len(self.months)
        lags = {curve.lag for curve in self.curves.curves}
        spread = {lag: kernels.lag(lag, size, size, 0) for lag in lags}
        kpis = dict.fromkeys([*self.curves.kpis, *self.curves.base])
        return {kpi: np.append(self.curves.constant(kpi, spread), 0.0) for kpi in kpis}

    def kpi(self, kpi: str, spend: Array, tier: int | None = None) -> Array:
        """A KPI under a plan [C, M], by month and after the year [M + 1].

        With `tier` only what that tier's channels bring, from zero.
        """
        total = np.zeros(len(self.months) + 1) if tier else self.constants[kpi].copy()
        for effect in self.effects.get(kpi, []):
            if tier in (None, self.tiers[effect.lane[0]]):
                x = self.effective(effect.lane, spend)
                total += effect.spread @ (effect.cells.value(x) - effect.floor)
        return total

    def gradient(self, kpi: str, spend: Array, months: Array) -> Array:
        """Derivative [C, M] of Σ months · KPI, with weights `months` [M + 1], in the spend."""
        slope = np.zeros((len(self.channels), len(self.months)))
        for effect in self.effects.get(kpi, []):
            x = self.effective(effect.lane, spend)
            weight = (months @ effect.spread) * effect.cells.slope(x)
            slope[self.channels.index(effect.lane[0])] += weight @ self.lanes[effect.lane].weights
        return slope

    def effective(self, lane: Lane, spend: Array) -> Array:
        """A lane's effective spend over its cells under a plan [C, M]."""
        kernel = self.lanes[lane]
        x: Array = kernel.fixed + kernel.weights @ spend[self.channels.index(lane[0])]
        return np.maximum(x, 0.0)

    def spend_of(self, plan: MediaPlan) -> Array:
        """A plan's money on the grid [C, M] of this outlook."""
        return np.array([_row(plan, name, self.months) for name in self.channels])

    def plan_of(self, spend: Array) -> MediaPlan:
        """The whole media plan: planned money, and the money of channels that are not planned."""
        plan = MediaPlan(self.channels, self.months, np.maximum(spend, 0.0))
        reference = self.scenario.reference_plan
        for name in reference.channels:
            if name not in self.channels:
                plan = plan.with_channel(name, _row(reference, name, self.months))
        return plan

    def total_spend(self, spend: Array) -> Array:
        """All money by month [M], that of channels that are not planned included."""
        months: Array = spend.sum(axis=0) + self.fixed_spend
        return months


def anchored(
    curves: ResponseCurves, scenario: Planning, level: Mapping[str, Array]
) -> ResponseCurves:
    """The curves tied to the scenario's reference plan, where each KPI had `level` by month [M]."""
    calendar = _Calendar(scenario, curves)
    effective = {}
    for lane in dict.fromkeys(curve.lane for curve in curves.curves):
        kernel = calendar.effective(lane)
        spend = _row(scenario.reference_plan, lane[0], calendar.months)
        inside = slice(calendar.history, calendar.history + len(calendar.months))
        effective[lane] = (kernel.fixed + kernel.weights @ spend)[inside]
    return replace(curves, anchor=Anchor(effective, dict(level)))


class _Calendar:
    """History, planned year and what comes after, as one row of cells."""

    def __init__(self, scenario: Planning, curves: ResponseCurves) -> None:
        self.scenario, self.months = scenario, tuple(scenario.months)
        self.history = len(scenario.history_months)
        planned = len(self.months)
        tail = planned if any(curve.carry_over for curve in curves.curves) else 0
        self.after = np.arange(self.history + planned + tail) >= self.history + planned
        places = np.arange(len(self.after)) - self.history
        self.namesake = places % planned
        self.names = (*scenario.history_months, *self.months, *self.months[:tail])
        self.days = np.array([scenario.days_in(name) for name in self.names])

    def stock(self, lane: Lane) -> Array:
        """Weights [n, n] of every cell's spend in every cell's effective spend, prices included."""
        channel, retention, per = lane
        size = len(self.names)
        weights = (
            kernels.daily_stock(retention, self.days)
            if per == "day"
            else kernels.monthly_stock(retention, size)
        )
        weights[weights < REMEMBERED * weights.max()] = 0.0
        prices = np.array([self.scenario.price_index(channel, name) for name in self.names])
        stock: Array = weights / prices[None, :]
        return stock

    def effective(self, lane: Lane) -> Effective:
        """What the planned months add, on top of last year and of a next year that goes on."""
        weights, planned = self.stock(lane), slice(self.history, self.history + len(self.months))
        known = np.zeros(len(self.names))
        known[: self.history] = _row(self.scenario.last_year, lane[0], self.scenario.history_months)
        known[self.after] = self._next_year(lane[0])
        return Effective(lane, weights[:, planned], weights @ known)

    def going_on(self, lane: Lane) -> Array:
        """Effective spend of the next year on its own, without what this year leaves to it."""
        own = np.zeros(len(self.after))
        own[self.after] = self._next_year(lane[0])
        effective: Array = self.stock(lane) @ own
        return effective

    def _next_year(self, channel: str) -> Array:
        reference = _row(self.scenario.reference_plan, channel, self.months)
        return reference[: int(self.after.sum())]


def _row(plan: MediaPlan, channel: str, months: tuple[str, ...]) -> Array:
    if channel not in plan.channels:
        return np.zeros(len(months))
    where = [plan.months.index(month) for month in months]
    row: Array = plan.of(channel)[where]
    return row


def _fixed_spend(scenario: Planning) -> Array:
    others = [name for name in scenario.reference_plan.channels if name not in scenario.plannable]
    months = tuple(scenario.months)
    total = np.zeros(len(months))
    for name in others:
        total += _row(scenario.reference_plan, name, months)
    return total


def _check_grid(channels: tuple[str, ...], months: tuple[str, ...], curves: ResponseCurves) -> None:
    if curves.months != months:
        raise AllocationError(
            f"the curves are for {curves.months[0]} to {curves.months[-1]}, the plan is for "
            f"{months[0]} to {months[-1]}; measure or read them for the planned months."
        )
    bare = [name for name in channels if name not in curves.channels]
    if bare:
        raise AllocationError(
            f"{', '.join(bare)}: no curve says what money brings there; add a row (a ceiling of 0 "
            "says that it brings nothing), or take the channel out of what can be planned."
        )
