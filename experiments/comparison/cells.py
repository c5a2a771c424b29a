"""Cells of a comparison's table as words: means with errors, differences with intervals."""

from __future__ import annotations

from typing import Any

import pandas as pd


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
