"""`tiermix data`: a company's own tables, looked at before anything is fitted to them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tiermix.cli import spelling
from tiermix.cli.options import Json, Out, Quiet
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, table

data_app = typer.Typer(help="A company's own tables.", no_args_is_help=True, rich_markup_mode=None)

Table = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="Table of spend and outcomes by day, week or month: CSV (also .gz), .xlsx or Parquet.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="ROLE=COLUMN",
        help="What columns are, as in date=DATE,revenue=sales,spend.tv=tv_S,control=price; "
        "repeatable.",
    ),
]
Dates = Annotated[
    str | None,
    typer.Option("--dates", metavar="ORDER", help="Order of dates: ymd, dmy or mdy."),
]
Decimal = Annotated[
    str | None, typer.Option("--decimal", metavar="MARK", help="Decimal mark: point or comma.")
]
Zone = Annotated[
    str | None,
    typer.Option(
        "--time-zone", metavar="PLACE", help="Whose days times are put into, as Asia/Shanghai."
    ),
]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook that has several.")]
OrderValue = Annotated[
    float | None,
    typer.Option(
        "--order-value",
        help="Worth of an order: gives orders where a table has revenue alone, or revenue.",
    ),
]


@data_app.command()
def check(
    file: Table,
    map_: Columns = None,
    dates: Dates = None,
    decimal: Decimal = None,
    time_zone: Zone = None,
    sheet: Sheet = None,
    order_value: OrderValue = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what a table is understood as and what is doubted; write its history."""
    how = reading(map_, dates, decimal, time_zone, sheet, order_value)
    Output(json, quiet).deliver(lambda _: job(file, out, **how), view)


def reading(
    map_: list[str] | None,
    dates: str | None,
    decimal: str | None,
    time_zone: str | None,
    sheet: str | None,
    order_value: float | None,
) -> dict[str, Any]:
    """How a table is to be read, as `check_table` takes it."""
    how: dict[str, Any] = {"columns": tuple(map_ or ()), "dates": dates, "decimal": decimal}
    return {**how, "time_zone": time_zone, "sheet": sheet, "order_value": order_value}


def job(file: Path, out: Path | None, **how: Any) -> Document:
    """Check the table, write its history and its page, give the document."""
    from experiments import check_table

    found = check_table(file, **how)
    # The page needs what draws: a table that is refused does not wait for it.
    from experiments import publish_table

    return dict(publish_table(found, out, **how))


def view(document: Document) -> View:
    """The columns, then the doubts, gravest first, then where the history is."""
    yield (
        f"{document['kind']}: {document['periods']} periods from {document['first']} to "
        f"{document['last']}\n"
    )
    rows = [
        (c["name"], c["measure"] or c["role"], c["channel"] or c["control"] or "–", c["why"])
        for c in document["columns"]
    ]
    yield table(("column", "is", "of", "because"), rows, left=("is", "of", "because"))
    yield ""
    for doubt in document["doubts"]:
        where = f"{doubt['where']}: " if doubt["where"] else ""
        told = f"{doubt['severity']}: {where}{doubt['says']}; {doubt['remedy']}"
        yield spelling.for_the_terminal(told)
    yield f"history: {document['canonical']}"
    yield f"page: {document['page']}"
