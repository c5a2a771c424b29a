"""`tiermix frontier`: the best outcome as a function of the budget, and its picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.options import (
    Cluster,
    CurvesFile,
    CurvesGiven,
    CurvesNames,
    Customers,
    Json,
    Language,
    Objective,
    Out,
    Quiet,
    Scenario,
    Seconds,
    Seed,
    Settings,
    Track,
    Workers,
)
from tiermix.cli.output import Document, Output
from tiermix.cli.spoken import spoken
from tiermix.cli.tables import View, curve_notes, head_of, table, tracked, value_of
from tiermix.core import figures
from tiermix.core.outputs import check_replaceable, replacing
from tiermix.core.progress import Progress
from tiermix.core.tables.formulas import write_table

if TYPE_CHECKING:
    from scenarios import Scenario as Model

PICTURE, TABLE = "frontier.html", "frontier.csv"
Budgets = Annotated[int, typer.Option(min=1, help="Number of budgets.")]


def frontier(
    scenario: Scenario,
    budgets: Budgets = 20,
    curves: CurvesFile = None,
    given: CurvesGiven = None,
    map_: CurvesNames = None,
    objective: Objective = None,
    seconds: Seconds = 60.0,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    track: Track = False,
    language: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find the best outcome for each budget.

    Budgets go from 50 to 150 % of the scenario's; a picture and a table are written. S-shaped
    curves and minimum spends need time for each budget.
    """
    source = inputs.CurvesSource.of(curves, given, map_)
    market, made_best = inputs.scenario_of(scenario, set_), inputs.objective_of(objective)
    size = {"seed": seed, "customers": customers, "workers": inputs.where(workers, cluster)}
    with spoken(market, language):
        Output(json, quiet).deliver(
            lambda progress: job(
                market, budgets, source, made_best, seconds, out, progress, size, track
            ),
            lambda document: view(document, market.currency),
        )


def job(
    market: "Model",
    budgets: int,
    curves: inputs.CurvesSource,
    objective: str | dict[str, float] | None,
    seconds: float,
    out: Path | None,
    progress: Progress | None,
    size: dict[str, Any],
    track: bool = False,
) -> Document:
    from experiments import Opening, folder_for, frontier_picture, save_chart, track_frontier
    from optimize import frontier

    if out is not None:
        check_replaceable([out / PICTURE, out / TABLE], "frontier")
    opening = Opening() if track else None
    known = inputs.curves_of(curves, market, objective, progress=progress, **size)
    found = frontier(
        market, known, budgets=budgets, objective=objective, seconds=seconds, progress=progress
    )
    asked = {**size, "budgets": budgets, "objective": objective, "seconds": seconds}
    if curves.path is not None:
        asked["curves"] = known.to_frame().to_csv(index=False)
    folder = out or folder_for("frontier", market, **asked)
    table = write_table(folder / TABLE, found.to_frame(), "frontier")
    with replacing(folder / PICTURE, "frontier") as place:
        drawn = frontier_picture(found, market.budget)
        picture = save_chart(drawn, place, f"Frontier: {market.name}")
    document: Document = found.to_dict() | inputs.facts_of(known)
    document |= {"objective": found.objective, "picture": str(picture), "csv": str(table)}
    if opening is not None:
        more = {"seed": size["seed"], "curves": known.source}
        document["mlflow"] = track_frontier(found, market, [picture, table], opening, **more)
    return document


def view(document: Document, currency: str) -> View:
    """A row for each budget, and where the picture lies."""
    kpi = document["objective"]
    head = [f"budget ({currency})", head_of(kpi, currency), "at most", f"one more {currency} adds"]
    rows = [
        [
            point["budget"],
            *(value_of(kpi, point[key]) for key in ("value", "upper")),
            point["marginal"],  # a rate per unit of money, whatever the KPI's own unit
            point["status"],
        ]
        for point in document["points"]
    ]
    yield table([*head, "status"], rows, left=["status"])
    yield from _pays(document, currency)
    yield from curve_notes(document)
    yield f"\npicture: {document['picture']}"
    yield f"table: {document['csv']}"
    if "mlflow" in document:
        yield from tracked(document["mlflow"])


def _pays(document: Document, currency: str) -> View:
    """From which budget on money does not come back."""
    until, short = document["pays_until"], "the last unit of money returns less than it costs"
    if until is None:
        return
    if until == next(x["budget"] for x in document["points"] if x["value"] is not None):
        yield f"\nat each of these budgets {short}"
    else:
        yield f"\nfrom a budget of about {figures.money(until, currency)} on, {short}"
