"""What follows from the rest: dates from years and weeks, 0 and 1 from words, rows of sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from experiments.company_data.columns import Column, Understood
from experiments.company_data.doubts import NOTE, Doubt, TableError, many, some
from experiments.company_data.vocabulary import CATEGORY, CONTROL, DATE, SUM, WEEK_ENDS, words_of
from tiermix.core.tables.cells import Cells
from tiermix.core.tables.formats import FIELD, HISTORY, check_format
from tiermix.core.tables.numbers import is_empty

NO = ("false", "no", "off", "0", "否", "无")
"""Words of a control that say that nothing was there."""
YEAR = ("year", "yr", "jahr", "年", "年份")
PARTS = {
    "month": ("month", "月", "月份"),
    "week": ("week", "week_number", "isoweek", "iso_week", "周"),
}


def with_dates(cells: Cells) -> Cells:
    """The table with a date in front where year and week, or year and month, are apart."""
    names = {name.lower(): name for name in cells.names}
    year = next((names[name] for name in YEAR if name in names), None)
    if year is None:
        return cells
    for part, called in PARTS.items():
        other = next((names[name] for name in called if name in names), None)
        if other and _are_parts(cells.column(year), cells.column(other), part):
            return _dated(cells, year, other, part)
    return cells


def _are_parts(years: Sequence[str], parts: Sequence[str], part: str) -> bool:
    most = 12 if part == "month" else 53
    return all(y.isdigit() and len(y) == 4 for y in years) and all(
        p.isdigit() and len(p) <= 2 and 1 <= int(p) <= most for p in parts
    )


def _dated(cells: Cells, year: str, other: str, part: str) -> Cells:
    """`year` and `other` made one column of the name of both."""
    mark = "-W" if part == "week" else "-"
    y, p = cells.columns[year], cells.columns[other]
    kept = [n for n in range(len(cells.names)) if n not in (y, p)]
    rows = [
        (line, (f"{row[y]}{mark}{int(row[p]):02d}", *(row[n] for n in kept)))
        for line, row in cells.rows
    ]
    convention = ", weeks as ISO counts them" if part == "week" else ""
    said = f"its date is made of the columns {year} and {other}{convention}"
    names = ("date", *(cells.names[n] for n in kept))
    return replace(cells, names=names, rows=rows, said=(*cells.said, said))


def without_format(cells: Cells) -> Cells:
    """A history of ours without the version of its form; raises `TableError` for a newer one.

    A company's own column of that name tells formats of ads, which are no numbers.
    """
    if cells.names[-1] != FIELD or not all(text.isdecimal() for text in cells.column(FIELD)):
        return cells
    for line, row in cells.rows:
        check_format(row[-1], HISTORY, cells.place(line), TableError)
    rows = [(line, row[:-1]) for line, row in cells.rows]
    return replace(cells, names=cells.names[:-1], rows=rows)


def without_sums(cells: Cells, known: Understood) -> tuple[Cells, list[Doubt]]:
    """The table without first and last rows that say `total` for a date, and which these are.

    One between other rows may stand where a period should: it stays, and is asked about.
    """
    date = known.one(DATE)
    if date is None:
        return cells, []
    texts = cells.column(date.name)
    is_sum = [bool(SUM.fullmatch(text)) for text in texts]
    if all(is_sum):
        return cells, []
    first, last = is_sum.index(False), len(is_sum) - is_sum[::-1].index(False)
    sums = [line for line, _ in (*cells.rows[:first], *cells.rows[last:])]
    if not sums:
        return cells, []
    word = texts[0] if first else texts[-1]
    says = f"{many(len(sums), 'row')} of sums ({word!r}) left out"
    doubt = Doubt(NOTE, f"{cells.unit} {some(sums)}", says, "nothing to do")
    return replace(cells, rows=cells.rows[first:last]), [doubt]


def names_week_ends(known: Understood) -> str:
    """The column of dates, if it is called by the last day of a week; else ''."""
    date = known.one(DATE)
    ends = date is not None and "_".join(words_of(date.name)).lower() in WEEK_ENDS
    return date.name if date is not None and ends else ""


def with_indicators(cells: Cells, known: Understood) -> tuple[Cells, Understood]:
    """The table with a column of 0 and 1 for each word of a control, beside the words."""
    columns, names, more = list(known.columns), list(cells.names), []
    for column in known.of_role(CATEGORY):
        texts = cells.column(column.name)
        words = {text for text in texts if not is_empty(text) and text.lower() not in NO}
        for word in sorted(words):
            names.append(f"{column.name} is {word}")
            of = "_".join([column.of, *words_of(word)])
            why = f"1 where {column.name} says {word!r}"
            columns.append(Column(names[-1], CONTROL, of, why, asked=column.asked))
            more.append(["1" if text == word else "0" for text in texts])
    added = zip(*more, strict=True) if more else iter([()] * len(cells.rows))
    rows = [(line, (*row, *new)) for (line, row), new in zip(cells.rows, added, strict=True)]
    return replace(cells, names=tuple(names), rows=rows), replace(known, columns=tuple(columns))
