"""An Excel workbook that is written: figures stay figures, names never start a formula."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tiermix.core.files import whole_file
from tiermix.core.language import said

MONEY, SHARE, FIGURE = "#,##0", "0.0%", "#,##0.00"
"""How figures are shown."""
WIDEST = 60
"""Letters of the widest column; longer texts are wrapped."""
LONGEST_NAME = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_CONTROL = dict.fromkeys(n for n in range(32) if chr(n) not in "\t\n")


@dataclass(frozen=True)
class Formula:
    """A cell that a spreadsheet works out, such as `=SUM(B2:M2)`."""

    text: str


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, head and rows; by column how figures are shown (`0.0%`, `#,##0`).

    The head stays in sight, and so do the first `fixed` columns; `bold` are rows that stand out.
    """

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[object]]
    formats: Mapping[int, str] = field(default_factory=dict)
    fixed: int = 1
    bold: frozenset[int] = frozenset()


def write_workbook(path: str | os.PathLike[str], sheets: Sequence[Sheet]) -> Path:
    """Write a workbook; it appears whole or not at all."""
    from openpyxl import Workbook

    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    for sheet in map(_spoken, sheets):
        _fill(book.create_sheet(_title(sheet.name)), sheet)
    with whole_file(path) as draft:
        book.save(draft)
    return Path(path)


def _spoken(sheet: Sheet) -> Sheet:
    """The sheet in the language that is spoken; formulas and figures stay."""
    rows = [[said(cell) if isinstance(cell, str) else cell for cell in row] for row in sheet.rows]
    head = [said(name) for name in sheet.head]
    return replace(sheet, name=said(sheet.name), head=head, rows=rows)


def column_letter(place: int) -> str:
    """The letters of the column at a place, from 0 on."""
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(place + 1))


def _title(name: str) -> str:
    return name.translate(_FORBIDDEN).strip("' ")[:LONGEST_NAME] or "sheet"


def _fill(page: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font

    for r, row in enumerate([sheet.head, *sheet.rows], start=1):
        for c, value in enumerate(row, start=1):
            cell = page.cell(r, c)
            _put(cell, value)
            if r == 1 or r - 2 in sheet.bold:
                cell.font = Font(bold=True)
            if r > 1 and (c - 1) in sheet.formats and cell.data_type in ("n", "f"):
                cell.number_format = sheet.formats[c - 1]
            if cell.data_type == "s" and len(str(value)) > WIDEST:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    page.freeze_panes = page.cell(2, sheet.fixed + 1)
    for c, width in enumerate(_widths(sheet)):
        page.column_dimensions[column_letter(c)].width = width


def _put(cell: Any, value: object) -> None:
    """One value: texts are texts even where they begin like a formula."""
    if isinstance(value, Formula):
        cell.value = value.text
        return
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return
    if isinstance(value, int | float):
        cell.value = value
        return
    cell.value = str(value).translate(_CONTROL)
    cell.data_type = "s"
    if cell.value[:1] in "=+-@\t":
        cell.quotePrefix = True


def _widths(sheet: Sheet) -> list[float]:
    columns = len(sheet.head)
    found = [float(len(str(name))) for name in sheet.head]
    for row in sheet.rows:
        for c, value in enumerate(row[:columns]):
            found[c] = max(found[c], _length(value))
    return [min(width, WIDEST) + 2 for width in found]


def _length(value: object) -> float:
    """Letters that a cell needs; Chinese ones are as wide as two."""
    if isinstance(value, Formula):
        return 12.0
    if isinstance(value, float):
        return float(len(f"{value:,.0f}"))
    return float(sum(2 if ord(letter) > 0x2E80 else 1 for letter in str(value or "")))
