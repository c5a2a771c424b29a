"""Lines above a header, as reports of tools have them: titles and remarks name no columns."""

from __future__ import annotations

from collections.abc import Sequence

from tiermix.core.tables.numbers import is_number

LOOKED_AT = 20
"""Lines among which a header stands, if there is one."""
REMARK = "#"


def header_at(rows: Sequence[Sequence[str]]) -> int:
    """The place of the header among the first rows: the first that names half of the columns.

    A remark (`# Report suite: …`) is none, unless it has as many cells as the row below it.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:LOOKED_AT]]
    widest = max(filled, default=0)
    for n, row in enumerate(rows[:LOOKED_AT]):
        wide = filled[n] >= min(2, widest) and 2 * filled[n] >= widest
        if wide and not _is_remark(row, filled[n], filled[n + 1 : n + 2]):
            return n if names_columns(row) else 0
    return 0


def _is_remark(row: Sequence[str], mine: int, below: Sequence[int]) -> bool:
    return str(row[0]).strip().startswith(REMARK) and bool(below) and below[0] != mine


def names_columns(row: Sequence[str]) -> bool:
    """Whether a row can be a header: figures name no columns."""
    return not any(is_number(cell.strip()) for cell in row if cell.strip())


def said_of(titles: Sequence[str], unit: str) -> str:
    """What is said of lines that were left out above the header."""
    first = titles[0] if len(titles[0]) <= 40 else f"{titles[0][:40]}…"
    if len(titles) == 1:
        return f"its first {unit} ({first!r}) is a title and is left out"
    return f"its first {len(titles)} {unit}s (from {first!r} on) are titles and are left out"
