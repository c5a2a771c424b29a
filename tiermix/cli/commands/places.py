"""Commands that show and open things: the library, the tracked runs, the notebooks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from tiermix.cli.commands.case import case
from tiermix.cli.options import (
    Customers,
    Json,
    Quiet,
    Scenario,
    Seed,
    Settings,
    UsageError,
    Workers,
    settings,
)
from tiermix.cli.output import Output, as_text, remark
from tiermix.cli.streams import result

Port = Annotated[int, typer.Option(min=1, max=65535, help="On 127.0.0.1.")]

scenarios_app = typer.Typer(
    help="The library of scenarios, and help with your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
scenarios_app.command()(case)


@scenarios_app.command("list")
def list_(json: Json = False) -> None:
    """Scenarios that come with Tiermix."""
    from scenarios import library_names, load_scenario
    from tiermix.cli.tables import table

    known = [(name, load_scenario(name)) for name in library_names()]
    entries = [
        {"name": name, "title": found.title, "title_zh": found.title_zh} for name, found in known
    ]
    rows = [list(entry.values()) for entry in entries]
    result(as_text({"scenarios": entries}) if json else table(["name", "title", "标题"], rows))


@scenarios_app.command()
def show(scenario: Scenario, set_: Settings = None, json: Json = False) -> None:
    """A scenario: its YAML as written, or with --json all that it says."""
    from scenarios import load_scenario

    changes = settings(set_)
    found = load_scenario(scenario, changes)
    if json or changes:
        result(as_text(found.model_dump(mode="json")))
    else:
        result(_text(scenario), end="")


@scenarios_app.command()
def check(scenario: Scenario, set_: Settings = None) -> None:
    """Whether a scenario can be used, and if not, which field is wrong."""
    from scenarios import load_scenario

    result(f"{load_scenario(scenario, settings(set_))!r} is in order")


@scenarios_app.command()
def new(
    file: Annotated[Path, typer.Argument(help="The YAML file to write.")],
    like: Annotated[str, typer.Option(help="The scenario to start from.")] = "retail",
) -> None:
    """A scenario of your own, as a copy of one from the library."""
    text = _text(like)
    if file.exists():
        raise UsageError(f"{file} exists already; name another file or move that one away.")
    if file.suffix not in {".yaml", ".yml"}:
        raise UsageError(f"{file} is no YAML file; end its name in .yaml.")
    file.write_text(text, "utf-8")
    remark(f"wrote {file}; change it, then `tiermix scenarios check {file}`")


@scenarios_app.command()
def believe(
    scenario: Scenario,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """What a scenario implies, beside the ranges that it says it ought to lie in."""
    from tiermix.cli import jobs, tables

    found = jobs.loaded(scenario, settings(set_))
    Output(json, quiet).deliver(
        lambda _: jobs.believe(found, seed=seed, customers=customers, workers=workers),
        tables.believe,
    )


@scenarios_app.command()
def schema() -> None:
    """The JSON Schema of scenario files, for editors that complete and check."""
    from scenarios import Scenario as Model

    result(as_text(Model.model_json_schema()))


def ui(port: Port = 5000) -> None:
    """The MLflow UI on the runs that were tracked, on 127.0.0.1."""
    from experiments.tracking import store

    raise typer.Exit(store.ui(port=port))


def lab(
    folder: Annotated[Path, typer.Option(help="Where the notebooks go.")] = Path("notebooks"),
    port: Port = 8888,
) -> None:
    """JupyterLab on the notebooks, on 127.0.0.1; your own copies are never overwritten."""
    if not folder.exists():
        _copy_notebooks(folder)
        remark(f"copied the notebooks to {folder}")
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}"]
    where = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        where.append("--allow-root")
    raise typer.Exit(subprocess.run([*command, *where], check=False).returncode)


def _copy_notebooks(folder: Path) -> None:
    from importlib.resources import as_file, files

    with as_file(files("tiermix") / "notebooks") as source:
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__*"))


def _text(scenario: str) -> str:
    from scenarios.load import library_text

    path = Path(scenario)
    return path.read_text("utf-8-sig") if path.is_file() else library_text(scenario)
