"""Two KPIs against each other: who is best in one for what the other is, and what that costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.direction import sign
from tiermix.core.arrays import Bools, Floats

SECOND = ("revenue", "new_customers", "conversions", "margin")
"""What the objective is held against where no goal names another KPI."""


def pair_of(outcomes: pd.DataFrame, goals: pd.DataFrame, objective: str) -> tuple[str, str] | None:
    """A KPI and the objective: the first goal's KPI, or what companies watch; None without any."""
    here = outcomes[outcomes["scope"] == "all"]
    measured = set(here.dropna(subset=["value"])["kpi"]) - {objective, "spend"}
    for kpi in (*dict.fromkeys(goals["kpi"]), *SECOND):
        if kpi in measured:
            return str(kpi), objective
    return None


def undominated(points: Floats) -> Bools:
    """Which of the points [N, 2] no other one is as good as in both and better in one."""
    least = np.all(points[None, :, :] >= points[:, None, :], axis=2)
    more = np.any(points[None, :, :] > points[:, None, :], axis=2)
    beaten: Bools = np.any(least & more, axis=1)
    return ~beaten


def front(means: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """The `means` (index: names, columns: KPIs) of the front, along x, with the price of x in y.

    Columns `x, y, price`: what one unit of x costs in y against the neighbour before; NaN for the
    first. More counts as better where the KPI says so.
    """
    turned = means[[x, y]].to_numpy(float) * [sign(x), sign(y)]
    known = np.isfinite(turned).all(axis=1)
    best = known.copy()
    best[known] = undominated(turned[known])
    found = means.loc[best, [x, y]].sort_values(x, kind="stable")
    steps = found.diff()
    with np.errstate(divide="ignore", invalid="ignore"):
        price = np.abs(steps[y].to_numpy(float) / steps[x].to_numpy(float))
    table = pd.DataFrame({"x": found[x], "y": found[y], "price": price})
    return table[~table.duplicated(["x", "y"])]
