"""Goals judged: each world's planned year against its own last year."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from experiments.comparison.paired import sign
from scenarios import Goal
from sim import MarketYear, Scorecard, WarmedUpMarket, Workers, run_here


def goals_table(
    goals: Sequence[Goal],
    names: Sequence[str],
    pasts: Sequence[WarmedUpMarket],
    years: Sequence[Sequence[MarketYear]],
    workers: Workers = None,
) -> pd.DataFrame:
    """`strategy, world, goal, kpi, actual, target, met`: each world against its own last year."""
    worlds = list(zip(pasts, years, strict=True))
    found = run_here(partial(_of_world, goals, names), worlds, workers=workers)
    rows = [
        (name, world, label, goal.kpi, actual, target, sign(goal.kpi) * (actual - target) >= 0)
        for world, mine in enumerate(found)
        for goal, name, (label, actual, target) in mine
    ]
    columns = ["strategy", "world", "goal", "kpi", "actual", "target", "met"]
    return pd.DataFrame(rows, columns=columns)


def _of_world(
    goals: Sequence[Goal], names: Sequence[str], world: tuple[WarmedUpMarket, Sequence[MarketYear]]
) -> list[tuple[Goal, str, tuple[str, float, float]]]:
    past, years = world
    last, cards = Scorecard(past.year), [Scorecard(year) for year in years]
    return [
        (goal, name, period)
        for goal in goals
        for name, card in zip(names, cards, strict=True)
        for period in judged(goal, last, card)
    ]


def judged(goal: Goal, last: Scorecard, mine: Scorecard) -> list[tuple[str, float, float]]:
    """Label, actual and target of a goal in each of its periods."""
    found = []
    for label, scope, before in _scopes(goal, mine.year):
        value = mine.value(goal.kpi, scope)
        reference = last.value(goal.kpi, before) if goal.change is not None else None
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
