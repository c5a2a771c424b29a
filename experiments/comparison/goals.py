"""Goals judged: each world's planned year against its own last year."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from experiments.comparison.paired import sign
from scenarios import Goal
from sim import MarketYear, Scorecard, WarmedUpMarket


def goals_table(
    goals: Sequence[Goal],
    names: Sequence[str],
    pasts: Sequence[WarmedUpMarket],
    years: Sequence[Sequence[MarketYear]],
) -> pd.DataFrame:
    """`strategy, world, goal, kpi, actual, target, met`: each world against its own last year."""
    rows = []
    for world, (past, mine) in enumerate(zip(pasts, years, strict=True)):
        for goal in goals:
            for name, year in zip(names, mine, strict=True):
                for label, actual, target in judged(goal, past.year, year):
                    met = sign(goal.kpi) * (actual - target) >= 0
                    rows.append((name, world, label, goal.kpi, actual, target, met))
    columns = ["strategy", "world", "goal", "kpi", "actual", "target", "met"]
    return pd.DataFrame(rows, columns=columns)


def judged(goal: Goal, last: MarketYear, year: MarketYear) -> list[tuple[str, float, float]]:
    """Label, actual and target of a goal in each of its periods."""
    found = []
    for label, scope, before in _scopes(goal, year):
        value = Scorecard(year).value(goal.kpi, scope)
        reference = Scorecard(last).value(goal.kpi, before) if goal.change is not None else None
        found.append((label, value, goal.target(reference)))
    return found


def _scopes(goal: Goal, year: MarketYear) -> list[tuple[str, str, str]]:
    """Label, scope and last year's scope of the periods that a goal speaks of."""
    if goal.tier is not None:
        return [(goal.name, f"tier:{goal.tier}", f"tier:{goal.tier}")]
    if goal.period == "year":
        return [(goal.name, "all", "all")]
    if goal.period in ("Q1", "Q2", "Q3", "Q4"):
        return [(goal.name, f"quarter:{goal.period}", f"quarter:{goal.period}")]
    if goal.period == "quarter":
        quarters = [f"quarter:Q{q}" for q in range(1, 5)]
        return [(f"{goal.name} {q[-2:]}", q, q) for q in quarters]
    months = year.months if goal.period == "month" else (goal.period,)
    return [(f"{goal.name} {m}", f"month:{m}", f"month:{_year_before(m)}") for m in months]


def _year_before(month: str) -> str:
    return f"{int(month[:4]) - 1}{month[4:]}"
