"""The two kernels of carry-over: stock before saturation, lag after it."""

from __future__ import annotations

import numpy as np

from tiermix.core.arrays import Floats, Ints

WEEK = 7.0

FORGOTTEN = 1e-7
"""Of an effect: what is left of it later than this has no term of its own in a program.

Values are of the whole kernel; in a program what was cut is bounded, so its bounds stay true.
"""
ROUNDING = 1e-14


def daily_stock(retention: float, days: Ints | Floats) -> Floats:
    """Weights [M, M] of month j's spend in month m's effective spend, from a daily retention ρ.

    Spend runs evenly over a month's days and stock(d) = ρ·stock(d−1) + (1 − ρ)·spend(d); summed
    over days this is exact for months of unequal length, and for months of n days it is
    w_0 = 1 − ρ(1 − ρⁿ) / (n(1 − ρ)), w_j = ρ^(n(j−1)+1) (1 − ρⁿ)² / (n(1 − ρ)). The same holds of
    a weekly retention and months of whole weeks; between them it is taken as it stands.
    """
    size = len(days)
    if retention == 0.0:
        return np.eye(size)
    kept = retention ** days.astype(float)
    ends = np.cumsum(days)
    between = ends[:, None] - days[:, None] - ends[None, :]
    power = retention ** np.maximum(between, 0).astype(float)
    scale = retention / (days * (1 - retention))
    weights = power * (1 - kept)[:, None] * (1 - kept)[None, :] * scale[None, :]
    inside = 1 - scale * (1 - kept)
    stock: Floats = np.tril(weights, -1) + np.diag(inside)
    return stock


def monthly_stock(retention: float, size: int) -> Floats:
    """Weights [M, M] (1 − ρ)·ρ^j of month m − j in month m, from a monthly retention ρ."""
    gap = np.subtract.outer(np.arange(size), np.arange(size))
    return np.where(gap >= 0, (1 - retention) * retention ** np.maximum(gap, 0).astype(float), 0.0)


def stock(retention: float, per: str, days: Ints) -> Floats:
    """Weights [M, M] over periods of so many `days`, from a retention per day, week or period."""
    if per == "month":
        return monthly_stock(retention, len(days))
    return daily_stock(retention, days / WEEK if per == "week" else days)


def lag(delay: Floats, months: int, history: int) -> Floats:
    """Weights [months + 1, cells] with which a cell's response counts in each planned month.

    `delay` [cells, cells] are the same between all cells: `history` months, the planned months and
    what comes after them; the last row takes what happens after the planned year.
    """
    spread: Floats = np.vstack([delay[history : history + months], np.zeros(len(delay))])
    rest = 1.0 - spread[:months, history:].sum(axis=0)
    spread[months, history:] = np.where(rest > ROUNDING, rest, 0.0)
    return spread


def kept(weights: Floats) -> Floats:
    """Weights of a kernel without those too small to be followed in a program."""
    return np.where(weights >= FORGOTTEN * weights.max(initial=0.0), weights, 0.0)
