"""`tiermix doctor`: what this machine lacks of what Tiermix needs, and what to do about it."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from tiermix.cli.options import Json
from tiermix.cli.output import USERS_MISTAKE, Document, Output
from tiermix.cli.tables import View, table

if TYPE_CHECKING:
    from packaging.requirements import Requirement

OK, LOOK, STOP = "ok", "look", "stop"
LEVELS = (OK, LOOK, STOP)
ROOM = 2e9
"""Bytes on disk and in memory below which studies of the usual size may not fit."""


class Check(NamedTuple):
    """One thing that was looked at, how it stands, and what to do."""

    what: str
    level: str
    words: str


def doctor(json: Json = False) -> None:
    """Check versions, caches, rights and what else Tiermix needs here.

    Ends with 2 where something has to be put right before Tiermix can work.
    """
    found = [check for look in LOOKS for check in look()]
    worst = max((check.level for check in found), key=LEVELS.index)
    document: Document = {"level": worst, "checks": [check._asdict() for check in found]}
    Output(json, quiet=True).show(document, view)
    if worst == STOP:
        raise typer.Exit(USERS_MISTAKE)


def view(document: Document) -> View:
    """One line for each check."""
    rows = [[one["what"], one["level"], one["words"]] for one in document["checks"]]
    yield table(["", "", "found"], rows, left=("", "found"))


def versions() -> Iterator[Check]:
    """Python, Tiermix, and libraries outside the versions that Tiermix is made for."""
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    mine = metadata.metadata("tiermix")
    python = sys.version.split()[0]
    fits = SpecifierSet(mine["Requires-Python"]).contains(python, prereleases=True)
    words = f"{python} at {sys.executable}"
    rest = "" if fits else f"; use one of {mine['Requires-Python']}"
    yield Check("Python", OK if fits else STOP, words + rest)
    yield Check("Tiermix", OK, f"{mine['Version']} at {Path(__file__).parents[3]}")
    needed = [Requirement(text) for text in metadata.requires("tiermix") or []]
    wanted = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = list(filter(None, map(_misfit, wanted)))
    yield from wrong
    if not wrong:
        yield Check("libraries", OK, f"all {len({one.name for one in wanted})} are there and fit")


def _misfit(wanted: "Requirement") -> Check | None:
    """A library that is missing, or of a version that Tiermix is not made for."""
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return Check(wanted.name, STOP, f"is missing; install '{wanted.name}{wanted.specifier}'")
    if wanted.specifier.contains(version, prereleases=True):
        return None
    words = f"{version}, which was not tried; install '{wanted.name}{wanted.specifier}'"
    return Check(wanted.name, LOOK, words)


def machine() -> Iterator[Check]:
    """Cores, memory and disk."""
    from sim import default_workers
    from tiermix.core.forked import can_fork

    start = "copies of this process" if can_fork() else "processes that start afresh"
    yield Check("cores", OK, f"{default_workers()} for workers, which are {start}")
    if (free := _memory()) is not None:
        yield _room("memory", free, "take fewer --workers or --customers")
    yield _room("disk", float(shutil.disk_usage(Path.cwd()).free), "make room, or work elsewhere")


def _memory() -> float | None:
    """Bytes that programs can still have, where the system tells."""
    told = Path("/proc/meminfo")
    lines = told.read_text("ascii").splitlines() if told.exists() else []
    return next((1024.0 * int(x.split()[1]) for x in lines if x.startswith("MemAvailable")), None)


def _room(what: str, free: float, remedy: str) -> Check:
    words = f"{free / 1e9:.1f} GB free"
    return Check(what, *((OK, words) if free > ROOM else (LOOK, f"{words}; {remedy}")))


def places() -> Iterator[Check]:
    """Where compiled code, runs and the tracking store lie, and whether these can be written."""
    from sim import kernels

    folder, there = kernels()
    state = "compiled" if there else "will be compiled at the first run, some minute once"
    yield _writable("kernels", folder, f"{state}, in {folder}", "set NUMBA_CACHE_DIR")
    here = Path.cwd()
    yield _writable("this folder", here, str(here), "go where runs may be written, or use --out")
    store = os.environ.get("MLFLOW_TRACKING_URI", "")
    yield Check("tracking", OK, store or f"{here / 'mlflow.db'}, as MLFLOW_TRACKING_URI is not set")


def _writable(what: str, folder: Path, words: str, remedy: str) -> Check:
    """Whether files can be made in a folder, or in the one that it will be made in."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if os.access(there, os.W_OK):
        return Check(what, OK, words)
    return Check(what, STOP, f"{words}: {there} cannot be written; {remedy}")


def extras() -> Iterator[Check]:
    """What only some commands need."""
    import webbrowser

    try:
        webbrowser.get()
    except webbrowser.Error:
        yield Check("browser", LOOK, "none is known here; open reports by hand, without a server")
    else:
        yield Check("browser", OK, "reports and notebooks can be opened")
    try:
        version = metadata.version("distributed")
    except metadata.PackageNotFoundError:
        yield Check("cluster", LOOK, "--cluster needs 'tiermix[cluster]'; nothing else does")
    else:
        yield Check("cluster", OK, f"distributed {version}")
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    words = f"{sys.stdout.encoding}; set PYTHONUTF8=1 to see names as they are written"
    yield Check("terminal", *((OK, "UTF-8") if utf8 else (LOOK, words)))


LOOKS: tuple[Callable[[], Iterator[Check]], ...] = (versions, machine, places, extras)
