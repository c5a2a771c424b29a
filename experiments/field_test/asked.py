"""What the user says of a test that its table does not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from experiments.company_data.doubts import TableError
from experiments.company_data.reading import DECIMALS
from tiermix.core.hints import hint
from tiermix.core.tables.dates import ORDERS, readings


@dataclass(frozen=True)
class Asked:
    """Who was treated, from when to when, what is looked at, and how the file is to be read.

    `treated` are regions, or groups of a column of groups; `kpi` is conversions, revenue or leads;
    `columns` says what columns are; `dates` is their order, `decimal` point or comma; `share` is
    the share of people that the test meant to treat.
    """

    treated: str | None = None
    start: str | None = None
    end: str | None = None
    channel: str | None = None
    kpi: str | None = None
    columns: tuple[str, ...] = ()
    dates: str | None = None
    decimal: str | None = None
    sheet: str | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if self.dates is not None and self.dates not in ORDERS:
            raise TableError(f"--dates {self.dates!r} is no order; {hint(self.dates, ORDERS)}")
        if self.decimal is not None and self.decimal not in DECIMALS:
            raise TableError(
                f"--decimal {self.decimal!r} is no mark; {hint(self.decimal, DECIMALS)}"
            )
        if self.share is not None and not 0 < self.share < 1:
            raise TableError(
                f"--share {self.share:g} leaves one group without people; give the share that was "
                "to be treated, as in --share 0.5."
            )

    @property
    def first(self) -> dt.date | None:
        """First day of the test, if it is said."""
        return _day(self.start, "--start")

    @property
    def last(self) -> dt.date | None:
        """Last day of the test, if it is said."""
        return _day(self.end, "--end")

    @property
    def span(self) -> tuple[dt.date, dt.date] | None:
        """Both, if both are said."""
        first, last = self.first, self.last
        if first is None or last is None:
            return None
        if last < first:
            raise TableError(f"--end {last} is before --start {first}; swap them.")
        return first, last


def _day(text: str | None, option: str) -> dt.date | None:
    if text is None:
        return None
    found = {stamp.day for stamp in readings(text).values()}
    if len(found) != 1:
        raise TableError(f"{option} {text!r} is no date; write it as 2026-03-01.")
    return found.pop()
