"""`tiermix replan`: a year so far held against its plan, and the rest of it planned again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.commands.data import Columns, Dates, Decimal, OrderValue, Sheet, Zone, reading
from tiermix.cli.options import (
    Cluster,
    CurvesFile,
    Customers,
    Json,
    Language,
    Out,
    Quiet,
    Seed,
    Settings,
    UsageError,
    Workers,
    Xlsx,
)
from tiermix.cli.output import Output
from tiermix.cli.spoken import spoken
from tiermix.cli.tables import View, head_of, percent_of, table, tracked, value_of
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from experiments import PublishedReplan
    from scenarios import Scenario as Model

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="PLAN.csv ACTUALS.csv",
        help="The year's plan (channel, month, amount) and a table of what was spent and what came "
        "so far, by day, week or month; or SCENARIO with --plan and --actuals.",
    ),
]
OfScenario = Annotated[
    str | None,
    typer.Option(
        "--scenario", metavar="SCENARIO", help="Whose year it is: a library name or a YAML file."
    ),
]
PlanFile = Annotated[
    Path | None, typer.Option("--plan", help="The plan, where the argument is the scenario.")
]
ActualsFile = Annotated[
    Path | None, typer.Option("--actuals", help="The table, where the argument is the scenario.")
]
Stability = Annotated[
    float,
    typer.Option(min=0, help="What moving a unit of money has to gain, in units of the objective."),
]


def replan(
    files: Files,
    scenario: OfScenario = None,
    plan: PlanFile = None,
    actuals: ActualsFile = None,
    curves: CurvesFile = None,
    stability: Stability = 0.1,
    map_: Columns = None,
    dates: Dates = None,
    decimal: Decimal = None,
    time_zone: Zone = None,
    sheet: Sheet = None,
    order_value: OrderValue = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    xlsx: Xlsx = None,
    language: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Plan the rest of a year again, from what it has brought so far.

    Plan against actual by month and channel, which channels deliver less or more than expected,
    the chance of each goal, and for each channel scale, hold, cut or test, with the reason.
    """
    name, planned, table_file = asked_of(files, scenario, plan, actuals)
    how = reading(map_, dates, decimal, time_zone, sheet, order_value)
    source = inputs.CurvesSource.of(curves)
    market = inputs.scenario_of(name, set_)
    measuring = {"seed": seed, "customers": customers, "workers": inputs.where(workers, cluster)}
    with spoken(market, language):
        Output(json, quiet).deliver(
            lambda progress: job(
                market, planned, table_file, source, how, measuring, progress,
                stability=stability, out=out, xlsx=xlsx,
            ),
            view,
        )  # fmt: skip


def asked_of(
    files: list[str], scenario: str | None, plan: Path | None, actuals: Path | None
) -> tuple[str, Path, Path]:
    """Scenario, plan and actuals, in either of the two ways to give them."""
    if len(files) == 2 and scenario is not None and plan is None and actuals is None:
        return scenario, Path(files[0]), Path(files[1])
    if len(files) == 1 and scenario is None and plan is not None and actuals is not None:
        return files[0], plan, actuals
    raise UsageError(
        f"{' '.join(files)}: give the plan, the actuals and whose year it is, as in "
        "PLAN.csv ACTUALS.csv --scenario retail, or retail --plan PLAN.csv --actuals ACTUALS.csv."
    )


def job(
    market: "Model",
    plan: Path,
    file: Path,
    source: inputs.CurvesSource,
    how: dict[str, Any],
    measuring: dict[str, Any],
    progress: Progress | None,
    **more: Any,
) -> "PublishedReplan":
    from experiments import check_table

    planned = inputs.plan_of(plan, market)
    assert planned is not None
    found = check_table(file, **how)
    from experiments import replan_job

    asked = {"curves_file": source.path, "customers": measuring["customers"], **how}
    return replan_job(
        market, planned, found,
        lambda: inputs.curves_of(source, market, None, progress=progress, **measuring),
        seed=measuring["seed"], progress=progress, **more, **asked,
    )  # fmt: skip


def view(document: "PublishedReplan") -> View:
    """What to do and why, how the year will end, what differs, and plan against actual."""
    yield from document["words"]
    yield ""
    yield _decisions(document)
    yield ""
    yield _goals(document)
    yield ""
    yield _against(document)
    lacking = [one for one in document["goals"] if one["note"]]
    yield from (f"{one['goal']}: {one['note']}" for one in lacking)
    yield from document["remarks"]
    yield f"plan: {document['csv']}"
    yield f"report: {document['report']}"
    if "workbook" in document:
        yield f"workbook: {document['workbook']}"
    yield from tracked(document["mlflow"])


def _decisions(document: "PublishedReplan") -> Any:
    rows = [
        (one["channel"], one["decision"], one["known"]["money_before"],
         one["known"]["money_after"], one["reason"])
        for one in document["decisions"]
    ]  # fmt: skip
    head = ("channel", "decision", f"before ({document['currency']})", "now", "reason")
    return table(head, rows, left=("decision", "reason"))


def _goals(document: "PublishedReplan") -> Any:
    rows = []
    for one in document["goals"]:
        kpi, before = one["kpi"], one["under_the_plan"]
        figures = [value_of(kpi, one[key]) for key in ("so_far", "mean", "low", "high", "target")]
        chances = [percent_of(each["probability"]) for each in (before, one)]
        rows.append([one["goal"], head_of(kpi, document["currency"]), *figures, *chances])
    head = ["goal", "KPI", "so far", "at the end", "5 %", "95 %", "target", "chance, plan (%)"]
    return table([*head, "chance, re-plan (%)"], rows, left=["KPI"])


def _against(document: "PublishedReplan") -> Any:
    """The company's months; each channel's are in the page and in JSON."""
    rows: list[list[Any]] = []
    spent: dict[str, tuple[float, float]] = {}
    for one in document["plan_against_actual"]:
        if one["kpi"] == "spend":
            was, now = spent.get(one["month"], (0.0, 0.0))
            spent[one["month"]] = (was + one["planned"], now + one["actual"])
        else:
            figures = [one[key] for key in ("planned", "expected", "error", "actual", "z")]
            rows.append([one["month"], one["kpi"], *figures])
    money = [[month, "spend", was, None, None, now, None] for month, (was, now) in spent.items()]
    head = ["month", "KPI", "planned", "expected", "error", "actual", "in errors"]
    return table(head, [*money, *rows], left=["KPI"])
