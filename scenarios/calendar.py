"""Months as "YYYY-MM"."""

from __future__ import annotations

import calendar
import datetime as dt


def months_from(start: dt.date, count: int) -> tuple[str, ...]:
    """`count` months from the one that holds `start`."""
    first = start.year * 12 + start.month - 1
    return tuple(f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(first, first + count))


def days_in(month: str) -> int:
    """Days of a month."""
    year, number = month.split("-")
    return calendar.monthrange(int(year), int(number))[1]
