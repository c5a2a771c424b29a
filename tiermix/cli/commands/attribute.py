"""`tiermix attribute`: who gets the credit, by models fitted to a log."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tiermix.cli.options import Json, Quiet, UsageError, names, settings
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, cell, table


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
    drop: Drop = False,
    pieces: Pieces = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Credit channels with attribution models fitted to a log."""
    models = names(model, "--model") or []
    chain = {"order": order, "convention": convention.value if convention else None}
    parameters = model_parameters(parameter, chain, models)
    how: dict[str, Any] = {"lookback_days": lookback, "pieces": pieces}
    how["bad"] = "drop" if drop else "refuse"
    Output(json, quiet).deliver(lambda _: job(log, models, parameters=parameters, **how), view)


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


def job(log: Path, models: list[str], **how: Any) -> Document:
    from attribution import fit_log

    started = time.perf_counter()
    fitted = fit_log(log, models, **how)
    return {**fitted.to_dict(), "seconds": time.perf_counter() - started}


def view(document: Document) -> View:
    """Credit in conversions, a column per model."""
    models = document["models"]
    channels = [row["channel"] for row in models[0]["credit"]]
    credit = [{row["channel"]: row["conversions"] for row in model["credit"]} for model in models]
    rows = [[channel, *(given.get(channel) for given in credit)] for channel in channels]
    rows.append(["(baseline)", *(model["baseline"]["conversions"] for model in models)])
    yield table(["channel", *(model["model"] for model in models)], rows)
    yield f"\ncredit in conversions, from {cell(document['journeys'])} journeys"
    for what, count in document["dropped"].items():
        yield f"left out: {cell(count)} rows for their {what}"
