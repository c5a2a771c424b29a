"""Years before those of a scenario: lived in its history year, each by itself and at its own level.

A market lives two years. A history of more is cut into years that are moved to the scenario's
history year by whole years, as near as weeks allow, where its years are alike: seasons return on
the same dates, and nothing in it has a date of its own. Each is a market from its beginning; what
the company had grown by is not in it, so that its orders are brought to those of the year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from experiments.calibration.history import EarlierYear, History
from scenarios import Scenario
from tiermix.core.arrays import Floats

DAYS = 365.25
LONGEST = 52
"""Weeks of a year that is lived moved."""
SHORTEST = 8
"""Fewer weeks than this at the beginning are left out: a level of their own would take them all."""
LATE = dt.timedelta(1)
"""By how much the end of February moves a season of months."""


def years_are_alike(scenario: Scenario) -> bool:
    """Whether a year earlier would look like the history year: no dated parts, seasons return."""
    dated = (scenario.rivals, scenario.shocks, scenario.offers, scenario.shops, scenario.variants,
             scenario.investments, scenario.content.assets)  # fmt: skip
    return not any(dated) and all(_returns(scenario, n) for n in range(len(scenario.seasons)))


def _returns(scenario: Scenario, number: int) -> bool:
    """Whether a season has a twin a year before or after it, of the same needs."""
    one = scenario.seasons[number]
    return any(
        other.needs == one.needs
        and any(
            abs(_moved(one.start, years) - other.start) <= LATE
            and abs(_moved(one.end, years) - other.end) <= LATE
            for years in (-1, 1)
        )
        for other in scenario.seasons
    )


def _moved(day: dt.date, years: int) -> dt.date:
    last = day.month == 2 and day.day == 29
    return (day - dt.timedelta(1) if last else day).replace(year=day.year + years)


def earlier_years(
    scenario: Scenario, weeks: Sequence[dt.date], before: int
) -> tuple[EarlierYear, ...]:
    """The first `before` of the weeks as years, the oldest first; what is too short is left out."""
    found, last = [], before
    while last >= SHORTEST:
        first = max(last - LONGEST, 0)
        moved = _days_until(weeks[first], scenario.history_start)
        if last - first >= SHORTEST:
            found.append(EarlierYear(first, last, moved))
        last = first
    return tuple(reversed(found))


def _days_until(week: dt.date, start: dt.date) -> int:
    """Whole weeks that come nearest to whole years, from a week to one not before the start."""
    years = max(int((start - week).days // DAYS), 0)
    while True:
        days = 7 * round(DAYS * years / 7)
        if week + dt.timedelta(days) >= start:
            return days
        years += 1


def levelled(answer: History, real: History) -> History:
    """The market's weeks with each earlier year brought to the orders that it had."""
    if not real.earlier:
        return answer
    factors = np.ones(len(real.weeks))
    for year in real.earlier:
        mine = slice(year.first, year.last)
        sold = float(answer.conversions[mine].sum())
        factors[mine] = float(real.conversions[mine].sum()) / sold if sold > 0 else 1.0
    orders, revenue = answer.conversions * factors, answer.revenue * factors
    return replace(answer, conversions=orders, revenue=revenue)


def middles(history: History) -> Floats:
    """A constant for each year [W]: its median."""
    parts = history.by_year(history.conversions)
    return np.concatenate([np.full(len(part), np.median(part)) for part in parts])
