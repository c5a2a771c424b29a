"""`tiermix curves`: response curves from designed experiments in the simulated market."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tiermix.cli import inputs
from tiermix.cli.options import (
    Cluster,
    Customers,
    Json,
    Out,
    Quiet,
    Scenario,
    Seed,
    Settings,
    Workers,
)
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, table
from tiermix.core.outputs import check_replaceable, replacing
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from scenarios import Scenario as Model


def curves(
    scenario: Scenario,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure response curves by simulated experiments.

    With --out they are written as curves.csv.
    """
    market = inputs.scenario_of(scenario, set_)
    size = {"seed": seed, "customers": customers, "workers": inputs.where(workers, cluster)}
    Output(json, quiet).deliver(
        lambda progress: job(market, out, progress, **size),
        lambda document: view(document, market.currency),
    )


def job(market: "Model", out: Path | None, progress: Progress | None, **size: Any) -> Document:
    from experiments import measure_curves

    if out is not None:
        check_replaceable([out / "curves.csv"], "curves")
    found = measure_curves(market, progress=progress, **size)
    document: Document = {"curves": found.to_dict()}
    if out is not None:
        with replacing(out / "curves.csv", "curves") as file:
            found.to_csv(file)
        document["csv"] = str(file)
    return document


def view(document: Document, currency: str) -> View:
    """The parameters of each curve."""
    keys = ["channel", "kpi", "family", "ceiling", "half", "shape", "carry_over"]
    head = [
        "channel",
        "kpi",
        "family",
        "ceiling",
        f"half ({currency} a month)",
        "shape",
        "carry-over",
    ]
    yield table(head, [[row.get(key) for key in keys] for row in document["curves"]], head[1:3])
    if "csv" in document:
        yield f"\ncurves: {document['csv']}"
