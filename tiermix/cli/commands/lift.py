"""`tiermix lift`: a lift test inside the simulated market, beside the truth; or one's own."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.commands import own_test
from tiermix.cli.commands.data import Columns, Dates, Decimal, Sheet
from tiermix.cli.options import (
    Cluster,
    Customers,
    Json,
    Language,
    PlanFile,
    Quiet,
    Seed,
    Settings,
    UsageError,
    Workers,
    Xlsx,
)
from tiermix.cli.output import Document, Output
from tiermix.cli.spoken import spoken
from tiermix.cli.tables import View, table, tracked
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from scenarios import Scenario as Model


class Kind(StrEnum):
    """Whom a test is made on."""

    AB = "ab"
    GEO = "geo"


Subject = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO|DATA",
        help="Library scenario or YAML file in whose market a test is simulated, or the table of "
        "a test of your own (CSV, .xlsx, Parquet): regions by dates, or groups of people.",
    ),
]
Channel = Annotated[str | None, typer.Option(help="Channel that is tested.")]
Design = Annotated[
    Kind | None,
    typer.Option(
        help="Simulated: ab randomises people, geo matched pairs of communities. ab by default."
    ),
]
Kpi = Annotated[
    str | None,
    typer.Option(
        help="Outcome: conversions, revenue, margin, signups, leads or downloads; of a table "
        "conversions, revenue or leads. conversions by default."
    ),
]
Share = Annotated[
    float | None,
    typer.Option(
        help="Simulated ab: share of people held out, 0.5 by default. Table of people: share that "
        "was to be treated, to see whether they are."
    ),
]
Message = Annotated[
    str | None,
    typer.Option(help="Simulated ab: withhold one message only, named by its automation rule."),
]
Change = Annotated[
    str | None,
    typer.Option(
        help="What is done to the channel's money: -50% and the like (simulated geo: -100% by "
        "default); of a table also on or off."
    ),
]
Start = Annotated[
    str | None,
    typer.Option(
        help="First day, as in 2026-03-01. Simulated: that of the planned year by default."
    ),
]
End = Annotated[
    str | None,
    typer.Option(help="Table: last day of the test. The last of the table by default."),
]
Weeks = Annotated[
    int | None,
    typer.Option(help="Simulated: length in weeks. To the end of the planned year by default."),
]
Repetitions = Annotated[
    int | None,
    typer.Option(
        "--replications",
        min=1,
        help="Simulated: repeat the test in this many draws of the uncertain parameters, to see "
        "its coverage and power. One market by default.",
    ),
]
Watch = Annotated[
    int | None,
    typer.Option(
        help="Simulated: weeks after the test in which outcomes still count. 0 by default."
    ),
]
Treated = Annotated[
    str | None,
    typer.Option(
        help="Table: regions that were treated, separated by commas, or a group of its column of "
        "groups."
    ),
]
Method = Annotated[
    str | None,
    typer.Option(help="Table: method of the headline. synthetic_control by default."),
]
Spend = Annotated[
    float | None,
    typer.Option(help="Table: money that the test cost, where the table does not tell."),
]
Target = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Folder for the files that are written; of a table also a CSV file to which the test "
        "is added as a line that calibrate takes.",
    ),
]
OF_A_TABLE = ("treated", "end", "method", "spend", "map", "dates", "decimal", "sheet")
OF_A_MARKET = (
    "design", "message", "weeks", "watch", "plan", "set", "customers", "replications", "workers",
    "cluster",
)  # fmt: skip
OF_THE_TEST = ("treated", "start", "end", "channel", "kpi", "dates", "decimal", "sheet", "share")


def lift(
    scenario: Subject,
    channel: Channel = None,
    design: Design = None,
    kpi: Kpi = None,
    share: Share = None,
    message: Message = None,
    change: Change = None,
    start: Start = None,
    weeks: Weeks = None,
    watch: Watch = None,
    treated: Treated = None,
    end: End = None,
    method: Method = None,
    spend: Spend = None,
    map_: Columns = None,
    dates: Dates = None,
    decimal: Decimal = None,
    sheet: Sheet = None,
    plan: PlanFile = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Repetitions = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Target = None,
    xlsx: Xlsx = None,
    language: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate a lift test of a channel, or analyse one of your own.

    A simulated test's estimate is compared with the truth, and a report is written. A test of your
    own is told by all methods that it allows, with placebo tests.
    """
    given = {name.rstrip("_"): value for name, value in locals().items() if value is not None}
    own = own_test.is_table(scenario)
    market, work = (None, lambda progress: _own(given, progress)) if own else _simulated(given)
    with spoken(market, language):
        Output(json, quiet).deliver(work, own_test.view if own else view)


Work = Callable[[Progress | None], Document]


def _simulated(given: dict[str, Any]) -> "tuple[Model, Work]":
    """The market of a test that is simulated, and the work."""
    market, question = _question(given)
    return market, lambda progress: job(market, progress, question)


def _own(given: dict[str, Any], progress: Progress | None) -> Document:
    """A test of one's own, by what was typed."""
    from experiments import Asked

    _refuse(given, OF_A_MARKET, "a test that is simulated; leave it out for a table")
    how = {name: given.get(name) for name in ("method", "spend", "seed")}
    how["change"] = own_test.change_of(given.get("change"))
    asked = {name: given.get(name) for name in OF_THE_TEST}
    wishes = Asked(**asked, columns=tuple(given.get("map", ())))
    place = {"out": given.get("out"), "xlsx": given.get("xlsx")}
    return own_test.job(Path(given["scenario"]), wishes, progress, **place, **how)


def _question(given: dict[str, Any]) -> tuple["Model", dict[str, Any]]:
    """The market of a test that is simulated, and the test as `lift_job` takes it."""
    _refuse(given, OF_A_TABLE, "the table of a test; leave it out for a scenario")
    if "channel" not in given:
        raise UsageError("--channel is missing; name the channel that is tested.")
    change = own_test.relative_change(given.get("change"))
    market = inputs.scenario_of(given["scenario"], given.get("set"))
    names = ("channel", "share", "message", "start", "weeks", "seed", "customers", "out", "xlsx")
    question = {name: given.get(name) for name in (*names, "replications")}
    return market, {
        **question,
        "design": given.get("design", Kind.AB).value,
        "kpi": given.get("kpi", "conversions"),
        "change": change,
        "watch": given.get("watch", 0),
        "workers": inputs.where(given.get("workers"), given.get("cluster")),
        "plan": inputs.plan_of(given.get("plan"), market),
    }


def _refuse(given: dict[str, Any], options: tuple[str, ...], of: str) -> None:
    """Refuse options that say nothing here: nobody should think that they did something."""
    for name in options:
        if name in given:
            raise UsageError(f"--{name} is for {of}.")


def job(market: "Model", progress: Progress | None, asked: dict[str, Any]) -> Document:
    from experiments import lift_job

    return dict(lift_job(market, progress=progress, **asked))


def view(document: Document) -> View:
    """The test as it prints, and where the rest lies."""
    title, *rows = document["summary"].splitlines()
    yield title
    figures = [row.split(maxsplit=1) for row in rows]
    yield table(["", document["kpi"]], figures, left=[document["kpi"]])
    yield f"\nreport: {document['report']}"
    if "workbook" in document:
        yield f"workbook: {document['workbook']}"
    yield from tracked(document["mlflow"])
