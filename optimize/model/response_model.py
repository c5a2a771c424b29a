"""ResponseModel: what a plan brings according to curves, on the true curves, with numpy alone.

The program of `program.py` is built from the same parts, and every plan is judged here again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from optimize.curves import families
from optimize.curves.curve import Curve, StockKey
from optimize.curves.curves import Anchor, ResponseCurves
from optimize.curves.families import POINTS, Cells
from optimize.errors import AllocationError
from optimize.model.calendar import Calendar, Effective, row_of
from optimize.model.price_cards import cards
from optimize.model.protocols import Planning
from scenarios import KPIS, MediaPlan
from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class Effect:
    """A channel's response for one KPI over its lane's cells.

    `cells` are the curves [n]; `own` [n] is the effective spend that would be there anyway, whose
    response is taken off (after the year; not a number within it); `spread` [M + 1, n] says to
    which month each cell's response counts, the last row being "after"; `draws` [D, n, 3] are
    draws of the parameters.
    """

    kpi: str
    stock_key: StockKey
    cells: Cells
    own: Floats
    spread: Floats
    draws: Floats | None = None

    @cached_property
    def floor(self) -> Floats:
        """What would come anyway [n], taken off every response."""
        return np.where(np.isnan(self.own), 0.0, self.cells.value(np.nan_to_num(self.own)))

    @cached_property
    def turn(self) -> Floats:
        """Where each cell's curve turns from convex to concave [n]."""
        return self.cells.inflection()

    def is_given(self, place: int) -> bool:
        """Whether a cell's curve is one of given points, which is straight between them."""
        return bool(self.cells.family[place] == POINTS)

    def drawn(self, index: int) -> Effect:
        """The same with one draw of the parameters (itself without an ensemble)."""
        if self.draws is None:
            return self
        ceiling, half, shape = self.draws[index % len(self.draws)].T
        return replace(self, cells=replace(self.cells, ceiling=ceiling, half=half, shape=shape))

    def responses(self, x: Floats, draws: int) -> Floats:
        """Response at effective spends [n] under the first draws [D, n]."""
        safe = np.nan_to_num(x)
        if self.draws is None:
            return np.tile(self.cells.value(safe), (draws, 1))
        some = self.draws[np.arange(draws) % len(self.draws)]
        ceiling, half, shape = (some[..., i].ravel() for i in range(3))
        family = np.tile(self.cells.family, draws)
        cells = Cells(family, ceiling, half, shape, (None,) * len(family))
        return cells.value(np.tile(safe, draws)).reshape(draws, -1)


class ResponseModel:
    """Scenario and curves put together: what each plan over the planned months brings.

    `channels` are the plannable ones [C] and `months` the planned ones [M]; money of channels that
    cannot be planned stays as in the reference plan (`fixed_spend` [M]). Raises `AllocationError`
    when a plannable channel has no curve at all, or curves are for other months.
    """

    def __init__(
        self, scenario: Planning, curves: ResponseCurves, calendar: Calendar | None = None
    ) -> None:
        self.scenario, self.curves = scenario, curves
        self.channels, self.months = tuple(scenario.plannable), tuple(scenario.months)
        _check_grid(self.channels, self.months, curves)
        self.people = dict(curves.people)
        self.tiers = {channel.name: channel.tier for channel in scenario.channels}
        self.calendar = calendar or Calendar(scenario, curves.remembers)
        self.fixed_spend = _fixed_spend(scenario)
        self.cards = cards(scenario)
        self._typical: dict[str, float] = {}

    @cached_property
    def stock_keys(self) -> dict[StockKey, Effective]:
        """Effective spend of every lane that a curve of a plannable channel reads."""
        mine = dict.fromkeys(c.stock_key for c in self.curves.curves if c.channel in self.channels)
        return {stock_key: self.calendar.effective(stock_key) for stock_key in mine}

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
        if any((c.stock_key, c.delay) != (first.stock_key, first.delay) for c in curves):
            raise AllocationError(
                f"{first.channel} has different carry-over or lag in different months for {kpi}; "
                "use one for the year."
            )
        calendar = self.calendar
        mine = [curves[i] for i in calendar.calendar_month]
        cells = families.stack([curve.cells for curve in mine])
        own = np.where(calendar.after, calendar.going_on(first.stock_key), np.nan)
        spread = calendar.lag(*first.delay)
        if kpi in self.curves.base or kpi in self._levels:
            spread = np.where(np.arange(spread.shape[1]) < calendar.history, 0.0, spread)
        drawn = [curve.draws for curve in mine if curve.draws is not None]
        draws = np.stack(drawn, axis=1) if len(drawn) == len(mine) else None
        return Effect(kpi, first.stock_key, cells, own, spread, draws)

    @property
    def _levels(self) -> Mapping[str, Floats]:
        return self.curves.anchor.level if self.curves.anchor else {}

    @cached_property
    def constants(self) -> dict[str, Floats]:
        """Per KPI what no plannable spend causes, by month and after the year [M + 1]."""
        kpis = dict.fromkeys([*self.curves.kpis, *self.curves.base])
        return {kpi: self._constant(kpi, self.effects.get(kpi, [])) for kpi in kpis}

    def _constant(self, kpi: str, effects: list[Effect]) -> Floats:
        """V(x⁰) − Σ f(x⁰) where there is an anchor, the given base otherwise, [M + 1]."""
        constant = np.zeros(len(self.months) + 1)
        if kpi not in self._levels or self.curves.anchor is None:
            constant[:-1] = self.curves.base.get(kpi, 0.0)
            return constant
        constant[:-1] = self._levels[kpi]
        inside = np.arange(len(self.months)) + self.calendar.history
        for effect in effects:
            at = effect.cells.take(inside).value(self.curves.anchor.effective[effect.stock_key])
            constant[:-1] -= effect.spread[:-1, inside] @ at
        return constant

    def drawn(self, kpi: str, index: int) -> tuple[list[Effect], Floats]:
        """A KPI's effects under one draw of the ensemble, and its constant [M + 1]."""
        effects = [effect.drawn(index) for effect in self.effects.get(kpi, [])]
        return effects, self._constant(kpi, effects)

    def kpi_draws(self, kpi: str, spend: Floats, draws: int) -> Floats:
        """A KPI under a plan [C, M] for the first draws, by month and after the year [D, M + 1]."""
        total = np.tile(self._constant(kpi, []), (draws, 1))
        inside = np.arange(len(self.months)) + self.calendar.history
        for effect in self.effects.get(kpi, []):
            x = self.effective(effect.stock_key, spend)
            floor = np.where(np.isnan(effect.own), 0.0, effect.responses(effect.own, draws))
            total += (effect.responses(x, draws) - floor) @ effect.spread.T
            if kpi in self._levels and self.curves.anchor is not None:
                at = np.zeros(len(x))
                at[inside] = self.curves.anchor.effective[effect.stock_key]
                before = effect.responses(at, draws)[:, inside]
                total[:, :-1] -= before @ effect.spread[:-1, inside].T
        return total

    def typical(self, kpi: str) -> float:
        """A KPI in a typical month, of either sign, under the reference plan; above 0."""
        if kpi not in self._typical:
            spend = self.spend_of(self.scenario.reference_plan)
            year = float(np.abs(self.kpi(kpi, spend)).sum())
            self._typical[kpi] = max(year, 1e-9) / len(self.months)
        return self._typical[kpi]

    def kpi(self, kpi: str, spend: Floats, tier: int | None = None) -> Floats:
        """A KPI under a plan [C, M], by month and after the year [M + 1].

        With `tier` only what that tier's channels bring, from zero. Exposures, where the KPI is
        bounded by people: `total` and `saturated` say how many people that is.
        """
        total = np.zeros(len(self.months) + 1) if tier else self.constants[kpi].copy()
        for effect in self.effects.get(kpi, []):
            if tier in (None, self.tiers[effect.stock_key[0]]):
                x = self.effective(effect.stock_key, spend)
                total += effect.spread @ (effect.cells.value(x) - effect.floor)
        return total

    def parts_of(self, kpi: str) -> tuple[str, ...]:
        """What a KPI is the sum of: itself, or its personas where it is given by them."""
        return self.curves.groups.get(kpi, (kpi,))

    def has_curves(self, kpi: str) -> bool:
        """Whether curves speak of the KPI, as a whole or by persona."""
        return kpi in self.effects or kpi in self.curves.groups

    def curves_for(self, kpi: str) -> tuple[str, ...]:
        """The KPIs whose curves a program needs for one: profit is margin less spend."""
        made = "margin" if kpi == "profit" and not self.has_curves(kpi) else kpi
        return self.parts_of(made)

    def total(self, kpi: str, spend: Floats, weights: Floats, tier: int | None = None) -> float:
        """A KPI under a plan [C, M] over months with weights [M + 1]."""
        parts = self.parts_of(kpi)
        return sum(float(self.saturated(p, weights @ self.kpi(p, spend, tier))) for p in parts)

    def saturated(self, kpi: str, total: Floats) -> Floats:
        """People reached by so many exposures, N · (1 − exp(−total / N)); other KPIs as they are.

        Poisson exposures at random over N people; N is `ResponseCurves.people`.
        """
        people = self.people.get(kpi)
        return total if people is None else people * (1 - np.exp(-total / people))

    def slope(self, effects: list[Effect], spend: Floats, months: Floats) -> Floats:
        """Derivative [C, M] of Σ months · response of given effects, with weights [M + 1]."""
        slope = np.zeros((len(self.channels), len(self.months)))
        for effect in effects:
            x = self.effective(effect.stock_key, spend)
            row = self.channels.index(effect.stock_key[0])
            weight = (months @ effect.spread) * effect.cells.slope(x)
            card, lengths = self.cards.get(effect.stock_key[0]), self.calendar.lengths
            rate = 1.0 if card is None else card.slope(spend[row], lengths)
            slope[row] += weight @ self.stock_keys[effect.stock_key].weights * rate
        return slope

    def effective(self, stock_key: StockKey, spend: Floats) -> Floats:
        """A lane's effective spend over its cells under a plan [C, M]."""
        kernel = self.stock_keys[stock_key]
        x: Floats = kernel.fixed + kernel.weights @ self.bought(stock_key[0], spend)
        return np.maximum(x, 0.0)

    def bought(self, channel: str, spend: Floats) -> Floats:
        """What a channel's money buys by month [M] where its price depends on it."""
        row, card = spend[self.channels.index(channel)], self.cards.get(channel)
        return row if card is None else card.volume(row, self.calendar.lengths)

    def spend_of(self, plan: MediaPlan) -> Floats:
        """A plan's money on the grid [C, M] of this outlook; a monthly plan is spread over weeks.

        Raises `AllocationError` for a plan that lacks planned months.
        """
        mine = self.calendar.on_grid(plan)
        return np.array([row_of(mine, name, self.months) for name in self.channels])

    def plan_of(self, spend: Floats) -> MediaPlan:
        """The whole media plan: planned money, and the money of channels that are not planned."""
        plan = MediaPlan(self.channels, self.months, np.maximum(spend, 0.0))
        reference = self.scenario.reference_plan
        for name in reference.channels:
            if name not in self.channels:
                plan = plan.with_channel(name, row_of(reference, name, self.months))
        return plan

    def total_spend(self, spend: Floats) -> Floats:
        """All money by month [M], that of channels that are not planned included."""
        months: Floats = spend.sum(axis=0) + self.fixed_spend
        return months


def anchored(
    curves: ResponseCurves, scenario: Planning, level: Mapping[str, Floats]
) -> ResponseCurves:
    """The curves tied to the scenario's reference plan, where each KPI had `level` by month [M]."""
    calendar = Calendar(scenario, curves.remembers)
    effective = {}
    for stock_key in dict.fromkeys(curve.stock_key for curve in curves.curves):
        kernel = calendar.effective(stock_key)
        spend = row_of(scenario.reference_plan, stock_key[0], calendar.months)
        inside = slice(calendar.history, calendar.history + len(calendar.months))
        effective[stock_key] = (kernel.fixed + kernel.weights @ spend)[inside]
    return replace(curves, anchor=Anchor(effective, dict(level)))


def _fixed_spend(scenario: Planning) -> Floats:
    others = [name for name in scenario.reference_plan.channels if name not in scenario.plannable]
    months = tuple(scenario.months)
    total = np.zeros(len(months))
    for name in others:
        total += row_of(scenario.reference_plan, name, months)
    return total


def _check_grid(channels: tuple[str, ...], months: tuple[str, ...], curves: ResponseCurves) -> None:
    if curves.months != months:
        raise AllocationError(
            f"the curves are for {curves.months[0]} to {curves.months[-1]}, the plan is for "
            f"{months[0]} to {months[-1]}; measure or read them for the planned months."
        )
    for kpi in curves.kpis:
        name = kpi.partition(":")[0]
        kind = KPIS[name].rule if name in KPIS else "sum"
        if kind in ("ratio", "cap", "score"):
            raise AllocationError(
                f"there are curves for {kpi}, which does not add up over channels; give curves "
                "for what it is made of, and leave its own out."
            )
        if kind == "reach" and kpi not in curves.people:
            raise AllocationError(
                f"there are curves for {kpi}, which does not add up over channels and months: the "
                "same people are reached again. Give curves for exposures and the number of people "
                f"(a row of family `people` for {kpi}, with their number as ceiling)."
            )
    bare = [name for name in channels if name not in curves.channels]
    if bare:
        raise AllocationError(
            f"{', '.join(bare)}: no curve says what money brings there; add a row (a ceiling of 0 "
            "says that it brings nothing), or take the channel out of what can be planned."
        )
