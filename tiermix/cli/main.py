"""The command line: `tiermix run retail` and each step alone.

Nothing heavy is imported here; commands hand plain values to `tiermix.cli.jobs`.
"""

import sys
from typing import Annotated

import typer

from tiermix.cli import jobs, tables
from tiermix.cli.commands.attribute import attribute
from tiermix.cli.commands.calibrate import calibrate
from tiermix.cli.commands.lift import lift
from tiermix.cli.commands.places import lab, scenarios_app, ui
from tiermix.cli.commands.plans import curves, frontier, plan
from tiermix.cli.commands.truth import truth
from tiermix.cli.commands.validate import validate
from tiermix.cli.options import (
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
from tiermix.cli.output import Output, explain
from tiermix.cli.streams import kept_apart, taken
from tiermix.core.shadows import check_shadows

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
        str | None,
        typer.Option(
            help="Names separated by commas, the usual ones if not given; MODULE:NAME for a "
            "Strategy in a file of your own."
        ),
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
        lambda progress: jobs.run(
            jobs.loaded(scenario, changes),
            strategies=chosen,
            seed=seed,
            customers=customers,
            replications=replications,
            workers=workers,
            cluster=cluster,
            out=out,
            progress=progress,
        ),
        tables.run,
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
    world = jobs.loaded(scenario, settings(set_))
    Output(json, quiet).deliver(
        lambda progress: jobs.simulate(
            world,
            plan=jobs.plan_from(plan, world),
            seed=seed,
            customers=customers,
            engine=engine.value,
            workers=workers,
            cluster=cluster,
            out=out,
            progress=progress,
        ),
        tables.simulate,
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
            check_shadows()
            app()
        except Exception as error:
            sys.exit(explain(error, as_json="--json" in sys.argv))
