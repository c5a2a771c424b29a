"""Cells of a comparison's table as words: means with errors, differences with intervals."""

from __future__ import annotations

from typing import Any

import pandas as pd

BEST_FOUND = "the best found"
"""What a regret of 0 in every world is: no estimate."""


def of_kpi(table: pd.DataFrame, kpi: str) -> pd.DataFrame:
    """A KPI of the whole company, by strategy."""
    return table[(table["scope"] == "all") & (table["kpi"] == kpi)].set_index("strategy")


def with_error(table: pd.DataFrame, row: Any) -> str:
    """A mean with its standard error; empty where there is none."""
    if row not in table.index:
        return ""
    return f"{table['mean'][row]:,.0f} ± {table['se'][row]:,.0f}"


def with_range(table: pd.DataFrame, row: Any) -> str:
    """A difference with its interval; empty where there is none."""
    if row not in table.index:
        return ""
    low, high = table["low"][row], table["high"][row]
    return f"{table['difference'][row]:+,.0f} [{low:+,.0f}, {high:+,.0f}]"


def in_words(
    means: pd.DataFrame,
    steps: pd.DataFrame,
    regrets: pd.DataFrame,
    spend: pd.Series,
    objective: str,
    baseline: str,
) -> pd.DataFrame:
    """A row a strategy: spend, the deciding KPI, its lead over the baseline, regret, as words."""
    rows = [
        (name, f"{spend[name]:,.0f}", with_error(means, name), with_range(steps, name),
         BEST_FOUND if regrets.loc[name, "best_found"] else with_error(regrets, name))
        for name in regrets.index
    ]  # fmt: skip
    columns = ["strategy", "spend", objective, f"against {baseline}", "regret"]
    return pd.DataFrame(rows, columns=columns)
