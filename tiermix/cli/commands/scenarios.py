"""`tiermix scenarios`: the library, and help with scenarios of one's own."""

import typer

from tiermix.cli import inputs
from tiermix.cli.commands.case import case
from tiermix.cli.commands.check import check
from tiermix.cli.commands.from_table import from_table
from tiermix.cli.commands.new import new, text_of
from tiermix.cli.commands.plausibility import believe, plausibility
from tiermix.cli.options import Json, Scenario, Settings
from tiermix.cli.output import Document, Output, as_text
from tiermix.cli.streams import result
from tiermix.cli.tables import View, table

scenarios_app = typer.Typer(
    help="Library scenarios, and help with your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@scenarios_app.command("list")
def list_(json: Json = False) -> None:
    """List the scenarios that come with Tiermix."""
    from scenarios import library_names, load_scenario

    known = [(name, load_scenario(name)) for name in library_names()]
    entries = [
        {"name": name, "title": found.title, "title_zh": found.title_zh} for name, found in known
    ]
    Output(json).show({"scenarios": entries}, _titles)


def _titles(document: Document) -> View:
    rows = [list(entry.values()) for entry in document["scenarios"]]
    yield table(["name", "title", "标题"], rows, left=["title", "标题"])


@scenarios_app.command()
def show(scenario: Scenario, set_: Settings = None, json: Json = False) -> None:
    """Show a scenario as its YAML.

    With --json or --set as JSON with every field.
    """
    found = inputs.scenario_of(scenario, set_)
    if json or set_:
        result(as_text(found.model_dump(mode="json")))
    else:
        result(text_of(scenario), end="")


@scenarios_app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files.

    Editors complete and check by it.
    """
    from scenarios import Scenario as Model

    result(as_text(Model.model_json_schema()))


scenarios_app.command()(check)
scenarios_app.command()(new)
scenarios_app.command()(plausibility)
scenarios_app.command(hidden=True)(believe)
scenarios_app.command()(case)
scenarios_app.command("from-table")(from_table)
