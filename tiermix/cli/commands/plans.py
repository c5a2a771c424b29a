"""Commands that plan: response curves, the annual plan, its frontier."""

from typing import Annotated

import typer

from tiermix.cli import jobs, tables
from tiermix.cli.options import (
    Cluster,
    CurvesFile,
    Customers,
    Json,
    Objective,
    Out,
    Quiet,
    Scenario,
    Seed,
    Settings,
    Workers,
    settings,
)
from tiermix.cli.output import Output


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
    """Response curves from designed experiments in the market; --out writes curves.csv."""
    world = jobs.loaded(scenario, settings(set_))
    Output(json, quiet).deliver(
        lambda progress: jobs.curves(
            world,
            seed=seed,
            customers=customers,
            workers=workers,
            cluster=cluster,
            out=out,
            progress=progress,
        ),
        tables.curves,
    )


def plan(
    scenario: Scenario,
    curves: CurvesFile = None,
    budget: Annotated[float | None, typer.Option(min=0, help="Money for the year.")] = None,
    objective: Objective = None,
    robust: Annotated[
        bool, typer.Option("--robust", help="Count the bad draws of the curves as well.")
    ] = False,
    weeks: Annotated[
        bool, typer.Option("--weeks", help="By week; plan.csv has the sums, for the market.")
    ] = False,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The annual plan: money by channel and month or week, with a certificate and prices."""
    world = jobs.loaded(scenario, settings(set_))
    Output(json, quiet).deliver(
        lambda progress: jobs.plan(
            world,
            curves=curves,
            budget=budget,
            objective=objective,
            robust=robust,
            weeks=weeks,
            seed=seed,
            customers=customers,
            workers=workers,
            cluster=cluster,
            out=out,
            progress=progress,
        ),
        tables.plan,
    )


def frontier(
    scenario: Scenario,
    budgets: Annotated[int, typer.Option(min=1, help="How many points.")] = 20,
    curves: CurvesFile = None,
    objective: Objective = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The best outcome for each budget, from half the scenario's to one and a half times it."""
    world = jobs.loaded(scenario, settings(set_))
    Output(json, quiet).deliver(
        lambda progress: jobs.frontier(
            world,
            budgets=budgets,
            curves=curves,
            objective=objective,
            seed=seed,
            customers=customers,
            workers=workers,
            cluster=cluster,
            out=out,
            progress=progress,
        ),
        tables.frontier,
    )
