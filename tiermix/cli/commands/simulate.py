"""`tiermix simulate`: one market year, written as a run folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.options import (
    Budget,
    Cluster,
    Customers,
    Engine,
    Json,
    Out,
    PlanFile,
    Quiet,
    Scenario,
    Seed,
    Settings,
    Workers,
    names,
)
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, cell
from tiermix.core import figures
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from scenarios import MediaPlan
    from scenarios import Scenario as Model


Engines = Annotated[
    Engine,
    typer.Option(help="How customers are moved through the year; both give the same tables."),
]


Export = Annotated[
    str | None,
    typer.Option(
        metavar="TOOL,…",
        help="Write tables for other tools too, with the truth in their terms: mmm, meridian, "
        "pymc, robyn, geolift, ga4.",
    ),
]


def simulate(
    scenario: Scenario,
    engine: Engines = Engine.BATCH,
    export: Export = None,
    plan: PlanFile = None,
    budget: Budget = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate one market year and write it as a run folder."""
    market = inputs.scenario_of(scenario, set_, budget)
    asked = {"plan": inputs.plan_of(plan, market), "engine": engine.value}
    size = {"customers": customers, "workers": inputs.where(workers, cluster)}
    formats = names(export, "--export") or []
    Output(json, quiet).deliver(
        lambda progress: job(market, out, seed, progress, formats, **asked, **size),
        lambda document: view(document, market.currency),
    )


def job(
    market: "Model",
    out: Path | None,
    seed: int,
    progress: Progress | None,
    formats: Sequence[str] = (),
    **more: Any,
) -> Document:
    """Without `out` the folder is that of the question, in `runs/simulate`."""
    from experiments import check_formats, export_run, folder_for
    from sim import simulate

    check_formats(formats)
    folder = out or folder_for("simulate", market, seed, **more)
    run = simulate(market, seed=seed, out=folder, progress=progress, **more)
    document: Document = {**run.summary(), **_judged(market, more.get("plan"))}
    if formats:
        written = export_run(run, formats, workers=more.get("workers"), progress=progress)
        document["export"] = [str(file) for file in written]
    return document


def _judged(market: "Model", plan: "MediaPlan | None") -> Document:
    """What a plan that was brought breaks of the rules on money."""
    if plan is None:
        return {}
    from experiments import broken_by

    return {"rules_broken": [one.to_dict() for one in broken_by(market, plan)]}


def view(document: Document, currency: str) -> View:
    """How much happened, what it cost, where it was written."""
    counts = ("customers", "touches", "conversions")
    for key in counts:
        yield f"{key:<12}{cell(document[key])}"
    yield f"{'spend':<12}{figures.money(document['spend'], currency)}"
    yield f"{'events':<12}{cell(document['events'])}"
    yield f"{'seconds':<12}{document['seconds']:,.1f}"
    yield f"{'out':<12}{document['out']}"
    yield from (f"{'export':<12}{file}" for file in document.get("export", ()))
    yield from (f"the plan breaks {rule['words']}" for rule in document.get("rules_broken", ()))
