"""The command line: `tiermix run retail` and each step alone.

Nothing heavy is imported here; each command imports what it needs when it is called. A new command
is a file in `tiermix.cli.commands` and a line in `COMMANDS`.
"""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from tiermix.cli.commands.attribute import attribute
from tiermix.cli.commands.benchmark import benchmark_app
from tiermix.cli.commands.calibrate import calibrate
from tiermix.cli.commands.compare import compare
from tiermix.cli.commands.curves import curves
from tiermix.cli.commands.data import data_app
from tiermix.cli.commands.doctor import doctor
from tiermix.cli.commands.frontier import frontier
from tiermix.cli.commands.invest import invest
from tiermix.cli.commands.lift import lift
from tiermix.cli.commands.onboard import onboard
from tiermix.cli.commands.open import lab, ui
from tiermix.cli.commands.plan import plan
from tiermix.cli.commands.planner import planner
from tiermix.cli.commands.replan import replan
from tiermix.cli.commands.run import run
from tiermix.cli.commands.scenarios import scenarios_app
from tiermix.cli.commands.sensitivity import sensitivity
from tiermix.cli.commands.simulate import simulate
from tiermix.cli.commands.studies import studies_app
from tiermix.cli.commands.truth import truth
from tiermix.cli.commands.validate import validate
from tiermix.cli.endings import hear_terminate, told
from tiermix.cli.output import explain
from tiermix.cli.streams import kept_apart, taken
from tiermix.core.shadows import check_shadows

COMMANDS = (
    run,
    compare,
    sensitivity,
    invest,
    simulate,
    attribute,
    truth,
    curves,
    plan,
    planner,
    replan,
    frontier,
    validate,
    calibrate,
    onboard,
    lift,
    ui,
    lab,
    doctor,
)

app = typer.Typer(
    name="tiermix",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"tiermix {version('tiermix')}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option("--version", is_eager=True, callback=_version, help="Print the version and exit."),
]


@app.callback()
def options(version: Version = False) -> None:
    """Simulate, attribute and optimize tiered integrated marketing."""


for command in COMMANDS:
    app.command()(told(kept_apart(command, command.__name__)))
GROUPS = {
    "benchmark": benchmark_app,
    "data": data_app,
    "scenarios": scenarios_app,
    "studies": studies_app,
}
for name, group in GROUPS.items():
    app.add_typer(group, name=name)
    for registered in group.registered_commands:
        if registered.callback is not None:
            own = registered.name or registered.callback.__name__
            registered.callback = told(kept_apart(registered.callback, name, own.replace("_", "-")))


def main() -> None:
    """The entry point: run a command, and turn what goes wrong into a sentence and a code."""
    with taken():
        try:
            check_shadows()
            hear_terminate()
            app()
        except Exception as error:
            sys.exit(explain(error))
