"""Last year as it was, beside what each strategy makes of the planned year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from experiments.comparison.paired import difference_table, kpi_table, no_differences, with_profit
from experiments.comparison.strategy import Strategy
from optimize import UNUSED
from scenarios import Scenario
from sim import MarketYear, Scorecard, WarmedUpMarket, Workers, run_here
from tiermix.core import figures

AS_IT_WAS = "last year as it was"
COLUMNS = ("world", "scope", "kpi", "value", "se")
SCALED = "last_year"
"""The strategy whose plan is last year's, scaled where the budget is another."""
COMPARED = ("all", "tier", "channel")
"""Scopes that are kept of every strategy and world; a run's own scorecard has them all."""


def figures_of(year: MarketYear) -> pd.DataFrame:
    """`scope, kpi, value, se` of a year, of the scopes that are compared."""
    card = Scorecard(year)
    return card.table([x for x in card.scopes() if x.partition(":")[0] in COMPARED])


def last_years(pasts: Sequence[WarmedUpMarket], workers: Workers = None) -> pd.DataFrame:
    """`world, scope, kpi, value, se` of the year that each market lived before the planned one."""
    found = run_here(figures_of, [past.year for past in pasts], workers=workers)
    frames = [figures.assign(world=world) for world, figures in enumerate(found)]
    table = with_profit(pd.concat(frames, ignore_index=True).assign(strategy=AS_IT_WAS))
    return table[list(COLUMNS)]


def means_of(last_year: pd.DataFrame) -> pd.DataFrame:
    """Last year over worlds: `scope, kpi, mean, se, spread, simulation_se, worlds`."""
    if last_year.empty:
        return pd.DataFrame(columns=["scope", "kpi", "mean", "se", "spread", "simulation_se"])
    return kpi_table(last_year.assign(strategy=AS_IT_WAS)).drop(columns="strategy")


def against(outcomes: pd.DataFrame, last_year: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Differences of every strategy's planned year to last year, paired by world.

    The people and what was drawn are the same, the random numbers of the two years are not. Empty
    where last year is not known.
    """
    if last_year.empty:
        return no_differences(outcomes)
    before = last_year.assign(strategy=AS_IT_WAS)[list(outcomes.columns)]
    return difference_table(pd.concat([outcomes, before], ignore_index=True), AS_IT_WAS, level)


def named_for_budget(tried: Sequence[Strategy], scenario: Scenario) -> tuple[Strategy, ...]:
    """The strategies, last year's plan named as scaled where the budget is not last year's money.

    That is what was meant to be spent last year; what was spent stands in last year's figures.
    """
    spent = float(scenario.reference_plan.amounts.sum())
    if abs(scenario.budget - spent) <= 1e-6 * spent:
        return tuple(tried)
    money = figures.short_money(scenario.budget, scenario.currency)
    words = f"Last year's split, scaled to {money}", f"去年方案（按 {money} 缩放）"
    return tuple(
        replace(one, label=words[0], label_zh=words[1]) if one.name == SCALED else one
        for one in tried
    )


def unused(outcomes: pd.DataFrame, plans: pd.DataFrame) -> pd.DataFrame:
    """`strategy, channel, planned, spent`: money of plans that channels do not use.

    Means over worlds, where more than a trifle of a channel's money is left over (`UNUSED`): a
    capped channel spends what there is to be bought.
    """
    mine = outcomes[(outcomes["kpi"] == "spend") & outcomes["scope"].str.startswith("channel:")]
    spent = mine.assign(channel=mine["scope"].str.removeprefix("channel:"))
    lived = spent.groupby(["strategy", "channel"], sort=False)["value"].mean().rename("spent")
    worlds = plans.groupby("strategy")["world"].nunique()
    planned = plans.groupby(["strategy", "channel"], sort=False)["amount"].sum()
    planned = (planned / worlds.reindex(planned.index, level="strategy")).rename("planned")
    table = pd.concat([planned, lived], axis=1, join="inner").reset_index()
    left = table["planned"] - table["spent"]
    return table[(left > UNUSED * table["planned"]) & (table["planned"] > 0)].reset_index(drop=True)
