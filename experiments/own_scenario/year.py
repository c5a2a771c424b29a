"""The company's last year: its months, its spend by month, and how demand moves with the months."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isnan

from experiments.company_data.amounts import Amounts
from experiments.company_data.doubts import TableError
from experiments.company_data.vocabulary import IMPRESSIONS, ORDERS, REVENUE, SPEND

WHOLE_YEAR = 52
SEASON = 0.03
"""A month whose demand is nearer to the mean than this has no season of its own."""


@dataclass(frozen=True)
class LastYear:
    """The twelve months before `start`: spend [12] by channel, orders and revenue of the year.

    `impressions` are those of the year by channel, of channels that spend and that tell them.

    Where the table has fewer weeks, they are brought to a year in proportion; `weeks` were there.
    """

    start: dt.date
    spend: Mapping[str, list[float]]
    orders: float
    revenue: float
    weeks: int
    impressions: Mapping[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """All spend of the year."""
        return sum(map(sum, self.spend.values()))

    def packed(self, pack: int) -> LastYear:
        """The same with so many orders counted as one."""
        return replace(self, orders=self.orders / pack)


def last_year(amounts: Amounts) -> LastYear:
    """The last twelve whole months of a table by weeks. Raises `TableError` without orders."""
    start, spend = months_of_spend(amounts)
    for what in (ORDERS, REVENUE):
        if not amounts.has(what):
            raise TableError(
                f"the table has no {what}, and a scenario needs them; add them, or say what an "
                "order is worth, as in --order-value 60."
            )
    kept, part = _kept(amounts, start)
    orders, revenue = (
        part * sum(x for n in kept if not isnan(x := amounts.national(what)[n]))
        for what in (ORDERS, REVENUE)
    )
    paid = {name: months for name, months in spend.items() if sum(months) > 0}
    seen = {name: [amounts.national(IMPRESSIONS, name)[n] for n in kept] for name in paid}
    shown = {name: part * sum(x for x in found if not isnan(x)) for name, found in seen.items()}
    told = {name: count for name, count in shown.items() if count > 0}
    return LastYear(start, paid, orders, revenue, len(kept), told)


def months_of_spend(amounts: Amounts) -> tuple[dt.date, dict[str, list[float]]]:
    """The day after the last twelve whole months, and each channel's money in them [12].

    Raises `TableError` for a table that does not go by weeks.
    """
    if amounts.step != "week":
        raise TableError(
            "the table goes by months, and a scenario of one's own is made of weeks; bring weeks, "
            "or days."
        )
    start = _month_after(amounts.periods[-1] + dt.timedelta(7))
    _, part = _kept(amounts, start)
    first = start.replace(year=start.year - 1)
    return start, {
        name: [part * x for x in _months(amounts, name, first)] for name in amounts.channels
    }


def _kept(amounts: Amounts, start: dt.date) -> tuple[list[int], float]:
    """The weeks of the year before `start`, and what brings them to a year where some lack."""
    first = start.replace(year=start.year - 1)
    kept = [n for n, week in enumerate(amounts.periods) if first <= week < start]
    return kept, WHOLE_YEAR / len(kept) if len(kept) < WHOLE_YEAR - 4 else 1.0


def _month_after(day: dt.date) -> dt.date:
    """The first of the month in which a table ends, or of the next if that month is whole."""
    end = calendar.monthrange(day.year, day.month)[1]
    if day.day < end - 6:
        return day.replace(day=1)
    return (day.replace(day=1) + dt.timedelta(32)).replace(day=1)


def _months(amounts: Amounts, name: str, first: dt.date) -> list[float]:
    """A channel's money by month, each week's spread evenly over its days."""
    found = [0.0] * 12
    for week, money in zip(amounts.periods, amounts.national(SPEND, name), strict=True):
        for n in range(7):
            day = week + dt.timedelta(n)
            month = (day.year - first.year) * 12 + day.month - first.month
            if 0 <= month < 12 and not isnan(money):
                found[month] += max(money, 0.0) / 7
    return [round(money, 2) for money in found]


def month_factors(amounts: Amounts) -> dict[int, float]:
    """Demand of each calendar month against its year's mean, over all whole years of the table.

    Each week is held against the 52 weeks around it, so that growth is no season.
    """
    orders = amounts.national(ORDERS)
    if len(orders) < WHOLE_YEAR:
        return {}
    by_month: dict[int, list[float]] = defaultdict(list)
    for n, week in enumerate(amounts.periods):
        begin = min(max(n - WHOLE_YEAR // 2, 0), len(orders) - WHOLE_YEAR)
        around = [x for x in orders[begin : begin + WHOLE_YEAR] if not isnan(x)]
        if around and sum(around) > 0 and not isnan(orders[n]):
            middle = week + dt.timedelta(3)
            by_month[middle.month].append(orders[n] * len(around) / sum(around))
    means = {month: sum(values) / len(values) for month, values in by_month.items()}
    level = sum(means.values()) / max(len(means), 1)
    return {
        month: round(value / level, 3)
        for month, value in sorted(means.items())
        if abs(value / level - 1.0) > SEASON
    }
