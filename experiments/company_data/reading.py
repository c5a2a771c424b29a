"""The rows of a table once its columns are known: dates, regions, channels and figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import nan

from experiments.company_data.columns import LONG, Column, Understood
from experiments.company_data.doubts import NOTE, QUESTION, Doubt, some
from experiments.company_data.vocabulary import (
    CHANNEL,
    CONTROL,
    CURRENCY,
    DATE,
    MEDIA,
    OUTCOMES,
    POPULATION,
    REGION,
)
from tiermix.core.tables.cells import Cells
from tiermix.core.tables.dates import Dates, counts_weeks, read_dates
from tiermix.core.tables.numbers import (
    COMMA,
    CURRENCIES,
    POINT,
    currency_of,
    is_empty,
    marks_of,
    number,
    plain_number,
)

FIGURES = (*MEDIA, *OUTCOMES, CONTROL, POPULATION)
TOTALS = {"total", "totals", "all", "overall", "合计", "总计", "gesamt"}
DECIMALS = {"point": POINT, "comma": COMMA}


@dataclass
class Rows:
    """N rows as they were read: dates' texts, regions, channels, and figures by column.

    A figure that is not given is not a number.
    """

    lines: list[int]
    dates: Dates
    when: list[str]
    regions: list[str]
    channels: list[str]
    figures: dict[str, list[float]]
    doubts: list[Doubt] = field(default_factory=list)


def read_rows(
    cells: Cells,
    known: Understood,
    *,
    order: str | None,
    decimal: str | None,
    alike: bool = False,
) -> Rows:
    """The rows of a table; what cannot be read is a question, and so are rows that are `alike`.

    Unless they may be, as rows of single people are.
    """
    doubts: list[Doubt] = []
    date = known.one(DATE)
    when = cells.column(date.name) if date else [""] * len(cells.rows)
    dates = _dates(cells, date, when, order, doubts)
    figures = _figures(cells, known, decimal, doubts)
    rows = Rows(
        [line for line, _ in cells.rows],
        dates,
        when,
        _texts(cells, known.one(REGION), doubts),
        _texts(cells, known.one(CHANNEL) if known.layout == LONG else None, doubts),
        figures,
        doubts,
    )
    doubts += () if alike else _same_rows(cells)
    return rows


def _dates(
    cells: Cells, column: Column | None, when: Sequence[str], order: str | None, doubts: list[Doubt]
) -> Dates:
    if column is None:
        return Dates({})
    dates = read_dates(when, order)
    if dates.question:
        line = cells.rows[when.index(dates.odd)][0] if dates.odd in when else 1
        says, _, remedy = dates.question.partition("; ")
        where = f"column {column.name}, {cells.unit} {line}"
        doubts.append(Doubt(QUESTION, where, says, remedy or "correct it"))
    elif any("." in text[:6] and not text[:4].isdigit() for text in when[:1]):
        doubts.append(
            Doubt(NOTE, f"column {column.name}", "its dates are read day first, as points say",
                  "nothing to do")
        )  # fmt: skip
    elif when and counts_weeks(when[0]):
        says = "its weeks are counted as ISO does, the first with a Thursday in January"
        doubts.append(Doubt(NOTE, f"column {column.name}", says, "if not, name their first days"))
    return dates


def _texts(cells: Cells, column: Column | None, doubts: list[Doubt]) -> list[str]:
    """Names of regions or channels; an empty one is a question, twins by case are one too."""
    if column is None:
        return [""] * len(cells.rows)
    found = cells.column(column.name)
    if "" in found:
        line = cells.rows[found.index("")][0]
        doubts.append(
            Doubt(QUESTION, f"column {column.name}, {cells.unit} {line}",
                  f"there is no {column.role}", "name it, or take the row out")
        )  # fmt: skip
    spelled: dict[str, set[str]] = defaultdict(set)
    for name in found:
        spelled[name.casefold()].add(name)
    twins = [n for n in spelled.values() if len(n) > 1 and not n & TOTALS]
    doubts += [
        Doubt(QUESTION, f"column {column.name}",
              f"{' and '.join(map(repr, sorted(names)))} differ in capitals only",
              "write one name in one way")
        for names in twins
    ]  # fmt: skip
    return ["total" if n.casefold() in TOTALS and column.role == CHANNEL else n for n in found]


def _figures(
    cells: Cells, known: Understood, decimal: str | None, doubts: list[Doubt]
) -> dict[str, list[float]]:
    columns = known.of_role(*FIGURES)
    texts = {column.name: cells.column(column.name) for column in columns}
    mark = DECIMALS[decimal] if decimal else _mark(cells, texts, doubts)
    monies: dict[str, str] = {}
    found = {}
    for column in columns:
        figures = _numbers(column, texts[column.name], mark, cells, doubts, monies)
        found[column.name] = _in_units(column, figures, doubts)
    doubts += _currencies(cells, known, columns, monies)
    return found


def _in_units(column: Column, figures: list[float], doubts: list[Doubt]) -> list[float]:
    """Figures in the unit that their column's name tells, as whole amounts."""
    if column.unit == 1.0:
        return figures
    said = f"its name tells its unit: figures are taken times {column.unit:,.0f}"
    doubts.append(Doubt(NOTE, f"column {column.name}", said, "rename it if they are whole amounts"))
    return [figure * column.unit for figure in figures]


def _mark(cells: Cells, texts: dict[str, list[str]], doubts: list[Doubt]) -> str:
    """The decimal mark of the whole file; where figures leave it open, a question says so."""
    if cells.typed:
        return POINT
    marks = marks_of(text for column in texts.values() for text in column)
    decimal = marks.decimal
    if not decimal:
        says, _, remedy = marks.question().partition("; ")
        doubts.append(Doubt(QUESTION, "", says, f"{remedy}; or say --decimal point or comma"))
    return decimal or POINT


def _numbers(
    column: Column, texts: Sequence[str], mark: str, cells: Cells, doubts: list[Doubt],
    monies: dict[str, str],
) -> list[float]:  # fmt: skip
    found, bad, words = [], [], Counter[str]()
    for (line, _), text in zip(cells.rows, texts, strict=True):
        plain = plain_number(text) if mark == POINT else None
        if plain is not None:
            found.append(plain)
            continue
        if is_empty(text):
            words.update([text] if text else [])
            found.append(nan)
            continue
        value = number(text, mark)
        if sign := currency_of(text):
            monies.setdefault(sign, text)
        if value is None:
            bad.append((line, text))
        found.append(nan if value is None else value)
    if bad:
        doubts.append(
            Doubt(QUESTION, f"column {column.name}, {cells.unit} {bad[0][0]}",
                  f"{bad[0][1]!r} is no figure"
                  + (f", nor are {len(bad) - 1:,} more cells" if len(bad) > 1 else ""),
                  "write figures as 12500.50, and leave a cell empty where there is none")
        )  # fmt: skip
    if words:
        doubts.append(
            Doubt(NOTE, f"column {column.name}",
                  f"{sum(words.values()):,} cells say {' or '.join(map(repr, words))} and are read "
                  "as empty", "write the figure where there is one")
        )  # fmt: skip
    return found


def _currencies(
    cells: Cells, known: Understood, columns: Sequence[Column], monies: dict[str, str]
) -> Iterator[Doubt]:
    """Money of two currencies cannot be added up."""
    shown = set(monies) | {column.money for column in columns if column.money}
    named = known.one(CURRENCY)
    if named:
        names = {text.strip() for text in cells.column(named.name) if not is_empty(text)}
        shown |= {CURRENCIES.get(name.lower(), name.upper()) for name in names}
    if len(shown) > 1:
        yield Doubt(
            QUESTION, f"column {named.name}" if named else "",
            f"amounts are in several currencies ({', '.join(sorted(shown))})",
            "convert them to one",
        )  # fmt: skip


def _same_rows(cells: Cells) -> Iterator[Doubt]:
    """Rows that stand twice, cell for cell: added up or left out, either may be wrong."""
    first: dict[tuple[str, ...], int] = {}
    twins = []
    for line, row in cells.rows:
        if row in first:
            twins.append((first[row], line))
        first.setdefault(row, line)
    if twins:
        a, b = twins[0]
        yield Doubt(
            QUESTION, f"{cells.unit}s {a} and {b}",
            "they are the same in every cell"
            + (f", and so are {len(twins) - 1:,} more pairs" if len(twins) > 1 else ""),
            "take one out, or add a column that tells them apart",
        )  # fmt: skip


def told_apart_by(known: Understood, cells: Cells) -> str:
    """A column of text that nobody uses and that might tell rows of one date apart."""
    texts = [c.name for c in known.columns if c.role == "unknown"]
    return some([name for name in texts if 1 < len(set(cells.column(name))) <= 500], 1)
