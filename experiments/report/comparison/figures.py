"""Cells that several sections share: a figure with its error, a difference with its interval."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.charts.common import NOT_SIGNIFICANT
from experiments.report.html import bilingual, join, tag
from experiments.wording import in_unit
from scenarios import KPIS


def differences(comparison: Comparison) -> pd.DataFrame | None:
    """All differences to the baseline, or None when it was not run."""
    return comparison.against() if comparison.baseline in comparison.strategies else None


def of_objective(table: pd.DataFrame, comparison: Comparison) -> pd.DataFrame:
    """The rows of the deciding KPI in the whole company, by strategy."""
    here = (table["scope"] == "all") & (table["kpi"] == comparison.objective)
    return table[here].set_index("strategy")


def amount(comparison: Comparison, value: float, *, signed: bool = False) -> str:
    """A value of the deciding KPI in its unit."""
    return in_unit(comparison.objective, value, comparison.currency, signed=signed)


def strategy_name(comparison: Comparison, name: str) -> Markup:
    """A strategy's name in both languages."""
    strategy = comparison.strategy(name)
    return bilingual(comparison.label(name), strategy.label_zh if strategy else "")


def called(comparison: Comparison, name: str) -> str:
    """A strategy's name within a sentence: it begins small, and is as written but for that."""
    label = comparison.label(name)
    return label[:1].lower() + label[1:]


def range_in_words(comparison: Comparison, row: Any) -> str:
    """A difference of the deciding KPI with its interval."""
    step, low, high = (
        amount(comparison, float(row[key]), signed=True) for key in ("difference", "low", "high")
    )
    return f"{step} [{low}, {high}]"


def with_error(comparison: Comparison, value: Any, error: Any) -> Markup:
    """A value of the deciding KPI with its standard error."""
    words = [amount(comparison, float(x)) for x in (value, error)]
    return join([words[0], tag("span", f" ± {words[1]}", class_="even")])


def verdict(row: pd.Series) -> str:
    """What a difference to the baseline says: `better`, `worse`, `not significant`."""
    if row["better"]:
        return "better"
    return "worse" if row["worse"] else NOT_SIGNIFICANT


def signed_range(kpi: str, row: Any, currency: str) -> Markup:
    """A difference with its interval, coloured where it remains after the correction."""
    step, low, high = (
        in_unit(kpi, float(row[key]), currency, signed=True)
        for key in ("difference", "low", "high")
    )
    style = {"better": "up", "worse": "down"}.get(verdict(row), "even")
    return join([tag("span", step, class_=style), tag("span", f" [{low}, {high}]", class_="even")])


def with_unit(kpi: str, words: str, currency: str) -> str:
    """The title of an axis, with the currency where the KPI is money."""
    is_money = kpi == "spend" or (kpi in KPIS and KPIS[kpi].unit.startswith("money"))
    return f"{words} ({currency})" if is_money and currency else words


def step_of(comparison: Comparison, strategy: str) -> pd.Series | None:
    """The strategy's difference to the baseline in the objective, if both were run."""
    steps = differences(comparison)
    if steps is None or strategy == comparison.baseline:
        return None
    rows = of_objective(steps, comparison)
    mine = rows[rows.index == strategy]
    return None if mine.empty else mine.iloc[0]


def last_year_of(comparison: Comparison, kpi: str) -> float | None:
    """A KPI of last year as it was, in the mean over worlds; None where it is not known."""
    rows = comparison.before()
    found = rows.loc[(rows["scope"] == "all") & (rows["kpi"] == kpi), "mean"]
    return None if found.empty else float(found.iloc[0])
