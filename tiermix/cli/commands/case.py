"""The command `tiermix scenarios case`: a published case, beside what the market makes of it."""

import time
from enum import StrEnum
from typing import Annotated, Any

import typer

from tiermix.cli.options import (
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
from tiermix.core.progress import Progress


class Case(StrEnum):
    """Cases with published figures."""

    SMART_HOME = "smart_home"


def case(
    name: Annotated[Case, typer.Argument(help="Which case.")],
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Replications = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """A published case: its figures beside the simulated ones, and why sizes differ.

    --set changes the scenario after.
    """
    changes = settings(set_)
    size = {"customers": customers, "replications": replications, "workers": workers}
    Output(json, quiet).deliver(
        lambda progress: _document(
            name.value, seed=seed, changes=changes, progress=progress, **size
        ),
        _view,
    )


def _document(name: str, *, progress: Progress | None, **options: Any) -> Document:
    from experiments.cases.smart_home import smart_home_case

    started = time.perf_counter()
    found = smart_home_case(**options, progress=progress)
    return {**found.to_dict(), "seconds": time.perf_counter() - started}


def _view(document: Document) -> str:
    """Changes in percent, and below them the reasons for sizes that are off."""
    from tiermix.cli.tables import table

    rows = document["figures"]
    head = ["figure", "published", "change", "low", "high"]
    shown = [[row["figure"], _published(row["published"]), *_percents(row)] for row in rows]
    reasons = [f"{row['figure']}: {row['comment']}" for row in rows if row["comment"]]
    size = "{customers:,} customers, {replications} replications, {days} days".format(**document)
    return "\n".join([table(head, shown), "", size, *reasons])


def _percents(row: dict[str, Any]) -> list[str]:
    return [f"{row[key]:+.1%}" for key in ("change", "low", "high")]


def _published(change: float) -> str:
    if change != change:
        return ""
    return f"{change:+.0%}" if change else "up"
