"""`tiermix attribute`: who gets the credit, by models fitted to a log."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tiermix.cli import spelling
from tiermix.cli.options import Json, Language, Quiet, UsageError, Xlsx, names, settings
from tiermix.cli.output import Document, Output
from tiermix.cli.spoken import spoken
from tiermix.cli.tables import View, cell, table
from tiermix.core.outputs import check_replaceable, replacing
from tiermix.core.tables.formulas import write_table


class Convention(StrEnum):
    """How Markov removal effects become credit."""

    GLOBAL = "global"
    JOURNEY = "journey"


Log = Annotated[Path, typer.Argument(help="Run folder, event table or path table.")]
Models = Annotated[str, typer.Option(help="Names separated by commas.")]
Order = Annotated[
    int | None, typer.Option(min=1, max=4, help="Order of the Markov chain: steps it remembers.")
]
Conventions = Annotated[
    Convention | None, typer.Option(help="How Markov removal effects become credit.")
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        metavar="MODEL.NAME=VALUE",
        help="Set a parameter of a model, as in time_decay.half_life_days=3; repeatable.",
    ),
]
Lookback = Annotated[
    float | None,
    typer.Option(min=0, help="Lookback window in days: earlier touches get no credit."),
]
Drop = Annotated[
    bool, typer.Option("--drop", help="Leave out rows that do not fit, and count them.")
]


class Outcome(StrEnum):
    """What is credited."""

    ORDER = "order"
    LEAD = "lead"
    SIGNUP = "signup"


class Transform(StrEnum):
    """What becomes of a channel that is met again."""

    UNIQUE = "unique"
    EXPOSURE = "exposure"
    FIRST = "first"
    FREQUENCY = "frequency"


Outcomes = Annotated[Outcome, typer.Option("--outcome", help="Conversions that are credited.")]
Impressions = Annotated[
    bool,
    typer.Option("--impressions/--no-impressions", help="Whether what was only seen counts."),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="CHANNEL",
        help="Take a channel, as direct, out of paths where it is not alone; repeatable.",
    ),
]
Transforms = Annotated[
    Transform,
    typer.Option(
        "--transform",
        help="Touches of a channel that is met again: unique keeps them, exposure drops those in a "
        "row, first all but the first, frequency too, with how often beside the name.",
    ),
]


class Unit(StrEnum):
    """What counts as one visit."""

    SESSION = "session"
    PAGE = "page"
    ROW = "row"


Pers = Annotated[
    Unit | None,
    typer.Option(
        "--per",
        help="What counts as one visit. A session where the log tells sessions, as exports of GA4 "
        "do, else a row.",
    ),
]
Converting = Annotated[
    bool,
    typer.Option(
        "--converting", help="The channel that a conversion's own row names is a touch too."
    ),
]
Separator = Annotated[
    str, typer.Option(help="What stands between the steps of a path table, as -> or |.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="CSV file for the credit, or a folder for it.")
]
Pieces = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Read the log in this many parts, some visitors at a time, to save memory; 1 reads it "
        "whole. By default logs of more than 5 million rows are read in parts of about 1 million, "
        "if every model learns from paths.",
    ),
]


def attribute(
    log: Log,
    model: Models = "last,linear,markov",
    order: Order = None,
    lookback: Lookback = None,
    convention: Conventions = None,
    parameter: Parameters = None,
    outcome: Outcomes = Outcome.ORDER,
    impressions: Impressions = True,
    without: Without = None,
    transform: Transforms = Transform.UNIQUE,
    per: Pers = None,
    converting: Converting = False,
    separator: Separator = ">",
    drop: Drop = False,
    pieces: Pieces = None,
    out: Out = None,
    xlsx: Xlsx = None,
    language: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Credit channels with attribution models fitted to a log."""
    if not log.exists():
        raise UsageError(f"{log}: there is no such file or folder; check the path.")
    models = names(model, "--model") or []
    chain = {"order": order, "convention": convention.value if convention else None}
    parameters = model_parameters(parameter, chain, models)
    how: dict[str, Any] = {"lookback_days": lookback, "pieces": pieces, "separator": separator}
    how |= {"bad": "drop" if drop else "refuse", "converting": converting}
    how["per"] = per.value if per else None
    seen: dict[str, Any] = {"outcome": outcome.value, "impressions": impressions}
    seen |= {"without": tuple(without or ()), "transform": transform.value}
    with spoken(None, language):
        Output(json, quiet).deliver(
            lambda _: job(log, models, seen, out, xlsx, parameters=parameters, **how), view
        )


def model_parameters(
    pairs: list[str] | None, chain: dict[str, Any], models: list[str]
) -> dict[str, dict[str, Any]]:
    """Parameters by model from `MODEL.NAME=VALUE`; `chain` holds what has options of its own."""
    found: dict[str, dict[str, Any]] = {}
    for path, value in settings(pairs, "--parameter").items():
        model, dot, name = path.partition(".")
        if not dot:
            raise UsageError(
                f"--parameter {path!r} names no parameter; write it as markov.order=2."
            )
        found.setdefault(model, {})[name] = value
    chain = {name: value for name, value in chain.items() if value is not None}
    if chain and "markov" not in models:
        raise UsageError("--order and --convention belong to the model markov; add it to --model.")
    twice = next((name for name in chain if name in found.get("markov", {})), None)
    if twice:
        raise UsageError(f"--parameter markov.{twice} and --{twice} say the same; give one.")
    return {**found, "markov": {**found.get("markov", {}), **chain}} if chain else found


def job(
    log: Path,
    models: list[str],
    seen: dict[str, Any],
    out: Path | None,
    xlsx: Path | None,
    **how: Any,
) -> Document:
    from attribution import View as LogView
    from attribution import fit_log

    started = time.perf_counter()
    table = None if out is None else _table_of(out)
    check_replaceable([place for place in (table, xlsx) if place is not None], "attribute")
    fitted = fit_log(log, models, view=LogView(**seen), **how)
    document = {"outcome": seen["outcome"], **fitted.to_dict()}
    if table is not None:
        write_table(table, fitted.to_frame(), "attribute")
        document["csv"] = str(table)
    if xlsx is not None:
        document["workbook"] = _workbook(xlsx, document)
    return {**document, "seconds": time.perf_counter() - started}


def _table_of(out: Path) -> Path:
    """The file that is meant: the one named, or credit.csv in a folder."""
    return out if out.suffix.lower() == ".csv" else out / "credit.csv"


def _workbook(xlsx: Path, document: Document) -> str:
    from experiments import write_credit_workbook

    with replacing(xlsx, "attribute"):
        write_credit_workbook(xlsx, document)
    return str(xlsx)


def view(document: Document) -> View:
    """Credit in conversions of the outcome, a column per model."""
    models = document["models"]
    channels = [row["channel"] for row in models[0]["credit"]]
    credit = [{row["channel"]: row["conversions"] for row in model["credit"]} for model in models]
    rows = [[channel, *(given.get(channel) for given in credit)] for channel in channels]
    rows.append(["(baseline)", *(model["baseline"]["conversions"] for model in models)])
    yield table(["channel", *(model["model"] for model in models)], rows)
    what = "conversions" if document["outcome"] == Outcome.ORDER else f"{document['outcome']}s"
    paths = document["journeys"]
    yield f"\ncredit in {what}, from {cell(paths)} journey{'' if paths == 1 else 's'}"
    for what, count in document["dropped"].items():
        yield f"left out: {cell(count)} rows for their {what}"
    yield from (f"note: {spelling.for_the_terminal(remark)}" for remark in document["remarks"])
    if "csv" in document:
        yield f"credit: {document['csv']}"
    if "workbook" in document:
        yield f"workbook: {document['workbook']}"
