"""The command `tiermix validate`: attribution models against the truth."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from tiermix.cli import jobs, tables
from tiermix.cli.options import (
    Customers,
    Json,
    Out,
    Quiet,
    Replications,
    Scenario,
    Seed,
    Settings,
    Workers,
    names,
    numbers,
    settings,
)
from tiermix.cli.output import Output


class Estimand(StrEnum):
    """The truth that attribution models are held against."""

    REMOVAL = "removal"
    SOLO = "solo"
    SHAPLEY = "shapley"
    LAST_AD = "last_ad"
    MARGINAL = "marginal"


Models = Annotated[
    str | None, typer.Option(help="Names separated by commas; all of them if not given.")
]
Truth = Annotated[Estimand, typer.Option(help="Which truth.")]
Dial = Annotated[str | None, typer.Option(help="Tell errors along a dial.")]
Stops = Annotated[str | None, typer.Option(help="Where the dial stands, by commas.")]
Until = Annotated[
    float | None, typer.Option(min=0, help="Add worlds until intervals are so narrow.")
]
Draws = Annotated[int, typer.Option(min=0, help="Draws to tell coverage by.")]


def validate(
    scenario: Scenario,
    models: Models = None,
    estimand: Truth = Estimand.REMOVAL,
    dial: Dial = None,
    values: Stops = None,
    until: Until = None,
    bootstrap: Draws = 0,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Replications = None,
    workers: Workers = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Attribution models against the truth, with what it costs to plan on each."""
    asked: dict[str, Any] = {
        "models": names(models, "--models"),
        "estimand": estimand.value,
        "until": until,
    }
    asked |= {"dial": dial, "values": numbers(values, "--values"), "bootstrap": bootstrap}
    size = {"seed": seed, "customers": customers, "replications": replications}
    world, where = jobs.loaded(scenario, settings(set_)), {"workers": workers, "out": out}
    Output(json, quiet).deliver(
        lambda progress: jobs.validate(world, **asked, **size, **where, progress=progress),
        tables.validate,
    )
