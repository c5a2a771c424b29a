"""The cells of a table as text with their places, whatever the kind of file: nothing is dropped."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from tiermix.core.errors import TiermixError
from tiermix.core.tables.text import decoded, read_bytes
from tiermix.core.tables.titles import LOOKED_AT as TITLES
from tiermix.core.tables.titles import header_at, said_of

LARGEST_CELLS, LARGEST_COLUMNS = 5_000_000, 2_000
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
WORKBOOK, OLD_WORKBOOK, PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"
LOOKED_AT = 60
"""Rows by which the separator is told."""
INDEX = "column 1"
"""The name that a first column without one is given."""
WANTED = "a table (CSV, .csv.gz, Excel .xlsx or Parquet)"


@dataclass(frozen=True)
class Cells:
    """A table of text: `names` [C] of the header, and rows with their place in the file.

    `unit` is what the file calls a place (line, row). `typed` says that figures came as numbers
    and were written with a point. `said` are remarks on how the file was read.
    """

    source: str
    names: tuple[str, ...]
    rows: list[tuple[int, tuple[str, ...]]]
    unit: str = "line"
    typed: bool = False
    separator: str = ""
    said: tuple[str, ...] = ()
    digest: str = ""
    columns: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", {name: n for n, name in enumerate(self.names)})

    def place(self, line: int) -> str:
        """Where a row stands, with the file's name."""
        return f"{self.source}, {self.unit} {line}"

    def by_name(self) -> list[tuple[int, dict[str, str]]]:
        """Each row with its place, its cells by the header's names in small letters."""
        names = [name.lower() for name in self.names]
        return [(line, dict(zip(names, cells, strict=True))) for line, cells in self.rows]

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        n = self.columns[name]
        return [cells[n] for _, cells in self.rows]


def read_cells(
    path: str | os.PathLike[str],
    wrong: type[TiermixError] = TiermixError,
    *,
    wanted: str = WANTED,
    sheet: str | None = None,
    usual: Sequence[str] = (),
    formulas: bool = False,
) -> Cells:
    """The table in a file; CSV in any usual encoding and separator, gzip, Excel, Parquet.

    Of a workbook with several sheets and none named, the first of the `usual` ones is taken; with
    `formulas` one that was never computed is a cell of its own text. Rows without any text are left
    out, and so are columns that have neither name nor text.
    Raises `wrong` for a file that is not there or no table, for cells under no name, names that
    stand twice, and for more than `LARGEST_CELLS`.
    """
    data = read_bytes(path, wrong, wanted)
    book = data.startswith(WORKBOOK)
    if sheet is not None and not book:
        raise wrong(f"{path}: is no Excel workbook and has no sheet {sheet!r}; leave --sheet out.")
    if data.startswith(OLD_WORKBOOK):
        raise wrong(f"{path}: is not UTF-8 text but Excel's .xls; save it as .xlsx or CSV UTF-8.")
    if book or data.startswith(PARQUET):
        found = _typed(data, path, wrong, sheet, book, usual, formulas)
    else:
        found = _written(data, path, wrong)
    return replace(found, digest=hashlib.sha256(data).hexdigest())


Grid = Iterator[tuple[int, list[str]]]


def _typed(
    data: bytes,
    path: str | os.PathLike[str],
    wrong: type[TiermixError],
    sheet: str | None,
    book: bool,
    usual: Sequence[str],
    formulas: bool,
) -> Cells:
    """A workbook or Parquet: figures are numbers there, and dates are dates."""
    said: tuple[str, ...] = ()
    if book:
        from tiermix.core.tables.workbook import workbook_rows

        grid, said = workbook_rows(data, path, wrong, sheet, usual=usual, formulas=formulas)
    else:
        from tiermix.core.tables.columnar import parquet_rows

        grid = parquet_rows(data, path, wrong)
    found = _table(str(path), grid, wrong, "row")
    return replace(found, typed=True, said=(*said, *found.said))


def _written(data: bytes, path: str | os.PathLike[str], wrong: type[TiermixError]) -> Cells:
    """Text: its encoding and separator are found out, and told where they are not the usual."""
    text, remark = decoded(data, path, wrong)
    separator = separator_of(text)
    found = _table(str(path), _csv_rows(text, separator, path, wrong), wrong, "line")
    said = [remark] if remark else []
    if separator != ",":
        said.append(f"its cells are separated by {SEPARATORS[separator]}")
    return replace(found, separator=separator, said=(*said, *found.said))


def separator_of(text: str) -> str:
    """What separates cells: by it, most rows have as many as the header, and they have most.

    Where the first line is no header of the rest, lines above the header are looked past.
    """
    if found := re.match(r"sep=(.)\r?\n", text):
        return found[1] if found[1] in SEPARATORS else ","
    start = text[: 64 * 1024].splitlines()[: LOOKED_AT + 1]
    for titles in (False, True):
        scores = {mark: _score(start, mark, titles) for mark in SEPARATORS}
        best = max(scores, key=lambda mark: scores[mark])
        if scores[best][1] > 1 and (titles or scores[best][0] > 0.5):
            return best
    return ","


def _score(lines: Sequence[str], mark: str, titles: bool) -> tuple[float, int]:
    """How well a separator fits: the share of rows like the header, and the header's cells."""
    try:
        rows = [row for row in csv.reader(lines, delimiter=mark, skipinitialspace=True) if row]
    except csv.Error:
        return 0.0, 0
    if titles:
        rows = rows[header_at(rows) :]
    if not rows or len(rows[0]) < 2:
        return 0.0, 0
    width = len(rows[0])
    alike = sum(len(row) == width for row in rows) / len(rows)
    return round(alike, 1), width


def _csv_rows(
    text: str, separator: str, path: str | os.PathLike[str], wrong: type[TiermixError]
) -> Grid:
    text = text.removeprefix("\ufeff")
    skipped = 1 if re.match(r"sep=.\r?\n", text) else 0
    stream = io.StringIO(text, newline="")
    if skipped:
        stream.readline()
    reader = csv.reader(stream, delimiter=separator, skipinitialspace=separator != "\t")
    try:
        for row in reader:
            yield reader.line_num + skipped, row
    except csv.Error as error:
        raise wrong(f"{path}: is no CSV ({error}); save it as CSV UTF-8.") from None


def _table(source: str, grid: Grid, wrong: type[TiermixError], unit: str) -> Cells:
    filled = ((line, row) for line, row in grid if any(cell.strip() for cell in row))
    header, said, left = _header(filled, unit)
    names = [name.strip() for name in header]
    _check_names(names, source, wrong)
    rows: list[tuple[int, tuple[str, ...]]] = []
    room = LARGEST_CELLS // max(len(names), 1)
    for line, found in left:
        cells = [cell.strip() for cell in found]
        if any(cells[len(names) :]):
            raise wrong(
                nameless(f"{source}, {unit} {line}", next(filter(None, cells[len(names) :])))
            )
        if len(rows) >= room:
            raise wrong(
                f"{source}: has more than {LARGEST_CELLS:,} cells; sum its rows to days or weeks, "
                "or keep the columns that are needed."
            )
        cells += [""] * (len(names) - len(cells))
        rows.append((line, tuple(cells[: len(names)])))
    return _named(Cells(source, tuple(names), rows, unit, said=said), wrong)


def _header(grid: Grid, unit: str) -> tuple[list[str], tuple[str, ...], Grid]:
    """The header, what is said of titles above it, and the rows below it."""
    start = list(islice(grid, TITLES))
    if not start:
        return [], (), grid
    n = header_at([row for _, row in start])
    titles = [next(cell.strip() for cell in row if cell.strip()) for _, row in start[:n]]
    said = (said_of(titles, unit),) if titles else ()
    return start[n][1], said, chain(start[n + 1 :], grid)


def nameless(place: str, cell: str) -> str:
    """The sentence for a cell that stands under no name."""
    return (
        f"{place}: the cell {cell!r} is under no name of the header; write numbers without commas "
        "between thousands, and put text that holds a comma in quotes."
    )


def _check_names(names: Sequence[str], source: str, wrong: type[TiermixError]) -> None:
    if len(names) > LARGEST_COLUMNS:
        raise wrong(
            f"{source}: has {len(names):,} columns, more than {LARGEST_COLUMNS:,}; keep those of "
            "dates, outcomes, spend and the like."
        )
    counts = Counter(name.lower() for name in names if name)
    twice = [name for name in names if counts[name.lower()] > 1]
    if twice:
        raise wrong(
            f"{source}: the header names {twice[0]!r} twice; keep one of the columns, and if the "
            f"header has two lines, write them as one, as {twice[0]} spend."
        )


def _named(cells: Cells, wrong: type[TiermixError]) -> Cells:
    """Without the columns that have no name: row numbers are left out and said, others refused.

    A full first column is no stray cell but what rows are called by: it is given a name.
    """
    said = list(cells.said)
    if _is_nameless_index(cells):
        said.append(f"its first column has no name; here it is called {INDEX!r}")
        cells = replace(cells, names=(INDEX, *cells.names[1:]))
    bare = [n for n, name in enumerate(cells.names) if not name]
    for n in bare:
        found = [(line, row[n]) for line, row in cells.rows if row[n]]
        if not found:
            continue
        if [cell for _, cell in found] not in _row_numbers(len(cells.rows)):
            raise wrong(nameless(cells.place(found[0][0]), found[0][1]))
        said.append(f"column {n + 1} has no name and numbers the rows; it is left out")
    if not bare:
        return replace(cells, said=tuple(said))
    kept = [n for n, name in enumerate(cells.names) if name]
    rows = [(line, tuple(row[n] for n in kept)) for line, row in cells.rows]
    names = tuple(cells.names[n] for n in kept)
    return replace(cells, names=names, rows=rows, said=tuple(said))


def _is_nameless_index(cells: Cells) -> bool:
    """Whether the first of several named columns alone has no name, is full and counts no rows."""
    if len(cells.names) < 2 or cells.names[0] or not any(cells.names[1:]) or not cells.rows:
        return False
    first = [row[0] for _, row in cells.rows]
    return all(first) and first not in _row_numbers(len(first))


def _row_numbers(count: int) -> list[list[str]]:
    return [[str(n + first) for n in range(count)] for first in (0, 1)]
