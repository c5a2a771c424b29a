"""The command line: `tiermix run retail` and each step alone.

Nothing heavy is imported here; commands hand plain values to `experiments.cli_jobs`.
"""

import sys
from typing import Annotated

import typer

from experiments import cli_jobs, cli_views
from experiments.cli_attribute import attribute
from experiments.cli_calibrate import calibrate
from experiments.cli_lift import lift
from experiments.cli_options import (
    Cluster,
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
from experiments.cli_streams import kept_apart, taken
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


app.command()(attribute)
app.command()(truth)
app.command()(curves)
app.command()(plan)
app.command()(frontier)
app.command()(validate)
app.command()(calibrate)
app.command()(lift)
app.add_typer(scenarios_app, name="scenarios")
app.command()(ui)
app.command()(lab)

for command in (*app.registered_commands, *scenarios_app.registered_commands):
    if command.callback is not None:
        command.callback = kept_apart(command.callback)


def main() -> None:
    """The entry point: run a command, and turn what goes wrong into a sentence and a code."""
    with taken():
        try:
            app()
        except Exception as error:
            sys.exit(explain(error, as_json="--json" in sys.argv))
