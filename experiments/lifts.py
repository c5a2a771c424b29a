"""Lifts that a company measured: a line a test, as information on what its channels bring.

channel,start,end,lift,error
tv,2025-04-01,2025-04-15,0.048,0.011

`lift` is the share of the company's outcome, from the first day to the last, that the channel's
whole money brought: 0.048 is 4.8 % of all that was sold. `error` is its standard error.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from tiermix.core.errors import TiermixError
from tiermix.core.hints import hint
from tiermix.core.tables.cells import Cells, read_cells
from tiermix.core.tables.dates import DAY, read_dates
from tiermix.core.tables.formulas import harmless
from tiermix.core.tables.numbers import marks_of, number

COLUMNS = ("channel", "start", "end", "lift", "error")
WANTED = f"a CSV with the columns {', '.join(COLUMNS)}"
LARGEST = 1.0
"""A channel cannot bring all there is."""


class LiftsError(TiermixError):
    """A table of lifts that cannot be used: file, line, column, value and remedy."""


@dataclass(frozen=True)
class MeasuredLift:
    """What a test found of a channel, from `start` to `end` (both in the test)."""

    channel: str
    start: dt.date
    end: dt.date
    lift: float
    error: float

    @property
    def weeks(self) -> float:
        """How long the test was."""
        return ((self.end - self.start).days + 1) / 7


class MeasuredLifts(tuple[MeasuredLift, ...]):
    """Tests in the order of their file."""

    @property
    def shares(self) -> dict[str, tuple[float, float, float]]:
        """Share, error and weeks by channel, as `fit_aggregates(lift=...)` takes them.

        Several tests of one channel are weighted by their precision.
        """
        tests: dict[str, list[MeasuredLift]] = defaultdict(list)
        for one in self:
            tests[one.channel].append(one)
        return {channel: _together(found) for channel, found in tests.items()}


def _together(found: Sequence[MeasuredLift]) -> tuple[float, float, float]:
    weights = [one.error**-2 for one in found]
    whole = math.fsum(weights)
    share, weeks = (
        math.fsum(w * x for w, x in zip(weights, values, strict=True)) / whole
        for values in ([one.lift for one in found], [one.weeks for one in found])
    )
    return share, whole**-0.5, weeks


def read_lifts(
    path: str | os.PathLike[str],
    channels: Sequence[str] | None = None,
    names: Mapping[str, str] | None = None,
) -> MeasuredLifts:
    """The tests of a file; `names` says which of `channels` its own names stand for.

    Without `channels` all names are good. Raises `LiftsError`.
    """
    cells = read_cells(path, LiftsError, wanted=WANTED)
    head = [name.lower() for name in cells.names]
    missing = [name for name in COLUMNS if name not in head]
    strange = [name for name in head if name not in COLUMNS]
    if missing or strange:
        what = f"{missing[0]!r} is missing" if missing else f"{strange[0]!r} is not known"
        raise LiftsError(
            f"{cells.source}: the column {what} (found: {', '.join(cells.names) or 'none'}); bring "
            f"{WANTED}, lift and error as fractions (0.05 is 5 %)."
        )
    rows = [(line, dict(zip(head, row, strict=True))) for line, row in cells.rows]
    if not rows:
        raise LiftsError(f"{cells.source}: holds no test; write a row a test.")
    days = _days(cells, rows)
    mark = marks_of(row[name] for _, row in rows for name in ("lift", "error")).decimal or "."
    return MeasuredLifts(
        MeasuredLift(
            _channel(row["channel"], channels, names or {}, cells.place(line)),
            *_span(row, days, cells.place(line)),
            *_figures(row, mark, cells.place(line)),
        )
        for line, row in rows
    )


def _days(cells: Cells, rows: Sequence[tuple[int, dict[str, str]]]) -> dict[str, dt.date]:
    texts = [row[name] for _, row in rows for name in ("start", "end")]
    dates = read_dates(texts)
    if dates.question or dates.grain != DAY:
        odd = dates.odd or texts[0]
        line = next((n for n, row in rows if odd in (row["start"], row["end"])), rows[0][0])
        raise LiftsError(
            f"{cells.place(line)}: start or end {odd!r} is no plain day; write first and last day "
            "of the test as 2025-04-01."
        )
    return {text: stamp.day for text, stamp in dates.stamps.items()}


def _channel(text: str, known: Sequence[str] | None, names: Mapping[str, str], place: str) -> str:
    name = names.get(text, text)
    if name and (known is None or name in known):
        return name
    raise LiftsError(
        f"{place}: channel {text!r} is not known; {hint(text, known or ())} If it goes by another "
        f'name there, say so: names={{"{text}": "NAME"}}.'
    )


def _span(
    row: Mapping[str, str], days: Mapping[str, dt.date], place: str
) -> tuple[dt.date, dt.date]:
    start, end = days[row["start"]], days[row["end"]]
    if end < start:
        raise LiftsError(f"{place}: end {end} is before start {start}; swap them.")
    return start, end


def _figures(row: Mapping[str, str], mark: str, place: str) -> tuple[float, float]:
    lift, error = (number(row[name], mark) for name in ("lift", "error"))
    if lift is None or not -LARGEST < lift < LARGEST:
        raise LiftsError(
            f"{place}: lift {row['lift']!r} is no share of the outcome; write a fraction below 1, "
            "as 0.05 for 5 %."
        )
    if error is None or not 0 < error < LARGEST:
        raise LiftsError(
            f"{place}: error {row['error']!r} is no standard error of a share; write a fraction "
            "above 0, as 0.01 for 1 percentage point."
        )
    return lift, error


def lifts_text(lifts: Iterable[MeasuredLift]) -> str:
    """Tests as CSV, as `read_lifts` reads it."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in lifts:
        *where, lift, error = astuple(one)
        writer.writerow([*map(harmless, where), f"{lift:.6g}", f"{error:.6g}"])
    return stream.getvalue()
