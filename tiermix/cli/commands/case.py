"""`tiermix scenarios case`: a published case, beside what the simulated market makes of it."""

import time
from enum import StrEnum
from typing import Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.options import (
    Cluster,
    Customers,
    Json,
    Quiet,
    Replications,
    Seed,
    Settings,
    Workers,
    settings,
)
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, table
from tiermix.core.progress import Progress


class Case(StrEnum):
    """Cases with published figures."""

    SMART_HOME = "smart_home"


Name = Annotated[Case, typer.Argument(help="Name of the case.")]


def case(
    name: Name,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Replications = None,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare a published case with its simulation.

    --set changes the scenario after the change that the case is about.
    """
    changes = settings(set_)
    size = {"seed": seed, "customers": customers, "replications": replications}
    place = inputs.where(workers, cluster)
    Output(json, quiet).deliver(
        lambda progress: job(name.value, progress, changes=changes, workers=place, **size), view
    )


def job(name: str, progress: Progress | None, **options: Any) -> Document:
    from experiments import smart_home_case

    started = time.perf_counter()
    found = smart_home_case(**options, progress=progress)
    return {**found.to_dict(), "seconds": time.perf_counter() - started}


def view(document: Document) -> View:
    """Changes in percent, and below them the reasons for sizes that are off."""
    rows = document["figures"]
    head = ["figure", "published", "simulated", "low", "high"]
    yield table(
        head, [[row["figure"], _published(row["published"]), *_percents(row)] for row in rows]
    )
    yield "\n{customers:,} customers, {replications} replications, {days} days".format(**document)
    for row in rows:
        if row["comment"]:
            yield f"{row['figure']}: {row['comment']}"


def _percents(row: dict[str, Any]) -> list[str]:
    return [f"{row[key]:+,.1%}" for key in ("change", "low", "high")]


def _published(change: float) -> str:
    if change != change:
        return ""
    return f"{change:+.0%}" if change else "up"
