"""Text in tables that a spreadsheet would take for a formula: it is written so that it starts none.

A name from somebody's file may be `=HYPERLINK(…)`. In a CSV a single quote before it is what
spreadsheets know as "this is text" (owasp.org, CSV injection); workbooks have a mark of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tiermix.core.files import write_text
from tiermix.core.outputs import replacing

if TYPE_CHECKING:
    import pandas as pd

STARTS = tuple("=+-@\t\r\n＝＋－＠")


def harmless(cell: Any) -> Any:
    """A cell of a CSV; text that would start a formula has a quote before it, figures stay."""
    if not isinstance(cell, str) or not cell.lstrip(" ").startswith(STARTS) or _is_figure(cell):
        return cell
    return f"'{cell}"


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV in which no cell and no name of a column starts a formula."""
    return str(table.map(harmless).rename(columns=harmless).to_csv(index=False))


def write_table(file: Path, table: pd.DataFrame, command: str) -> Path:
    """Write a table as such a CSV; it takes the place of no file but one that `command` wrote."""
    with replacing(file, command) as place:
        return write_text(place, csv_text(table))


def _is_figure(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
