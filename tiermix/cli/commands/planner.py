"""`tiermix planner`: a page on which the year is planned live."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from tiermix.cli import inputs
from tiermix.cli.options import (
    Budget,
    Cluster,
    CurvesFile,
    Customers,
    Language,
    Port,
    Replications,
    Seed,
    Settings,
    UsageError,
    Workers,
    settings,
)
from tiermix.cli.output import remark
from tiermix.core.serving import HOST, check_free, serve

Subject = Annotated[
    str,
    typer.Argument(
        metavar="[SCENARIO|STUDY]",
        help="Name of a library scenario, a YAML file, or a tracked study (first letters of its "
        "id, or last).",
    ),
]
Folder = Annotated[Path, typer.Option("--out", help="Folder for what the page saves.")]
OPTIONS = {
    "server.address": HOST,
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "global.developmentMode": "false",
}
"""Of Streamlit: nobody else reaches the page, and it reaches nobody else."""


def planner(
    scenario: Subject = "retail",
    curves: CurvesFile = None,
    budget: Budget = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Replications = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Folder = Path("planner"),
    language: Language = "en",
    port: Port = 8501,
) -> None:
    """Plan the year on a live page, on 127.0.0.1.

    Budget, rules, goals and single months by slider and switch, each plan certified at once.
    """
    if find_spec("streamlit") is None:
        raise UsageError("the planner page needs the package streamlit; install tiermix[planner].")
    if curves is not None and not curves.exists():
        raise UsageError(f"--curves {curves}: there is no such file or folder; check the path.")
    source = _source(scenario)
    changes = inputs.with_budget(settings(set_), budget)
    inputs.scenario_of(source, set_, budget)  # what is wrong with it is said here, not on the page
    check_free(port)
    question = {
        "scenario": source, "settings": changes, "curves": None if curves is None else str(curves),
        "seed": seed, "customers": customers, "replications": replications,
        "workers": inputs.where(workers, cluster),
    }  # fmt: skip
    told = {"question": question, "language": language, "folder": str(out)}
    environment = {**os.environ, "TIERMIX_PLANNER": json.dumps(told)}
    remark(f"planner: http://{HOST}:{port} (Ctrl-C ends it)")
    raise typer.Exit(serve(_command(port), environment))


def _source(scenario: str) -> str:
    """A scenario's name or file; that of a tracked study where one begins so."""
    from scenarios import library_names

    path = Path(scenario)
    if scenario in library_names() or path.suffix in (".yaml", ".yml") or path.is_file():
        return scenario
    from experiments import Studies, TrackingError

    try:
        every = Studies()
        return str(every.file(every.named(scenario), "scenario.yaml"))
    except TrackingError:
        return scenario


def _command(port: int) -> list[str]:
    from importlib.resources import files

    app = files("experiments") / "planner_page" / "app.py"
    options = {**OPTIONS, "server.port": str(port)}
    given = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(app), *given]
