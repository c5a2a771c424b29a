"""The options that commands share: each is described once, here."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tiermix.core.errors import TiermixError


class UsageError(TiermixError, ValueError):
    """An option that cannot be understood."""


class Size(StrEnum):
    """How large a benchmark is."""

    FULL = "full"
    TINY = "tiny"


class Engine(StrEnum):
    """How customers are moved through the year; the tables are the same."""

    BATCH = "batch"
    INDIVIDUAL = "individual"


def scenario_names(begun: str) -> list[str]:
    """Library scenarios and YAML files whose names begin so, for a shell that completes them."""
    from importlib.resources import files

    library = [Path(entry.name) for entry in files("scenarios.library").iterdir()]
    own = [*Path().glob("*.yaml"), *Path().glob("*.yml")]
    known = [*(path.stem for path in library if path.suffix == ".yaml"), *map(str, own)]
    return sorted(name for name in known if name.startswith(begun))


Scenario = Annotated[
    str,
    typer.Argument(
        help="Name of a library scenario, or a YAML file.", autocompletion=scenario_names
    ),
]
ShiftTo = Annotated[
    int | None,
    typer.Option(
        "--shift-to",
        metavar="YEAR",
        help="Move the scenario by whole years, with its festivals, to plan this one.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change a value of the scenario, as in channels.douyin.peak=0.2; repeatable.",
    ),
]
Seed = Annotated[
    int, typer.Option(min=0, help="Random seed: the same seed gives the same figures.")
]
Customers = Annotated[
    int | None,
    typer.Option(
        min=1, help="Customers to simulate: more give less noise. The scenario's number by default."
    ),
]
Replications = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Draws of the uncertain parameters, each a market of its own. The scenario's number "
        "by default.",
    ),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Processes that share the work. All cores by default.")
]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Dask scheduler to work on instead of this machine, as in tcp://10.0.0.5:8786.",
    ),
]
PlanFile = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        help="Media plan to follow: CSV or Excel with channel, month (or week), amount, or with a "
        "column for each month. The scenario's by default.",
    ),
]
CurvesFile = Annotated[
    Path | None,
    typer.Option(
        "--curves",
        help="Response curves: a table, Robyn's output folder, or parameters or curves of Meridian "
        "or pymc-marketing. Measured in the simulated market by default.",
    ),
]
CurvesGiven = Annotated[
    list[str] | None,
    typer.Option(
        "--given",
        metavar="KEY=VALUE",
        help="What the files of --curves do not say, as in model=1_102_2, weeks=52 or "
        "kpi=conversions; repeatable.",
    ),
]
CurvesNames = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="THEIRS=OURS",
        help="What --curves calls a channel, as in tv_S=tv; tv_S=- leaves it out. Repeatable.",
    ),
]
Budget = Annotated[
    str | None,
    typer.Option(
        help="Budget of the year: 24e6, 9.6m, or 80% of the scenario's own, which is the default."
    ),
]
Objective = Annotated[
    str | None,
    typer.Option(
        help="KPI to maximise, a weighted sum as margin=1,spend=-1, or spend (least) or goals. "
        "The scenario's by default."
    ),
]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the files that are written.")]
Xlsx = Annotated[
    Path | None, typer.Option("--xlsx", help="Write the answer as an Excel workbook too.")
]
Language = Annotated[
    Literal["en", "zh"],
    typer.Option(
        help="Language of the page, the workbook and the tables: English or Chinese. JSON and "
        "errors are English."
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")
]
Track = Annotated[
    bool,
    typer.Option("--track", help="Keep the answer in the tracking store, for tiermix studies."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress and no remarks.")]
Kpi = Annotated[str, typer.Option(help="KPI that is measured.")]
Seconds = Annotated[
    float,
    typer.Option(
        min=0.1,
        help="Time for plans with S-shaped curves or minimum spends; then the best so far is "
        "given with its gap.",
    ),
]


def settings(pairs: list[str] | None, option: str = "--set") -> dict[str, Any]:
    """Values by dotted path from `PATH=VALUE`; a value is read as JSON, or else as text."""
    return {path: _value(text) for path, text in _pairs(pairs, option).items()}


def _pairs(pairs: list[str] | None, option: str) -> dict[str, str]:
    """Texts by dotted path, each path once."""
    found: dict[str, str] = {}
    for pair in pairs or []:
        path, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or not path:
            example = "channels.douyin.peak=0.2" if option == "--set" else "markov.order=2"
            raise UsageError(f"{option} {pair!r} names no value; write it as {example}.")
        if path in found:
            raise UsageError(f"{option} gives {path} twice; give it once.")
        found[path] = value
    return found


def value_by_path(text: str, option: str) -> dict[str, Any]:
    """Values by dotted path from `PATH=VALUE, PATH=VALUE`; commas within brackets stay."""
    return settings(_parts(text, option), option)


def value_lists(pairs: list[str] | None, option: str = "--set") -> dict[str, list[Any]]:
    """Lists of values by dotted path from `PATH=A,B,C`; commas within brackets or quotes stay."""
    texts = _pairs(pairs, option)
    return {path: [_value(part) for part in _parts(text, option)] for path, text in texts.items()}


def _parts(text: str, option: str) -> list[str]:
    """A text cut at its commas, those within brackets or quotes left alone."""
    found, depth, quoted = [""], 0, False
    for sign in text:
        quoted ^= sign == '"'
        depth += 0 if quoted else (sign in "[{") - (sign in "]}")
        if sign == "," and not depth and not quoted:
            found.append("")
        else:
            found[-1] += sign
    parts = [part.strip() for part in found]
    if not all(parts):
        raise UsageError(f"{option} {text!r} has an empty value; write values as 1,2,3.")
    return parts


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
        raise UsageError(
            f"{option} {text!r} is not a list of numbers; write it as 0,0.5,1."
        ) from None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # no JSON, or figures and brackets beyond all measure
        return text
