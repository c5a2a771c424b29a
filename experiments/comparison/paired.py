"""Tables of a comparison: KPIs over worlds, paired differences, chances of meeting goals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.stats import (
    Interval,
    mean_over_worlds,
    normal_interval,
    t_interval,
    wilson,
)
from scenarios import KPIS
from tiermix.core.arrays import Floats

KEYS = ["strategy", "scope", "kpi"]


def sign(kpi: str) -> int:
    """1 where more of a KPI is better, −1 where less is."""
    down = kpi == "spend" or (kpi in KPIS and KPIS[kpi].direction == "down")
    return -1 if down else 1


def with_profit(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Outcomes with profit as margin less spend, where it was not measured itself."""
    if (outcomes["kpi"] == "profit").any():
        return outcomes
    keys = ["strategy", "world", "scope"]
    parts = [outcomes[outcomes["kpi"] == kpi].set_index(keys) for kpi in ("margin", "spend")]
    pair = parts[0].join(parts[1], rsuffix="_spend", how="inner")
    profit = pair.assign(
        kpi="profit",
        value=pair["value"] - pair["value_spend"],
        se=np.hypot(pair["se"], pair["se_spend"]),
    )
    return pd.concat([outcomes, profit.reset_index()[list(outcomes.columns)]], ignore_index=True)


def kpi_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Mean over worlds of tidy outcomes: `strategy, scope, kpi, mean, se, spread, …, worlds`."""
    values, errors = _by_world(outcomes)
    means = mean_over_worlds(values.to_numpy(float), errors.to_numpy(float))
    table = pd.DataFrame(means._asdict(), index=values.index)
    return table.astype({"worlds": int}).reset_index()


def difference_table(outcomes: pd.DataFrame, reference: str, level: float) -> pd.DataFrame:
    """Paired differences of every other strategy to the reference, by scope and KPI.

    A single world has no paired spread: its interval then covers the error of simulation alone,
    as if the two runs had not shared their luck, which is too wide rather than too narrow.
    """
    values, errors = _by_world(outcomes)
    base, base_errors = (_aligned(table, reference) for table in (values, errors))
    steps = values.to_numpy(float) - base
    interval = t_interval(steps, level=level)
    if values.shape[1] == 1:
        apart = np.hypot(errors.to_numpy(float), base_errors)[:, 0]
        interval = normal_interval(steps[:, 0], apart, level=level)
    table = pd.DataFrame(interval._asdict(), index=values.index)
    table = table.rename(columns={"estimate": "difference"})
    table["relative"] = _relative(interval, base)
    table["better"] = _better(table.index.get_level_values("kpi").tolist(), interval)
    others = table.index.get_level_values("strategy") != reference
    return table[others & table["difference"].notna()].reset_index()


def goal_table(goals: pd.DataFrame, level: float) -> pd.DataFrame:
    """Share of worlds in which each strategy meets each goal, with Wilson's interval."""
    rows = []
    for key, group in goals.groupby(["strategy", "goal", "kpi"], sort=False):
        share = wilson(int(group["met"].sum()), len(group), level=level)
        means = group[["actual", "target"]].mean()
        met = share.estimate > 0.5
        rows.append((*key, *means, share.estimate, share.low, share.high, met, len(group)))
    columns = ["strategy", "goal", "kpi", "actual", "target"]
    return pd.DataFrame(rows, columns=[*columns, "probability", "low", "high", "met", "worlds"])


def _by_world(outcomes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values and errors with a row per strategy, scope and KPI and a column per world."""
    order = pd.MultiIndex.from_frame(outcomes[KEYS].drop_duplicates())
    cells = outcomes.set_index([*KEYS, "world"])
    return _wide(cells["value"], order), _wide(cells["se"], order)


def _wide(cells: pd.Series, order: pd.MultiIndex) -> pd.DataFrame:
    # Not pivot_table: it would average what was given twice instead of refusing it.
    return cells.unstack("world").reindex(order)  # noqa: PD010


def _aligned(table: pd.DataFrame, reference: str) -> Floats:
    """The reference strategy's rows, repeated for each row of the table; shape [rows, W]."""
    rows = table.xs(reference, level="strategy")
    return rows.reindex(table.index.droplevel("strategy")).to_numpy(float)


def _relative(interval: Interval[Floats], base: Floats) -> Floats:
    seen = np.isfinite(base)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(seen, base, 0.0).sum(axis=1) / seen.sum(axis=1)
        return np.where(mean == 0, np.nan, interval.estimate / mean)


def _better(kpis: Sequence[str], interval: Interval[Floats]) -> Floats:
    signs = np.array([sign(kpi) for kpi in kpis])
    return np.where(signs > 0, interval.low > 0, interval.high < 0)
