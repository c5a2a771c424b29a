"""The periods of a plan: months, "2026-03", or weeks named by their first day, "2026-03-02".

A week lies in one month, so what rules say of months and quarters holds for the sums of its weeks.
Weeks of a calendar, which know no months, are cut where a month begins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from scenarios.parts.calendar import days_in
from tiermix.core.arrays import Floats, Ints
from tiermix.core.errors import TiermixError

LONGEST = 10
"""Days of a week: those that do not fill one of their own stay with their month's last or first."""


class PeriodError(TiermixError):
    """Weeks that are none, or do not fill the months of a plan."""


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


def of_days(periods: Sequence[str]) -> Ints:
    """For each day of the periods, the number of its period."""
    return np.repeat(np.arange(len(periods)), days(periods))


def fill(periods: Sequence[str], months: Sequence[str]) -> bool:
    """Whether the periods, in order, are these months or weeks that each month is made of."""
    mine = by_month(periods)
    if list(mine) != list(months) or list(periods) != sorted(periods):
        return False
    return all(part == (month,) or part[0] == f"{month}-01" for month, part in mine.items())


def union(first: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Periods of which both are made."""
    if tuple(first) == tuple(other):
        return tuple(first)
    starts = {f"{period}-01"[:10] for period in (*first, *other)}
    return tuple(sorted(starts))


def cut(starts: Sequence[str], months: Sequence[str]) -> tuple[tuple[str, ...], Floats]:
    """Weeks cut where months begin: the periods, and each week's share of days in them [W, M].

    `starts` are first days in order; a week lasts until the next one begins, the last one for seven
    days. What of the first and the last week lies outside the months is no part of either, so that
    its money is spent on the days inside. Raises `PeriodError`.
    """
    first, end = _day(f"{months[0]}-01"), _day(f"{months[-1]}-01") + days_in(months[-1])
    begins = [_day(start) for start in starts]
    _check_weeks(starts, begins, months, first, end)
    ends = [*begins[1:], max(begins[-1] + 7, end)]
    edges = sorted({*(_day(f"{month}-01") for month in months), *(max(b, first) for b in begins)})
    periods = tuple(dt.date.fromordinal(edge).isoformat() for edge in edges)
    left, right = np.array(edges), np.array([*edges[1:], end])
    shared = np.minimum(right, np.array(ends)[:, None]) - np.maximum(
        left, np.array(begins)[:, None]
    )
    shared = np.maximum(shared, 0)
    return periods, shared / shared.sum(axis=1, keepdims=True)


def _day(start: str) -> int:
    try:
        return dt.date.fromisoformat(start).toordinal()
    except ValueError:
        raise PeriodError(
            f"week {start!r} is no date; name a week by its first day, YYYY-MM-DD"
        ) from None


def _check_weeks(
    starts: Sequence[str], begins: Sequence[int], months: Sequence[str], first: int, end: int
) -> None:
    """Refuse weeks that leave days of the months without a word, or lie outside them."""
    outside = [s for s, b in zip(starts, begins, strict=True) if b >= end or b + 7 <= first]
    if outside:
        raise PeriodError(
            f"week {outside[0]} does not lie in the months {months[0]} to {months[-1]}"
        )
    apart = np.diff([*begins, max(begins[-1] + 1, end)])
    for start, length in zip(starts, apart.tolist(), strict=True):
        if length > LONGEST:
            raise PeriodError(
                f"the week after {start} is missing; name every week of {months[0]} to "
                f"{months[-1]}, with the amount 0 where nothing is spent"
            )
    if begins[0] > first:
        raise PeriodError(
            f"the first week is {starts[0]}; name every week from the one that holds "
            f"{months[0]}-01 on"
        )
