"""One made-up company's figures, written as any company might keep them."""

import csv
import datetime as dt
import gzip
import io
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MONDAY = dt.date(2025, 1, 6)
CHANNELS = ("Google Ads", "tv", "抖音")
REGIONS = ("North", "South")
WEEKS = 16

Row = tuple[dt.date, str, str, str, float]
"""Day, region, channel ('' of the company), what is measured, and how much."""


def days(weeks: int = WEEKS) -> list[Row]:
    """Figures by day and region that add up without rounding: quarters of a unit."""
    random = np.random.default_rng(5)
    rows: list[Row] = []
    for n in range(7 * weeks):
        day = MONDAY + dt.timedelta(n)
        for region in REGIONS:
            for channel in CHANNELS:
                money = float(random.integers(0, 40000)) / 4
                rows.append((day, region, channel, "spend", money))
                rows.append((day, region, channel, "impressions", float(random.integers(1e4, 1e6))))
            rows.append((day, region, "", "orders", float(random.integers(50, 200))))
            rows.append((day, region, "", "revenue", float(random.integers(1e4, 1e6)) / 4))
    return rows


DAYS = days()


@dataclass(frozen=True)
class Form:
    """How a table is kept: layout, step, regions, dates, figures, and the kind of file.

    `rows` are figures by day, those of `DAYS` where none are given.
    """

    layout: str = "long"
    step: str = "week"
    regional: bool = False
    date: Callable[[dt.date], str] = dt.date.isoformat
    separator: str = ","
    encoding: str = "utf-8"
    figure: Callable[[float], str] = repr
    file: str = "csv"
    rows: tuple[Row, ...] = tuple(DAYS)


def summed(form: Form) -> dict[tuple[dt.date, str], dict[tuple[str, str], float]]:
    """The figures by the form's periods and regions."""
    found: dict[Any, dict[Any, float]] = defaultdict(lambda: defaultdict(float))
    for day, region, channel, what, value in form.rows:
        period = day
        if form.step == "week":
            period = day - dt.timedelta(day.weekday())
        elif form.step == "month":
            period = day.replace(day=1)
        found[period, region if form.regional else ""][channel, what] += value
    return found


def table(form: Form) -> list[dict[str, Any]]:
    """Rows of the table as names and values."""
    return list((_wide if form.layout == "wide" else _long)(form))


def _start(form: Form, period: dt.date, region: str) -> dict[str, Any]:
    when: Any = period if form.file in ("xlsx", "parquet") else form.date(period)
    return {"date": when, **({"region": region} if form.regional else {})}


def _wide(form: Form) -> Iterator[dict[str, Any]]:
    for (period, region), figures in summed(form).items():
        yield {
            **_start(form, period, region),
            **{f"{c} {what}".strip(): value for (c, what), value in figures.items()},
        }


def _long(form: Form) -> Iterator[dict[str, Any]]:
    whats = list(dict.fromkeys(what for _, _, _, what, _ in form.rows))
    channels = dict.fromkeys(channel for _, _, channel, _, _ in form.rows if channel)
    for (period, region), figures in summed(form).items():
        for channel in (*channels, ""):
            mine = {what: figures.get((channel, what)) for what in whats}
            yield {**_start(form, period, region), "channel": channel or "total", **mine}


def write(folder: Path, form: Form) -> Path:
    """The table as a file of the form."""
    rows = table(form)
    path = folder / f"table.{form.file}"
    if form.file in ("xlsx", "parquet"):
        frame = pd.DataFrame(rows)
        frame["date"] = pd.to_datetime(frame["date"])
        if form.file == "xlsx":
            frame.to_excel(path, index=False)
        else:
            frame.to_parquet(path)
        return path
    data = text(form, rows).encode(form.encoding)
    path.write_bytes(gzip.compress(data) if form.file.endswith(".gz") else data)
    return path


def text(form: Form, rows: list[dict[str, Any]]) -> str:
    """The table as the text of a CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=form.separator, lineterminator="\r\n")
    writer.writerow(rows[0])
    for row in rows:
        cells = (form.figure(x) if isinstance(x, float) else x for x in row.values())
        writer.writerow(["" if cell is None else cell for cell in cells])
    return stream.getvalue()


def shown(form: Form, **changes: Any) -> Form:
    """The form with some of it otherwise."""
    return replace(form, **changes)


def comma(value: float) -> str:
    """1.234,5 as in Germany."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def blank(value: float) -> str:
    """1 234,50 as in France."""
    return f"{value:,.2f}".replace(",", " ").replace(".", ",")


def thousands(value: float) -> str:
    """1,234.50 as in America."""
    return f"{value:,.2f}"


DATES: tuple[Callable[[dt.date], str], ...] = (
    dt.date.isoformat,
    lambda d: f"{d.year}/{d.month}/{d.day}",
    lambda d: f"{d:%d.%m.%Y}",
    lambda d: f"{d:%d/%m/%Y}",
    lambda d: f"{d.month}/{d.day}/{d.year}",
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d:%d %b %Y}",
    lambda d: f"{d:%B %d, %Y}",
    lambda d: f"{d:%Y-%m-%d} 00:00:00",
    lambda d: f"{d:%Y-%m-%d}T00:00:00+08:00",
    lambda d: f"{d.year}年{d.month}月{d.day}日",
)
MONTHS: tuple[Callable[[dt.date], str], ...] = (
    dt.date.isoformat,
    lambda d: f"{d:%Y-%m}",
    lambda d: f"{d.year}/{d.month}",
    lambda d: f"{d:%b-%y}",
    lambda d: f"{d:%B %Y}",
    lambda d: f"{d:%Y%m}",
    lambda d: f"{d.year}年{d.month}月",
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030")
WRITTEN = ((",", repr), (",", thousands), (";", comma), (";", blank), ("\t", repr), ("|", repr))
FILES = ("csv", "csv.gz", "xlsx", "parquet")
