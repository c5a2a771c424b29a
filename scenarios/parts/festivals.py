"""The first day of the Chinese year, as the observatories publish it."""

from __future__ import annotations

import datetime as dt

SPRING_FESTIVALS = {
    2010: "02-14", 2011: "02-03", 2012: "01-23", 2013: "02-10", 2014: "01-31", 2015: "02-19",
    2016: "02-08", 2017: "01-28", 2018: "02-16", 2019: "02-05", 2020: "01-25", 2021: "02-12",
    2022: "02-01", 2023: "01-22", 2024: "02-10", 2025: "01-29", 2026: "02-17", 2027: "02-06",
    2028: "01-26", 2029: "02-13", 2030: "02-03",
}  # fmt: skip


def spring_festival(year: int) -> dt.date | None:
    """Its date in a year; None where the table does not reach."""
    found = SPRING_FESTIVALS.get(year)
    return None if found is None else dt.date.fromisoformat(f"{year}-{found}")
