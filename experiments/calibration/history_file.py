"""The file of a history: its columns, weeks and decimal mark, checked before any figure is read."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from experiments.company_data.canonical import MORE_COLUMNS, OUTCOME_COLUMNS, TOTAL
from experiments.company_data.vocabulary import CONTROL_PREFIX, MEDIA
from experiments.company_data.zones import days_of
from tiermix.core.errors import TiermixError
from tiermix.core.hints import hint
from tiermix.core.tables.cells import Cells, read_cells
from tiermix.core.tables.dates import MONTH, read_dates
from tiermix.core.tables.formats import FIELD, HISTORY, check_format
from tiermix.core.tables.numbers import marks_of

COLUMNS = ("week", "channel", *MEDIA, *OUTCOME_COLUMNS)
NEEDED = ("week", "channel", "spend", *OUTCOME_COLUMNS)
CHECK = "`tiermix data check FILE` reads any table and writes the history that is in it"


class HistoryError(TiermixError):
    """A history that cannot be used: the sentence names file, line, field, value and remedy."""


@dataclass(frozen=True)
class HistoryRow:
    """A row of a history: where it stands, its week, and its cells by the column's name."""

    place: str
    week: dt.date
    cells: dict[str, str]


@dataclass(frozen=True)
class HistoryCells:
    """The rows of a history, the decimal mark of its figures, and what no fit uses of it."""

    rows: list[HistoryRow]
    decimal: str
    unused: tuple[str, ...]
    digest: str


def history_cells(path: str | os.PathLike[str]) -> HistoryCells:
    """The rows of a history as text, but for their weeks. Raises `HistoryError`."""
    cells = read_cells(path, HistoryError, wanted=f"a CSV with the columns {', '.join(COLUMNS)}")
    names = [name.lower() for name in cells.names]
    _check_columns(names, cells.source)
    kept = [(line, dict(zip(names, row, strict=True))) for line, row in cells.rows]
    for line, row in kept:
        check_format(row.pop(FIELD, None), HISTORY, cells.place(line), HistoryError)
    known = {name for name in COLUMNS if name in names}
    kept = [(line, row) for line, row in kept if any(row[name] for name in known)]
    if not kept:
        return HistoryCells([], ".", (), cells.digest)
    weeks = _weeks(cells, [(line, row["week"]) for line, row in kept])
    blank = dict.fromkeys(COLUMNS, "")
    rows = [HistoryRow(cells.place(line), weeks[row["week"]], blank | row) for line, row in kept]
    return HistoryCells(rows, _decimal(cells, kept), tuple(_unused(names, rows)), cells.digest)


def _check_columns(names: Sequence[str], source: str) -> None:
    wanted = (
        f"a history has the columns {', '.join(COLUMNS)}, of which impressions and clicks may be "
        f"left out, and conversions and revenue in rows of the channel {TOTAL!r}"
    )
    if "month" in names and "week" not in names:
        raise HistoryError(
            f"{source}: holds months, and a fit needs weeks; bring the same figures by weeks, or "
            "by days to `tiermix data check`."
        )
    for name in NEEDED:
        if name not in names:
            raise HistoryError(
                f"{source}: the column {name!r} is missing (found: {', '.join(names) or 'none'}); "
                f"{wanted}. {CHECK}."
            )
    more = (*COLUMNS, "region", *MORE_COLUMNS, FIELD)
    strange = [n for n in names if n not in more and not n.startswith(CONTROL_PREFIX)]
    if strange:
        raise HistoryError(
            f"{source}: the column {strange[0]!r} is not known; {hint(strange[0], more)} Take it "
            f"out, or call it {CONTROL_PREFIX}{strange[0]} if it is something that moves demand. "
            f"{CHECK}."
        )


def _weeks(cells: Cells, texts: Sequence[tuple[int, str]]) -> dict[str, dt.date]:
    """Each text's date: all in one order, days and no months, in no other place's time."""
    dates = read_dates(text for _, text in texts)
    if dates.question:
        line = next((line for line, text in texts if text == dates.odd), texts[0][0])
        said = dates.question.replace(
            "say which, as in --dates", "have `tiermix data check` read it with --dates"
        )
        raise HistoryError(f"{cells.place(line)}: week {said}.")
    if dates.grain == MONTH:
        raise HistoryError(
            f"{cells.place(texts[0][0])}: week {texts[0][1]!r} is a month, and a fit needs weeks; "
            "bring the same figures by weeks, or by days to `tiermix data check`."
        )
    days, doubts = days_of(dates.stamps, None)
    for doubt in doubts:
        if doubt.severity == "question":
            raise HistoryError(f"{cells.source}: {doubt.says}; write each week's first day.")
    return days


def _decimal(cells: Cells, rows: Sequence[tuple[int, dict[str, str]]]) -> str:
    """The decimal mark of all figures; where it is in doubt, the first figure in doubt is told."""
    if cells.typed:
        return "."
    figures = [name for name in (*MEDIA, *OUTCOME_COLUMNS) if name in rows[0][1]]
    marks = marks_of(row[name] for _, row in rows for name in figures)
    if not marks.decimal:
        odd = marks.doubt if not (marks.point and marks.comma) else marks.comma
        line, name = next((at, n) for at, row in rows for n in figures if row[n] == odd)
        raise HistoryError(f"{cells.place(line)}: {name} {marks.question()}.")
    return marks.decimal


def _unused(names: Sequence[str], rows: Sequence[HistoryRow]) -> Iterator[str]:
    """What stands in the file and moves no fit: said, so that nobody believes it did."""
    regions = {row.cells["region"] for row in rows if "region" in row.cells}
    if len(regions) > 1:
        yield f"{len(regions)} regions are added up: the fit is to the whole."
    if rest := [name for name in MORE_COLUMNS if name in names]:
        yield f"columns that a fit does not use: {', '.join(rest)}."
