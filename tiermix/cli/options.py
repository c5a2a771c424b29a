"""The options that commands share: each is described once, here."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tiermix.core.errors import TiermixError


class UsageError(TiermixError, ValueError):
    """An option that cannot be understood."""


class Engine(StrEnum):
    """How customers are moved through the year; the tables are the same."""

    BATCH = "batch"
    INDIVIDUAL = "individual"


class Convention(StrEnum):
    """How Markov removal effects become credit."""

    GLOBAL = "global"
    JOURNEY = "journey"


Scenario = Annotated[str, typer.Argument(help="A name from the library, or a YAML file.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change one value of the scenario, as in channels.douyin.peak=0.2; repeatable.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="The luck; the same seed gives the same figures.")]
Customers = Annotated[
    int | None, typer.Option(min=1, help="Simulated customers: more of them, less noise.")
]
Replications = Annotated[int | None, typer.Option(min=1, help="Worlds to try everything in.")]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Processes to share the work; all cores if not given.")
]
Cluster = Annotated[
    str | None, typer.Option(help="Address of a Dask scheduler, when one machine is too small.")
]
PlanFile = Annotated[
    Path | None, typer.Option("--plan", help="A plan: CSV with channel, month, amount.")
]
CurvesFile = Annotated[
    Path | None, typer.Option("--curves", help="A curves CSV; else they are measured.")
]
Objective = Annotated[str | None, typer.Option(help="The KPI to make best.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for what is written.")]
Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no remarks.")]
Kpi = Annotated[str, typer.Option(help="The KPI that counts.")]


def settings(pairs: list[str] | None) -> dict[str, Any]:
    """Values by dotted path from `PATH=VALUE`; a value is read as JSON, or else as text."""
    found: dict[str, Any] = {}
    for pair in pairs or []:
        path, equals, value = pair.partition("=")
        if not equals or not path.strip():
            raise UsageError(
                f"--set {pair!r} names no value; write it as channels.douyin.peak=0.2."
            )
        if path.strip() in found:
            raise UsageError(f"--set gives {path.strip()} twice; give it once.")
        found[path.strip()] = _value(value.strip())
    return found


def names(text: str | None, option: str) -> list[str] | None:
    """The names in a comma-separated list; None if none was given."""
    if text is None:
        return None
    found = [name.strip() for name in text.split(",") if name.strip()]
    twice = next((name for name in found if found.count(name) > 1), None)
    if not found or twice:
        what = f"names {twice} twice" if twice else "is empty"
        raise UsageError(f"{option} {what}; write the names once each, separated by commas.")
    return found


def numbers(text: str | None, option: str) -> list[float] | None:
    """The numbers in a comma-separated list; None if none was given."""
    found = names(text, option)
    try:
        return None if found is None else [float(number) for number in found]
    except ValueError:
        raise UsageError(f"{option} {text!r} holds what is no number; write 0,0.5,1.") from None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
