"""How the year will end: goals with probabilities, from what has happened and what is to come.

A year is its months so far, as they were, and the rest as drawn: a draw of the curves, of the
year's level as the months so far tell it, and of months around their season.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.direction import sign
from experiments.year_review.actuals import Actuals
from experiments.year_review.expected import Expected
from optimize import ResponseCurves, months_drawn
from scenarios import KPIS, Goal, MediaPlan, Scenario
from tiermix.core.arrays import Floats

DRAWS = 1000
NO_LEVEL = "last year's level is not in the curves, so no chance is told"
QUARTERS = {f"Q{q}": range(3 * q - 3, 3 * q) for q in range(1, 5)}


@dataclass(frozen=True)
class Forecast:
    """A KPI at the end of its period under a plan: mean, 90 % interval, and the chance of its goal.

    `so_far` is what has happened of it. `target` and `probability` are None where it is no goal, or
    where last year's level is not known; `note` says why a goal has no forecast.
    """

    goal: str
    kpi: str
    so_far: float | None
    mean: float | None
    low: float | None
    high: float | None
    target: float | None = None
    probability: float | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The forecast as JSON."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Year:
    """What forecasts are drawn from: curves now, level so far (mean and error), season's error."""

    scenario: Scenario
    curves: ResponseCurves
    actuals: Actuals
    level: tuple[float, float]
    season: float
    seed: int = 0

    def months(self, kpi: str, plan: MediaPlan) -> Floats:
        """A KPI that adds up by planned month [DRAWS, M] under a plan."""
        rng = np.random.default_rng(self.seed)  # the same draws for every KPI and plan
        level = self.level[0] + self.level[1] * rng.standard_normal(DRAWS)
        wander = self.season * rng.standard_normal((DRAWS, len(plan.months)))
        factor = np.maximum(1 + level[:, None] + wander, 0.0)
        if kpi == "spend":
            return np.tile(plan.amounts.sum(axis=0), (DRAWS, 1))
        if kpi == "profit":
            return self.months("margin", plan) - self.months("spend", plan)
        drawn = months_drawn(self.scenario, self.curves, plan, kpi)
        rows = drawn[np.arange(DRAWS) % len(drawn)] * factor
        passed = self.actuals.passed
        if kpi in self.actuals.outcomes:
            rows[:, :passed] = self.actuals.by_month(kpi)
        else:  # what nobody counted is where its curves and the level so far say
            rows[:, :passed] = drawn.mean(axis=0)[:passed] * (1 + self.level[0])
        return rows


def level_so_far(seen: Expected) -> tuple[float, float]:
    """The year's level against what was expected, relative: posterior mean and error.

    The level is normal around 0 with the error of `Expected`, of which the covariance counts it.
    """
    told = np.linalg.solve(seen.covariance, seen.mean) * seen.level**2
    mean = float(told @ seen.residual)
    variance = seen.level**2 * (1 - float(told @ seen.mean))
    return mean, float(np.sqrt(max(variance, 0.0)))


def forecasts(year: Year, plan: MediaPlan) -> tuple[Forecast, ...]:
    """The objective, and every goal in each of its periods, under a plan."""
    objective = Goal(name=year.scenario.objective, kpi=year.scenario.objective, level=0.0)
    first = replace(_forecast(year, plan, objective, "year"), target=None, probability=None)
    goals = [
        _forecast(year, plan, goal, period)
        for goal in year.scenario.goals
        for period in _periods(goal, year.scenario)
    ]
    return (first, *goals)


def _periods(goal: Goal, scenario: Scenario) -> tuple[str, ...]:
    if goal.period == "quarter":
        return tuple(QUARTERS)
    return tuple(scenario.months) if goal.period == "month" else (goal.period,)


def _forecast(year: Year, plan: MediaPlan, goal: Goal, period: str) -> Forecast:
    label = goal.name if goal.period in (period, "year") else f"{goal.name} {period}"
    nothing = Forecast(label, goal.kpi, None, None, None, None)
    if goal.tier is not None:
        return replace(nothing, note="of one tier, which a company's outcomes do not tell")
    places = _months_of(period, year.scenario)
    parts = _parts(goal.kpi)
    known = {*year.curves.kpis, *year.curves.groups, "spend"}
    lacking = [part for part in parts if part not in known]
    if lacking:
        return replace(nothing, note=f"there are no curves for {', '.join(lacking)}")
    if any(year.curves.people.get(part) or part in year.curves.groups for part in parts):
        return replace(nothing, note="people reached do not add up over months")
    drawn = {part: year.months(part, plan) for part in parts}
    total = _value(goal.kpi, {p: rows[:, places].sum(axis=1) for p, rows in drawn.items()})
    over = [m for m in places if m < year.actuals.passed]
    past = _value(goal.kpi, {p: rows[:1, over].sum(axis=1) for p, rows in drawn.items()})
    target = _target(goal, period, year.curves)
    low, high = np.quantile(total, [0.05, 0.95])
    met = None if target is None else float(np.mean(sign(goal.kpi) * (total - target) >= 0))
    return Forecast(
        label, goal.kpi, float(past[0]) if over else None, float(total.mean()), float(low),
        float(high), target, met,
        "" if target is not None else NO_LEVEL,
    )  # fmt: skip


def _months_of(period: str, scenario: Scenario) -> list[int]:
    if period in QUARTERS:
        wanted = [f"{m + 1:02d}" for m in QUARTERS[period]]
        return [m for m, month in enumerate(scenario.months) if month[-2:] in wanted]
    if period in scenario.months:
        return [list(scenario.months).index(period)]
    return list(range(len(scenario.months)))


def _parts(kpi: str) -> tuple[str, ...]:
    """What a KPI is made of, of what adds up."""
    if kpi == "profit":
        return ("margin", "spend")
    parts = KPIS[kpi].parts if kpi in KPIS else ()
    return tuple(parts) if len(parts) == 2 else (kpi,)


def _value(kpi: str, sums: dict[str, Floats]) -> Floats:
    if kpi == "profit":
        return sums["margin"] - sums["spend"]
    if len(sums) == 1:
        return next(iter(sums.values()))
    above, below = sums.values()
    above = above - below if kpi == "roi" else above
    return np.asarray(above / np.maximum(below, 1e-12))


def _target(goal: Goal, period: str, curves: ResponseCurves) -> float | None:
    if goal.change is None:
        return goal.target()
    name = goal.kpi if period == "year" else f"{goal.kpi}@{period}"
    before = curves.last_year.get(name)
    return None if before is None else goal.target(before)
