"""What is known of a plan's channels: what each brings, what its next unit brings, how surely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimize.curves.curves import ResponseCurves
from optimize.model.protocols import Planning
from optimize.model.response_model import Effect, ResponseModel
from optimize.plans.forecast import ENOUGH
from scenarios import MediaPlan
from tiermix.core.arrays import Floats


def by_month_bought(
    scenario: Planning, curves: ResponseCurves, plan: MediaPlan, kpi: str
) -> dict[str, Floats]:
    """What each channel brings of a KPI [M, M]: by the month whose stock brings it, and by month.

    From no money on, and within the planned year. Profit is taken for margin, as its money is
    counted elsewhere.
    """
    model = ResponseModel(scenario, curves)
    spend, size = model.spend_of(plan), len(model.months)
    inside = np.arange(size) + model.calendar.history
    found = {name: np.zeros((size, size)) for name in model.channels}
    for effect in _effects(model, kpi):
        x = model.effective(effect.stock_key, spend)
        response = (effect.cells.value(x) - effect.floor)[inside]
        found[effect.stock_key[0]] += response[:, None] * effect.spread[:-1, inside].T
    return found


def by_channel(
    scenario: Planning, curves: ResponseCurves, plan: MediaPlan, kpi: str
) -> dict[str, Floats]:
    """What each channel brings of a KPI by planned month [M], of the stock of planned months."""
    found = by_month_bought(scenario, curves, plan, kpi)
    return {name: both.sum(axis=0) for name, both in found.items()}


def marginal_returns(
    scenario: Planning, curves: ResponseCurves, plan: MediaPlan, kpi: str, *, passed: int = 0
) -> dict[str, tuple[float, float]]:
    """What one more unit of money brings of a KPI in the months after `passed`, and its error.

    The mean of the months by the channel's money in them, what comes later included; the error is
    the standard deviation over the curves' draws, not a number without any.
    """
    model = ResponseModel(scenario, curves)
    spend = model.spend_of(plan)
    months = np.ones(len(model.months) + 1)
    draws = min(curves.draws, ENOUGH)
    effects = _effects(model, kpi)
    point = _mean_slopes(model, effects, spend, months, passed)
    drawn = [
        _mean_slopes(model, [e.drawn(d) for e in effects], spend, months, passed)
        for d in range(draws)
    ]
    error = np.std(drawn, axis=0, ddof=1) if draws > 1 else np.full(len(point), np.nan)
    pairs = zip(point.tolist(), error.tolist(), strict=True)
    return dict(zip(model.channels, pairs, strict=True))


def months_drawn(scenario: Planning, curves: ResponseCurves, plan: MediaPlan, kpi: str) -> Floats:
    """A KPI that adds up, by planned month under each draw of the curves [D, M]; one row if none.

    Profit is margin less all money.
    """
    model = ResponseModel(scenario, curves)
    spend = model.spend_of(plan)
    draws = max(min(curves.draws, ENOUGH), 1)
    total = np.zeros((draws, len(model.months)))
    for part in model.curves_for(kpi):
        total += model.kpi_draws(part, spend, draws)[:, :-1]
    if kpi == "profit" and not model.has_curves(kpi):
        total -= model.total_spend(spend)
    return total


def _effects(model: ResponseModel, kpi: str) -> list[Effect]:
    return [effect for part in model.curves_for(kpi) for effect in model.effects.get(part, [])]


def _mean_slopes(
    model: ResponseModel, effects: list[Effect], spend: Floats, months: Floats, passed: int
) -> Floats:
    """Slopes [C], in the mean of the months to come by their money; evenly where there is none."""
    slope, money = model.slope(effects, spend, months)[:, passed:], spend[:, passed:]
    none = money.sum(axis=1, keepdims=True) <= 0
    weight = np.where(none, 1.0, money)
    mean: Floats = (slope * weight).sum(axis=1) / weight.sum(axis=1)
    return mean


def channel_errors(
    scenario: Planning, curves: ResponseCurves, plan: MediaPlan, kpi: str
) -> dict[str, float]:
    """The relative error of what each channel brings of a KPI in the year, over the curves' draws.

    Not a number where curves have no draws, or a channel brings nothing.
    """
    model = ResponseModel(scenario, curves)
    spend, draws = model.spend_of(plan), min(curves.draws, ENOUGH)
    found = dict.fromkeys(model.channels, np.nan)
    for effect in _effects(model, kpi) if draws > 1 else []:
        x = model.effective(effect.stock_key, spend)
        mine = effect.responses(x, draws) @ effect.spread[:-1].sum(axis=0)
        if effect.draws is not None and mine.mean() > 0:
            found[effect.stock_key[0]] = float(mine.std(ddof=1) / mine.mean())
    return found


def lost_of_scaling(
    scenario: Planning, curves: ResponseCurves, factors: Mapping[str, Floats]
) -> dict[str, Floats]:
    """What each KPI's anchored level loses by month [M] where channels bring `factors` [M] of it.

    A factor scales what is brought by a month's stock, wherever it arrives.
    """
    if curves.anchor is None:
        return {}
    model = ResponseModel(scenario, curves)
    inside = np.arange(len(model.months)) + model.calendar.history
    found = {kpi: np.zeros(len(model.months)) for kpi in curves.anchor.level}
    for kpi, lost in found.items():
        for effect in model.effects.get(kpi, []):
            at = effect.cells.take(inside).value(curves.anchor.effective[effect.stock_key])
            less = 1.0 - factors.get(effect.stock_key[0], np.ones(len(model.months)))
            lost += effect.spread[:-1, inside] @ (less * at)
    return found


@dataclass(frozen=True)
class ChannelReturn:
    """What a channel's money of the year brings of a KPI, against the year without that money.

    `in_year` is the planned year's part of `brought`, the rest comes after it; `marginal` is what
    one more unit brings, in the mean of months by their money. The pairs are ends of 90 %
    intervals over the curves' draws: not numbers without any.
    """

    channel: str
    spend: float
    brought: float
    in_year: float
    marginal: float
    brought_90: tuple[float, float]
    marginal_90: tuple[float, float]


def channel_returns(
    scenario: Planning, curves: ResponseCurves, plan: MediaPlan, kpi: str
) -> list[ChannelReturn]:
    """Average and marginal return of every plannable channel; others keep their money.

    What stock of last year's money brings is not counted: it comes anyway.
    """
    model = ResponseModel(scenario, curves)
    spend, draws = model.spend_of(plan), min(curves.draws, ENOUGH)
    effects, every = _effects(model, kpi), np.ones(len(model.months) + 1)
    brought = np.zeros((max(draws, 1), len(model.channels)))
    both = np.zeros((2, len(model.channels)))
    for effect in effects:
        place = model.channels.index(effect.stock_key[0])
        x, without = (model.effective(effect.stock_key, s) for s in (spend, np.zeros_like(spend)))
        point = effect.spread @ (effect.cells.value(x) - effect.cells.value(without))
        both[:, place] += point.sum(), point[:-1].sum()
        if draws:
            more = effect.responses(x, draws) - effect.responses(without, draws)
            brought[:, place] += more @ effect.spread.sum(axis=0)
    slopes = _mean_slopes(model, effects, spend, every, 0)
    drawn = [
        _mean_slopes(model, [e.drawn(d) for e in effects], spend, every, 0) for d in range(draws)
    ]
    ends = [_ends(table, draws, len(slopes)) for table in (brought, np.array(drawn))]
    (whole_low, whole_high), (next_low, next_high) = ends
    return [
        ChannelReturn(
            name,
            float(spend[i].sum()),
            float(both[0, i]),
            float(both[1, i]),
            float(slopes[i]),
            (float(whole_low[i]), float(whole_high[i])),
            (float(next_low[i]), float(next_high[i])),
        )
        for i, name in enumerate(model.channels)
    ]


def _ends(drawn: Floats, draws: int, size: int) -> tuple[Floats, Floats]:
    """5th and 95th percentile over draws (rows); not numbers without any."""
    if draws < 2:
        nothing = np.full(size, np.nan)
        return nothing, nothing
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return low, high
