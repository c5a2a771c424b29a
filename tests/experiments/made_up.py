"""Made-up outcomes for tests: strategies with known means in worlds that they share."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from experiments.comparison import GOAL_COLUMNS, OUTCOME_COLUMNS, PLAN_COLUMNS, Comparison

MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]


def outcomes(
    means: Mapping[str, float],
    *,
    worlds: int = 12,
    between: float = 40.0,
    within: float = 3.0,
    seed: int = 1,
) -> pd.DataFrame:
    """Margin and spend: a world's level shared by all strategies, and each one's own noise."""
    luck = np.random.default_rng(seed)
    level = luck.normal(0, between, worlds)
    rows = []
    for name, mean in means.items():
        margin = mean + level + luck.normal(0, within, worlds)
        for world in range(worlds):
            rows.append((name, world, "all", "margin", margin[world], within))
            rows.append((name, world, "all", "spend", 100.0, 0.0))
            rows.append((name, world, "all", "cac", 50 - margin[world] / 100, 0.1))
            rows.append((name, world, "tier:1", "margin", 0.6 * margin[world], 0.6 * within))
    return pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS))


def goals(table: pd.DataFrame, target: float) -> pd.DataFrame:
    """One goal on margin."""
    rows = table.query("kpi == 'margin' and scope == 'all'")
    rows = rows.rename(columns={"value": "actual"}).assign(goal="more margin", target=target)
    return rows.assign(met=rows["actual"] >= target)[list(GOAL_COLUMNS)]


def plans(table: pd.DataFrame) -> pd.DataFrame:
    """100 in all, evenly over two channels and twelve months."""
    rows = [
        (name, world, channel, month, 100 / 24)
        for name in table["strategy"].unique()
        for world in table["world"].unique()
        for channel in ("search", "douyin")
        for month in MONTHS
    ]
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def comparison(means: Mapping[str, float], *, target: float = 1000.0, **more: float) -> Comparison:
    """A comparison of strategies whose mean margins are known."""
    table = outcomes(means, **more)  # type: ignore[arg-type]
    return Comparison(
        scenario="made up",
        seed=1,
        customers=500,
        outcomes=table,
        plans=plans(table),
        goals=goals(table, target),
        currency="CNY",
        scenario_hash="abc123",
        seconds={"simulate": 1.5},
    )
