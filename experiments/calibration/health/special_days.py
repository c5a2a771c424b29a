"""Days on which people buy otherwise than they use to, wherever a company sells.

Fixed dates, the rule of Thanksgiving, and the first day of the Chinese year as the observatories
publish it: names for weeks that do not fit, nothing that is fitted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from scenarios import spring_festival

FIXED = {
    (1, 1): "New Year",
    (2, 14): "Valentine's Day",
    (3, 8): "Women's Day",
    (5, 1): "Labour Day",
    (6, 18): "618",
    (7, 4): "Independence Day (US)",
    (10, 1): "National Day (China)",
    (11, 11): "Singles' Day",
    (12, 12): "Double 12",
    (12, 25): "Christmas",
}


def special_days(first: dt.date, days: int = 7) -> list[str]:
    """Names of what lies in so many days from the first on, in the order of the year."""
    last = first + dt.timedelta(days - 1)
    return [
        name
        for year in range(first.year, last.year + 1)
        for date, name in _of_year(year)
        if first <= date <= last
    ]


def _of_year(year: int) -> Iterator[tuple[dt.date, str]]:
    for (month, day), name in FIXED.items():
        yield dt.date(year, month, day), name
    if festival := spring_festival(year):
        yield festival, "Spring Festival"
    yield _easter(year), "Easter"
    november = dt.date(year, 11, 1)
    # Thanksgiving is the fourth Thursday of November; Black Friday follows it.
    thursday = november + dt.timedelta((3 - november.weekday()) % 7 + 21)
    yield thursday + dt.timedelta(1), "Black Friday"
    yield thursday + dt.timedelta(4), "Cyber Monday"


def _easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (Anonymous 1876; Meeus 1991)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)
