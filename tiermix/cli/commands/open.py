"""`tiermix ui` and `tiermix lab`: open the tracked runs, and the notebooks."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from tiermix.cli import notebooks
from tiermix.cli.options import Port
from tiermix.cli.output import remark
from tiermix.core.serving import check_free, serve

Folder = Annotated[Path, typer.Option(help="Folder for the notebooks.")]

OFFLINE = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)
"""JupyterLab asks for news, updates and extensions unless it is told not to."""


def ui(port: Port = 5000) -> None:
    """Open the MLflow UI on the tracked runs, on 127.0.0.1.

    The page of each experiment's studies is named first.
    """
    check_free(port)  # before the seconds that a store takes to open
    from experiments import Studies, TrackingError
    from experiments import ui as tracked_runs

    with suppress(TrackingError):  # nothing is tracked yet: an empty UI is still one
        for experiment, link in Studies().links(port).items():
            remark(f"{experiment}: {link}")
    raise typer.Exit(tracked_runs(port=port))


def lab(folder: Folder = Path("notebooks"), port: Port = 8888) -> None:
    """Open JupyterLab on the notebooks, on 127.0.0.1.

    They are copied into the folder; a copy that you have changed is never overwritten, a newer
    edition of it lies beside it.
    """
    for told in notebooks.lay_out(folder):
        remark(told)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}"]
    place = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        place.append("--allow-root")
    raise typer.Exit(
        serve([*command, *place, *OFFLINE], {**os.environ, "JUPYTER_CONFIG_PATH": _settings()})
    )


def _settings() -> str:
    """Where JupyterLab looks for settings: ours, by which it does not ask whether it may ask."""
    from importlib.resources import files

    ours = str(files("tiermix") / "notebooks" / "lab")
    return os.pathsep.join(filter(None, [ours, os.environ.get("JUPYTER_CONFIG_PATH")]))
