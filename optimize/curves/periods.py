"""The periods of a plan: months, "2026-03", or weeks named by their first day, "2026-03-02".

A week lies in one month, so what rules say of months and quarters holds for the sums of its weeks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenarios import MediaPlan, days_in
from tiermix.core.arrays import Floats, Ints


def month_of(period: str) -> str:
    """The month of a period, YYYY-MM."""
    return period[:7]


def unit_of(periods: Sequence[str]) -> str:
    """What the periods are: month or week."""
    return "week" if any(period != month_of(period) for period in periods) else "month"


def by_month(periods: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The periods of each month, in order."""
    months = dict.fromkeys(month_of(period) for period in periods)
    return {m: tuple(p for p in periods if month_of(p) == m) for m in months}


def lengths(periods: Sequence[str], days: Ints) -> Floats:
    """How long each period is in months [M]: its share of its month's days, 1 for a whole month."""
    names = np.array([month_of(period) for period in periods])
    whole = {month: float(days[names == month].sum()) for month in dict.fromkeys(names.tolist())}
    return np.array([d / whole[name] for d, name in zip(days, names.tolist(), strict=True)])


def days(periods: Sequence[str]) -> Ints:
    """Days of each period [M] by the calendar: until the next one, or its month's end."""
    found = []
    for mine in by_month(periods).values():
        starts = [int(p[8:]) if p[8:] else 1 for p in mine]
        found += np.diff([*starts, days_in(month_of(mine[0])) + 1]).tolist()
    return np.array(found, dtype=np.int64)


def monthly(plan: MediaPlan) -> MediaPlan:
    """The plan by month, which is what a market takes: each month has the money of its weeks."""
    groups = by_month(plan.months)
    sums = [
        plan.amounts[:, [p in mine for p in plan.months]].sum(axis=1) for mine in groups.values()
    ]
    return MediaPlan(plan.channels, groups, np.column_stack(sums)) if sums else plan


def spread(plan: MediaPlan, periods: Sequence[str], share: Floats) -> MediaPlan:
    """A monthly plan by other periods, each with its share [M] of its month's money."""
    where = [plan.months.index(month_of(period)) for period in periods]
    return MediaPlan(plan.channels, periods, plan.amounts[:, where] * share)


def by_periods_of(plan: MediaPlan, like: MediaPlan) -> MediaPlan:
    """A monthly plan by the periods of another one; a month's money goes by days."""
    return spread(plan, like.months, lengths(like.months, days(like.months)))
