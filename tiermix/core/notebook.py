"""How results show themselves: a caption and a small table, as text and in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from tiermix.core.figures import number

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 20
"""A result is looked at, not read: further rows are counted, and said where they are."""

Cell = str | float | None
RIGHT = Markup(' style="text-align:right"')


def text_table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Rows in aligned columns: words to the left, figures (with thousands separators) right."""
    texts = [list(head), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in texts) for i in range(len(head))]
    right = [all(_is_figure(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if figures else cell.ljust(width)
            for cell, width, figures in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in texts
    )


def html_table(
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    caption: str = "",
    rest: str = "",
    most: int = MOST_ROWS,
) -> Markup:
    """The same as HTML, everything escaped: at most `most` rows, the others counted.

    `rest` says where all rows are, such as `.table`.
    """
    top = Markup("<tr>{}</tr>").format(_joined(Markup("<th>{}</th>").format(name) for name in head))
    body = _joined(
        Markup("<tr>{}</tr>").format(_joined(map(_cell, row))) for row in list(rows)[:most]
    )
    left_out = len(rows) - most
    where = f"; all of them: {rest}" if rest else ""
    more = Markup("<p>… and {} more rows{}</p>").format(f"{left_out:,}", where)
    said = Markup("<caption>{}</caption>").format(caption) if caption else Markup()
    table = Markup("<table>{}{}{}</table>").format(said, top, body)
    return table + (more if left_out > 0 else Markup())


def frame_rows(frame: pd.DataFrame) -> tuple[list[str], list[tuple[Cell, ...]]]:
    """Head and rows of a data frame, without its index."""
    rows = [tuple(row) for row in frame.itertuples(index=False, name=None)]
    return [str(name) for name in frame.columns], rows


def paragraph(text: str) -> Markup:
    """A sentence above or below a table, escaped."""
    return Markup("<p>{}</p>").format(text)


def bullets(lines: Sequence[str]) -> Markup:
    """A list of sentences, escaped; nothing for none."""
    if not lines:
        return Markup()
    return Markup("<ul>{}</ul>").format(_joined(Markup("<li>{}</li>").format(x) for x in lines))


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup().join(parts)


def _cell(cell: Cell) -> Markup:
    style = RIGHT if _is_figure(cell) else Markup()
    return Markup("<td{}>{}</td>").format(style, _text(cell))


def _text(cell: Cell) -> str:
    if cell is None:
        return "–"
    return cell if isinstance(cell, str) else number(cell)


def _is_figure(cell: Cell) -> bool:
    return not isinstance(cell, str)
