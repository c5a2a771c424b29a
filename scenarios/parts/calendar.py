"""Months as "YYYY-MM", stretches of days, and what holds on them."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable

import numpy as np

from scenarios.parts.base import Stretch
from tiermix.core.arrays import Floats


def months_from(start: dt.date, count: int) -> tuple[str, ...]:
    """`count` months from the one that holds `start`."""
    first = start.year * 12 + start.month - 1
    return tuple(f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(first, first + count))


def days_in(month: str) -> int:
    """Days of a month."""
    year, number = month.split("-")
    return calendar.monthrange(int(year), int(number))[1]


def days_of(stretch: Stretch, first: dt.date) -> slice:
    """The days of a stretch, counted from `first`; those before it are left out."""
    start, end = ((day - first).days for day in (stretch.start, stretch.end))
    return slice(max(start, 0), max(end + 1, 0))


def product_by_day(stretches: Iterable[Stretch], field: str, first: dt.date, days: int) -> Floats:
    """Product of a field over the stretches that hold, on each of the `days` from `first` on."""
    factors = np.ones(days)
    for stretch in stretches:
        factors[days_of(stretch, first)] *= getattr(stretch, field)
    return factors
