"""Tables of a comparison: KPIs over worlds, paired differences, chances of meeting goals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from experiments.comparison.significance import corrected, p_values, widened
from experiments.direction import sign as sign
from experiments.stats import (
    Interval,
    mean_over_worlds,
    normal_interval,
    t_interval,
    wilson,
)
from tiermix.core.arrays import Floats

KEYS = ["strategy", "scope", "kpi"]


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


def difference_table(
    outcomes: pd.DataFrame,
    reference: str,
    level: float,
    *,
    objective: str = "",
    shared: SharedErrors | None = None,
) -> pd.DataFrame:
    """Paired differences of every other strategy to the reference, by scope and KPI.

    A single world has no paired spread: its interval then covers the error of simulation alone,
    as if the two runs had not shared their luck, which is too wide rather than too narrow.
    `better` and `worse` are corrected for the number of differences (`p_adjusted`), intervals are
    each for itself. `shared` are errors that all worlds have in common.
    """
    values, errors = _by_world(outcomes)
    base, base_errors = (_aligned(table, reference) for table in (values, errors))
    steps = values.to_numpy(float) - base
    interval = t_interval(steps, level=level)
    if values.shape[1] == 1:
        apart = np.hypot(errors.to_numpy(float), base_errors)[:, 0]
        interval = normal_interval(steps[:, 0], apart, level=level)
    freedom = np.isfinite(steps).sum(axis=1) - 1.0
    if values.shape[1] == 1:
        freedom = np.full(len(steps), np.inf)
    if shared is not None:
        common = np.array([shared.of(s, scope, kpi, reference) for s, scope, kpi in values.index])
        interval, freedom = widened(interval, freedom, common, shared.draws, (1 - level) / 2)
    table = pd.DataFrame(interval._asdict(), index=values.index)
    table = table.rename(columns={"estimate": "difference"})
    table["relative"] = _relative(interval, base)
    table["p"] = p_values(interval, freedom)
    others = table.index.get_level_values("strategy") != reference
    table = table[others & table["difference"].notna()].reset_index()
    return _judged(table, objective, 1 - level)


def no_differences(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The table of differences without a row, where there is nothing to be held against."""
    return difference_table(outcomes, str(outcomes["strategy"].iloc[0]), 0.95).iloc[:0]


def _judged(table: pd.DataFrame, objective: str, error: float) -> pd.DataFrame:
    """With `p_adjusted`, and `better` or `worse` where that is small enough."""
    primary = (table["scope"] == "all") & (table["kpi"] == objective)
    adjusted = corrected(table["p"].to_numpy(float), primary.to_numpy(bool))
    signs = np.array([sign(kpi) for kpi in table["kpi"]])
    wanted, sure = signs * table["difference"].to_numpy(float), adjusted < error
    return table.assign(p_adjusted=adjusted, better=sure & (wanted > 0), worse=sure & (wanted < 0))


@dataclass(frozen=True)
class SharedErrors:
    """Standard errors, by strategy and KPI of the whole company, that all worlds share.

    `draws`: from how many repetitions they were told; `forecasts`, what was told in each of them:
    of two strategies that plan on the same curves, what remains is how far they move apart.
    """

    errors: Mapping[tuple[str, str], float]
    draws: int
    forecasts: Mapping[tuple[str, str], tuple[float, ...]] = field(default_factory=dict)

    def of(self, strategy: str, scope: str, kpi: str, reference: str) -> float:
        """That of a difference to a reference."""
        if scope != "all" or strategy == reference:
            return 0.0
        one, other = (self.forecasts.get((name, kpi)) for name in (strategy, reference))
        if one is not None and other is not None:
            return float(np.subtract(one, other).std(ddof=1))
        ours, theirs = (self.errors.get((name, kpi), 0.0) for name in (strategy, reference))
        return float(np.hypot(ours, theirs))


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
