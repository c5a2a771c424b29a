"""The command `tiermix calibrate`: a scenario fitted to a company's own weekly history."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import jobs, tables
from tiermix.cli.options import (
    Customers,
    Json,
    Quiet,
    Seed,
    Settings,
    UsageError,
    Workers,
    settings,
)
from tiermix.cli.output import Document, Output
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from scenarios import Scenario

HistoryFile = Annotated[
    Path,
    typer.Argument(help="CSV: week, channel, spend, impressions, clicks, conversions, revenue."),
]
Base = Annotated[
    str, typer.Option("--scenario", metavar="BASE", help="What to start from: a name, or a YAML.")
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="THEIRS=OURS",
        help='What the file calls a channel, as in "Google Ads=paid_search"; repeatable.',
    ),
]
Markets = Annotated[
    int | None, typer.Option("--replications", min=2, help="Markets that answer to the history.")
]
Target = Annotated[
    Path | None, typer.Option("--out", help="The YAML to write, or a folder for it.")
]


def calibrate(
    history: HistoryFile,
    scenario: Base,
    map_: Names = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Markets = None,
    workers: Workers = None,
    out: Target = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit a scenario to a company's own weeks of spend, conversions and revenue."""
    names, base = channel_names(map_), jobs.loaded(scenario, settings(set_))
    size = {"customers": customers, "replications": replications, "workers": workers}
    Output(json, quiet).deliver(
        lambda progress: job(
            history, base, scenario, names=names, out=out, seed=seed, progress=progress, **size
        ),
        view,
    )


def channel_names(pairs: list[str] | None) -> dict[str, str]:
    """The scenario's channel by the file's name for it, from `THEIRS=OURS`."""
    found: dict[str, str] = {}
    for pair in pairs or []:
        theirs, equals, ours = (part.strip() for part in pair.rpartition("="))
        if not (theirs and equals and ours):
            raise UsageError(f'--map {pair!r} names no pair; write "Google Ads=paid_search".')
        if theirs in found:
            raise UsageError(f"--map gives {theirs!r} twice; give it once.")
        found[theirs] = ours
    return found


def job(
    history: Path,
    base: "Scenario",
    extends: str,
    *,
    out: Path | None,
    seed: int,
    progress: Progress | None,
    **more: Any,
) -> Document:
    """Calibrate, write scenario and page, log the run, give the document."""
    from experiments.publish import calibration_job

    return dict(
        calibration_job(history, base, extends, out=out, seed=seed, progress=progress, **more)
    )


def view(document: Document) -> str:
    """Parameters before and after, how well the weeks agree, and what to know."""
    keys = ("name", "base", "estimate", "low", "high", "learned", "verdict")
    rows = [[row[key] for key in keys] for row in document["parameters"]]
    fit = document["fit"]
    lines = [
        tables.table(keys, rows),
        "",
        f"{fit['weeks']} weeks from {fit['first_week']}: R² {fit['r2']:.2f}, mean error of "
        f"conversions {fit['mape']:.1%}, of revenue {fit['mape_revenue']:.1%}",
        f"last {fit['weeks_held_out']} weeks, not seen: error {fit['mape_held_out']:.1%}; a "
        f"constant would have {fit['mape_held_out_naive']:.1%}",
        f"moments: chi-square {fit['chi_square']:.1f} on {fit['degrees_of_freedom']:.1f} degrees "
        f"of freedom, p = {fit['p_value']:.2g}",
        *(f"note: {remark}" for remark in document["remarks"]),
        f"scenario: {document['scenario']}",
        f"page: {document['page']}",
        *tables.tracked(document["mlflow"]),
    ]
    return "\n".join(lines)
