"""`tiermix scenarios from-table`: a scenario with the company's own channels, years and size."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.commands import data
from tiermix.cli.options import Cluster, Json, Quiet, Seed, UsageError, Workers
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, table
from tiermix.core.progress import Progress

Base = Annotated[
    str,
    typer.Option(
        "--scenario", metavar="BASE", help="Scenario that it extends: a library name or a file."
    ),
]
Called = Annotated[
    str | None, typer.Option("--name", help="Name of the scenario. The file's by default.")
]
Currency = Annotated[
    str | None, typer.Option("--currency", help="Currency of the table, as EUR. The base's.")
]
MarketSize = Annotated[
    float | None,
    typer.Option(
        "--market-size",
        min=1000,
        max=1e10,
        help="People in the market. By default as many as bring the table's orders.",
    ),
]
Target = Annotated[
    Path | None, typer.Option("--out", help="YAML file to write, or a folder for it.")
]


def from_table(
    file: data.Table,
    scenario: Base = "retail",
    map_: data.Columns = None,
    dates: data.Dates = None,
    decimal: data.Decimal = None,
    time_zone: data.Zone = None,
    sheet: data.Sheet = None,
    order_value: data.OrderValue = None,
    name: Called = None,
    currency: Currency = None,
    market_size: MarketSize = None,
    seed: Seed = 1,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Target = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make a scenario of your own channels, years, seasons and size from your table."""
    how = data.reading(map_, dates, decimal, time_zone, sheet, order_value)
    asked: dict[str, Any] = {"name": called(name, file), "currency": currency}
    asked |= {"market_size": market_size, "seed": seed}
    running = inputs.where(workers, cluster)
    Output(json, quiet).deliver(
        lambda progress: job(file, scenario, out, progress, how, asked, running), view
    )


def called(name: str | None, file: Path) -> str:
    """The scenario's name: what was asked for, or the file's as a scenario may be called."""
    if name is not None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
            raise UsageError(
                f"--name {name!r} is no name of a scenario; use small letters, figures and _, "
                "as my_company."
            )
        return name
    plain = re.sub(r"[^a-z0-9]+", "_", file.name.partition(".")[0].lower()).strip("_")[:30]
    return plain if plain[:1].isalpha() else "company"


def job(
    file: Path,
    scenario: str,
    out: Path | None,
    progress: Progress | None,
    how: dict[str, Any],
    asked: dict[str, Any],
    workers: int | str | None = None,
) -> Document:
    """Check the table, make the scenario, write it and its history, give the document."""
    from experiments import check_table

    found = check_table(file, **how)
    # A table that is refused does not wait for the market.
    from experiments import publish_own_scenario, scenario_from_table

    made = scenario_from_table(found, scenario, workers=workers, progress=progress, **asked)
    return dict(publish_own_scenario(made, found, out, scenario=scenario, **how, **asked))


def view(document: Document) -> View:
    """What was assumed, what is doubted of the table, and what to type next."""
    rows = [[row[key] for key in ("field", "value", "because")] for row in document["assumed"]]
    yield table(("assumed", "value", "because"), rows, left=("value", "because"))
    yield ""
    for doubt in document["doubts"]:
        if doubt["severity"] != "note":
            where = f"{doubt['where']}: " if doubt["where"] else ""
            yield f"{doubt['severity']}: {where}{doubt['says']}; {doubt['remedy']}"
    yield f"scenario: {document['scenario']}"
    yield f"history: {document['history']}"
    yield f"next: tiermix calibrate {document['history']} --scenario {document['scenario']}"
