"""The command line: `tiermix run retail` and each step alone.

Nothing heavy is imported here; commands hand plain values to `experiments.cli_jobs`.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments import cli_jobs, cli_views
from experiments.cli_lift import lift
from experiments.cli_options import (
    Cluster,
    Convention,
    Customers,
    Engine,
    Json,
    Out,
    PlanFile,
    Quiet,
    Replications,
    Scenario,
    Seed,
    Settings,
    Workers,
    names,
    settings,
)
from experiments.cli_output import Output, explain
from experiments.cli_places import lab, scenarios_app, ui
from experiments.cli_plans import curves, frontier, plan
from experiments.cli_truth import truth
from experiments.cli_validate import validate

app = typer.Typer(
    name="tiermix",
    help="Simulate, attribute and optimize tiered integrated marketing.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command()
def run(
    scenario: Scenario,
    strategies: Annotated[
        str | None, typer.Option(help="Names separated by commas; all of them if not given.")
    ] = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Replications = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The main job: compare strategies in the market, track them, write the report."""
    chosen, changes = names(strategies, "--strategies"), settings(set_)
    Output(json, quiet).deliver(
        lambda progress: cli_jobs.run(
            cli_jobs.loaded(scenario, changes),
            strategies=chosen,
            seed=seed,
            customers=customers,
            replications=replications,
            workers=workers,
            cluster=cluster,
            out=out,
            progress=progress,
        ),
        cli_views.run,
    )


@app.command()
def simulate(
    scenario: Scenario,
    engine: Annotated[Engine, typer.Option(help="The tables are the same.")] = Engine.BATCH,
    plan: PlanFile = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """One market year, written as a run folder."""
    world = cli_jobs.loaded(scenario, settings(set_))
    Output(json, quiet).deliver(
        lambda progress: cli_jobs.simulate(
            world,
            plan=cli_jobs.plan_from(plan, world),
            seed=seed,
            customers=customers,
            engine=engine.value,
            workers=workers,
            cluster=cluster,
            out=out,
            progress=progress,
        ),
        cli_views.simulate,
    )


@app.command()
def attribute(
    log: Annotated[Path, typer.Argument(help="A run folder, an event table or a path table.")],
    model: Annotated[str, typer.Option(help="Names separated by commas.")] = "last,linear,markov",
    order: Annotated[int | None, typer.Option(min=1, max=4, help="Of the Markov chain.")] = None,
    lookback: Annotated[float | None, typer.Option(min=0, help="Days that count.")] = None,
    convention: Annotated[
        Convention | None, typer.Option(help="How removal effects become credit.")
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Leave out rows that do not fit.")] = False,
    pieces: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Read the log in so many pieces of its visitors, to need less memory; 1 reads it "
            "whole. If not given, logs of more than 5 million rows are read in pieces of about 2 "
            "million, if every model learns from paths.",
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Who gets the credit, by each model."""
    models = names(model, "--model") or []
    Output(json, quiet).deliver(
        lambda _: cli_jobs.attribute(
            log,
            models,
            order=order,
            convention=convention.value if convention else None,
            lookback=lookback,
            drop=drop,
            pieces=pieces,
        ),
        cli_views.attribute,
    )


app.command()(truth)
app.command()(curves)
app.command()(plan)
app.command()(frontier)
app.command()(validate)
app.command()(lift)
app.add_typer(scenarios_app, name="scenarios")
app.command()(ui)
app.command()(lab)


def main() -> None:
    """The entry point: run a command, and turn what goes wrong into a sentence and a code."""
    try:
        app()
    except Exception as error:
        sys.exit(explain(error, as_json="--json" in sys.argv))
