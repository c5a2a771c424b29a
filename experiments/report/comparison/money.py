"""What the curves say of money: each channel's, last year's and planned, and other budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.comparison.result import Study
from optimize import (
    ChannelReturn,
    PlansByBudget,
    ResponseCurves,
    channel_returns,
    forecast,
    plans_by_budget,
)
from scenarios import MediaPlan, Scenario

BUDGETS = tuple(part / 10 for part in range(5, 16))
"""Of the scenario's budget: from half to half as much again."""
KPI = "margin"
NOTHING = 1e-6
"""Of a unit of money: what a unit more is worth where the plan leaves money over."""
COLUMNS = (
    "channel", "spend", "brought", "in_year", "marginal", "low", "high", "marginal_low",
    "marginal_high",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Returns:
    """What each channel's money brings of margin, `now` (last year's money again) and `planned`.

    Frames `channel, spend, brought, in_year, marginal`, with 90 % intervals over the curves' draws
    of what is brought (`low, high`) and of what one more unit brings (`marginal_low, …`).
    `baseline` is what the planned year has without any of that money, `whole_now` and
    `whole_planned` are the year's margin with it.
    """

    now: pd.DataFrame
    planned: pd.DataFrame
    baseline: float
    whole_now: float
    whole_planned: float


@dataclass(frozen=True)
class BudgetPlan:
    """The best plan for a budget: what it brings, the best possible, what one unit more adds.

    `spend` is by channel; empty, and the figures no numbers, where no plan keeps the rules.
    """

    budget: float
    value: float
    upper: float
    marginal: float
    spend: Mapping[str, float]


@dataclass(frozen=True)
class Budgets:
    """Plans for several budgets. `pays_until`: from there on a unit returns less than it costs.

    None where it always returns more.
    """

    plans: Sequence[BudgetPlan]
    pays_until: float | None
    objective: str
    usual: float


def returns_of(scenario: Scenario, curves: ResponseCurves, plan: MediaPlan) -> Returns | None:
    """Both frames, from the curves; None where these do not speak of margin."""
    if KPI not in curves.kpis:
        return None
    plans = scenario.reference_plan, plan
    now, planned = (channel_returns(scenario, curves, one, KPI) for one in plans)
    wholes = [forecast(scenario, curves, one)[KPI] for one in plans]
    baseline = wholes[0] - sum(one.in_year for one in now)
    return Returns(_frame(now), _frame(planned), baseline, *wholes)


def _frame(found: Sequence[ChannelReturn]) -> pd.DataFrame:
    rows = [
        (o.channel, o.spend, o.brought, o.in_year, o.marginal, *o.brought_90, *o.marginal_90)
        for o in found
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def budgets_of(scenario: Scenario, curves: ResponseCurves) -> Budgets | None:
    """The best plan on the curves for each of `BUDGETS`; None where each would be a search."""
    amounts = [part * scenario.budget for part in BUDGETS]
    found = plans_by_budget(scenario, curves, amounts)
    if found is None:
        return None
    plans = [
        BudgetPlan(
            point.budget, point.value, point.upper, point.marginal,
            {} if plan is None else plan.by_channel,
        )
        for point, plan in found.pairs
    ]  # fmt: skip
    return Budgets(plans, _pays_until(found), found.frontier.objective, scenario.budget)


def _pays_until(found: PlansByBudget) -> float | None:
    """Exactly what a plan spends that leaves money over as more of it would not pay."""
    told = found.frontier.pays_until
    free = [
        plan.total
        for point, plan in found.pairs
        if plan is not None and found.frontier.cost == 0 and point.marginal <= NOTHING
    ]
    return told if told is None or not free else min(told, free[0])


def spent_last_year(scenario: Scenario, study: Study) -> pd.DataFrame:
    """`channel, month, amount` as last year was lived, mean over draws, on the planned months."""
    years = [past.year.spend[:, :12].sum(axis=0) for past in study.lived.pasts]
    mean = np.mean(years, axis=0)
    rows = [
        (channel.name, month, float(mean[m, c]))
        for c, channel in enumerate(scenario.channels)
        if mean[:, c].sum() > 0
        for m, month in enumerate(scenario.months)
    ]
    return pd.DataFrame(rows, columns=["channel", "month", "amount"])


def expected_of(study: Study) -> pd.DataFrame:
    """What programs expected of the objective: `strategy, expected, low, high`, mean over draws.

    The ends are those of the plan that was explained: how well its curves are known (90 %).
    """
    kpi, rows = study.comparison.objective, []
    for name, choices in study.choices.items():
        plans = [choice.plan for choice in choices if choice.plan and kpi in choice.plan.kpis]
        if plans:
            ends = plans[0].intervals.get(kpi, (np.nan, np.nan))
            mean = float(np.mean([plan.kpis[kpi] for plan in plans]))
            shift = mean - plans[0].kpis[kpi]
            rows.append((name, mean, *(end + shift for end in ends)))
    return pd.DataFrame(rows, columns=["strategy", "expected", "low", "high"])
