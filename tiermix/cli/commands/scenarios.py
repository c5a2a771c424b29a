"""`tiermix scenarios`: the library, and help with scenarios of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from tiermix.cli import inputs
from tiermix.cli.commands.case import case
from tiermix.cli.commands.check import check
from tiermix.cli.commands.from_table import from_table
from tiermix.cli.commands.plausibility import believe, plausibility
from tiermix.cli.options import Json, Scenario, Settings, UsageError
from tiermix.cli.output import Document, Output, as_text, remark
from tiermix.cli.streams import result
from tiermix.cli.tables import View, table
from tiermix.core.files import write_text

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
        result(_text(scenario), end="")


@scenarios_app.command()
def new(
    file: Annotated[Path, typer.Argument(help="YAML file to write.")],
    like: Annotated[str, typer.Option(help="Library scenario to start from.")] = "retail",
) -> None:
    """Copy a library scenario to a file of your own."""
    text = _text(like)
    if file.exists():
        raise UsageError(f"{file} exists already; name another file or move that one away.")
    if file.suffix not in {".yaml", ".yml"}:
        raise UsageError(f"{file} is no YAML file; end its name in .yaml.")
    write_text(file, text)
    remark(f"wrote {file}; change it, then `tiermix scenarios check {file}`")


@scenarios_app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files.

    Editors complete and check by it.
    """
    from scenarios import Scenario as Model

    result(as_text(Model.model_json_schema()))


scenarios_app.command()(check)
scenarios_app.command()(plausibility)
scenarios_app.command(hidden=True)(believe)
scenarios_app.command()(case)
scenarios_app.command("from-table")(from_table)


def _text(scenario: str) -> str:
    from scenarios import library_text

    path = Path(scenario)
    return path.read_text("utf-8-sig") if path.is_file() else library_text(scenario)
