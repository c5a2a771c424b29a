"""Text of a terminal: tables with units, wide as the terminal, or whole where it goes to a file."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tiermix.cli import spelling
from tiermix.core import figures
from tiermix.core.language import language, said
from tiermix.core.visible import visible

if TYPE_CHECKING:
    from experiments import TrackedDocument

UNBOUNDED = 10_000
"""Columns where no terminal is: whatever is printed fits, and nothing is cut or wrapped."""
HEAD = "    \n    \n -- \n    \n    \n    \n    \n    \n"
"""Lines of a table: one of hyphens below the head, none elsewhere."""


@dataclass(frozen=True)
class Table:
    """Rows below a head; the columns in `left`, and the first, are set to the left."""

    head: Sequence[str]
    rows: Sequence[Sequence[object]]
    left: frozenset[str] = frozenset()

    def cells(self) -> list[list[str]]:
        """The rows as text."""
        return [[cell(item) for item in row] for row in self.rows]


View = Iterable[str | Table]
"""What a command shows: lines and tables in reading order."""


def table(head: Sequence[str], rows: Sequence[Sequence[object]], left: Iterable[str] = ()) -> Table:
    """A table whose columns are figures, but for the first and those named in `left`."""
    return Table(head, rows, frozenset((head[0], *left)))


def change(money: float, before: float) -> float | None:
    """A change in percent; None where there was nothing before."""
    return 100.0 * (money / before - 1.0) if before else None


def cell(value: object) -> str:
    """A figure with separators, a text as it is, – for nothing."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return figures.number(value)


def head_of(kpi: str, currency: str) -> str:
    """A KPI with its unit, as the head of a column: margin (CNY), click rate (%)."""
    from scenarios import KPIS

    unit = KPIS[kpi].unit if kpi in KPIS else ""
    said = unit.replace("money", currency) if unit.startswith("money") else ""
    words = kpi.replace("_", " ")
    return f"{words} ({'%' if unit == 'share' else said})" if said or unit == "share" else words


def value_of(kpi: str, value: float | None) -> float | None:
    """A KPI's value in the unit of its head: shares in percent."""
    from scenarios import KPIS

    share = kpi in KPIS and KPIS[kpi].unit == "share"
    return 100.0 * value if share and value is not None else value


def percent_of(share: float | None) -> float | None:
    """A share in percent; None where there is none."""
    return None if share is None else 100.0 * share


def by_channel(money: Mapping[str, float], currency: str) -> tuple[str, str]:
    """Money in all, and channel by channel, in words."""
    each = (f"{name} {figures.money(amount, currency)}" for name, amount in money.items())
    return figures.money(sum(money.values()), currency), ", ".join(each)


def listed(names: Iterable[str]) -> str:
    """Names in a cell, in the language that is spoken."""
    return ("、" if language() == "zh" else ", ").join(map(said, names))


def tracked(where: "TrackedDocument") -> View:
    """Where the runs of a study are, and the link that compares them."""
    yield f"runs: {where['experiment']} in {where['tracking_uri']}"
    yield f"study: {where['study'][:8]} (`tiermix studies show {where['study'][:8]}`)"
    yield f"compare (after `tiermix ui`): {where['compare']}"


def rendered(view: View, *, width: int | None = None) -> str:
    """The view as text: of a terminal so many columns wide, or plain and whole without a width."""
    from rich.console import Console

    page = io.StringIO()
    console = Console(
        file=page,
        width=width or UNBOUNDED,
        force_terminal=width is not None,
        no_color=width is None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for block in view:
        wrap = width is not None
        shown: Any = visible(_line(block)) if isinstance(block, str) else _rich(block, wrap=wrap)
        console.print(shown, soft_wrap=isinstance(block, str))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _line(text: str) -> str:
    """Lines in the language that is spoken."""
    return "\n".join(map(said, text.split("\n")))


def _rich(shown: Table, *, wrap: bool) -> Any:
    from rich.box import Box
    from rich.table import Table as RichTable

    grid = RichTable(
        box=Box(HEAD, ascii=True), show_edge=False, pad_edge=False, padding=(0, 1, 0, 0)
    )
    for name in shown.head:
        side: Any = "left" if name in shown.left else "right"
        grid.add_column(visible(said(name)), justify=side, overflow="fold", no_wrap=not wrap)
    for row in shown.cells():
        grid.add_row(*(visible(said(cell)) for cell in row))
    return grid


def curve_notes(document: Mapping[str, Any]) -> View:
    """How curves of another tool were read, and which KPIs have no base."""
    if document["notes"]:
        yield ""
        yield from (f"curves: {spelling.for_the_terminal(note)}" for note in document["notes"])
    if document["without_base"]:
        named = ", ".join(document["without_base"])
        yield (
            f"\nwithout a base, so only what this year's money brings: {named} (rows of "
            "family base in the curves file add what comes without it)"
        )
