"""The command `tiermix attribute`: who gets the credit, by models fitted to a log.

Heavy libraries are imported inside, so that `tiermix --help` does not wait for them.
"""

import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tiermix.cli import tables
from tiermix.cli.options import Convention, Json, Quiet, UsageError, names
from tiermix.cli.output import Document, Output

if TYPE_CHECKING:
    from attribution import AttributionModel
    from journeys import BadRows, JourneyLog, Paths

LARGE_LOG = 5_000_000
"""Rows of a log above which `attribute` reads it in pieces where it can."""


def attribute(
    log: Annotated[Path, typer.Argument(help="A run folder, an event table or a path table.")],
    model: Annotated[str, typer.Option(help="Names separated by commas.")] = "last,linear,markov",
    order: Annotated[int | None, typer.Option(min=1, max=4, help="Of the Markov chain.")] = None,
    lookback: Annotated[float | None, typer.Option(min=0, help="Days that count.")] = None,
    convention: Annotated[
        Convention | None, typer.Option(help="How removal effects become credit.")
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Leave out rows that do not fit.")] = False,
    pieces: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Read the log in so many pieces of its visitors, to need less memory; 1 reads it "
            "whole. If not given, logs of more than 5 million rows are read in pieces of about 1 "
            "million, if every model learns from paths.",
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Who gets the credit, by each model."""
    models = names(model, "--model") or []
    Output(json, quiet).deliver(
        lambda _: fitted(
            log,
            models,
            order=order,
            convention=convention.value if convention else None,
            lookback=lookback,
            drop=drop,
            pieces=pieces,
        ),
        tables.attribute,
    )


def fitted(
    path: Path,
    models: list[str],
    *,
    order: int | None,
    convention: str | None,
    lookback: float | None,
    drop: bool = False,
    pieces: int | None = None,
) -> Document:
    """Credit by each model on a run folder, an event table or a path table.

    `lookback` cuts the paths of models that read paths; fitted ones remember what theirs say.
    With `drop` rows that do not fit are left out, and counted in `dropped`. The log is read some
    visitors at a time if `pieces` says so, or if it is large and every model can be fitted so.
    """
    started = time.perf_counter()
    chosen = {name: _model(name, order, convention) for name in models}
    if "markov" not in chosen and (order is not None or convention is not None):
        raise UsageError("--order and --convention belong to the model markov; add it to --model.")
    whole = pieces == 1 or (pieces is None and not _wants_pieces(path, chosen))
    fit = _fit_whole if whole else partial(_fit_pieces, count=pieces)
    facts = fit(path, chosen, lookback=lookback, bad="drop" if drop else "refuse")
    credits = [_credit(name, model) for name, model in chosen.items()]
    return {"models": credits, **facts, "seconds": time.perf_counter() - started}


def _wants_pieces(path: Path, models: "dict[str, AttributionModel]") -> bool:
    """Whether a log is so large that reading it whole takes gigabytes, and need not be."""
    from attribution import in_pieces
    from journeys import rows_of_log

    return all(map(in_pieces, models.values())) and rows_of_log(path) > LARGE_LOG


def _fit_whole(
    path: Path,
    models: "dict[str, AttributionModel]",
    *,
    lookback: float | None,
    bad: "BadRows",
) -> Document:
    """Fit models on a log that is read at once; what there was of it."""
    from journeys import JourneyLog

    log = JourneyLog.open(path, bad=bad)
    paths = log.paths(lookback_days=lookback)
    for model in models.values():
        model.fit(_read_by(model, log, paths, lookback))
    return {"journeys": float(paths.weight.sum()), "dropped": log.dropped}


def _fit_pieces(
    path: Path,
    models: "dict[str, AttributionModel]",
    *,
    lookback: float | None,
    bad: "BadRows",
    count: int | None,
) -> Document:
    """Fit models on a log that is read some visitors at a time; what there was of it."""
    from attribution import fit_pieces
    from journeys import JourneyLog

    dropped: Counter[str] = Counter()

    def logs() -> "Iterator[JourneyLog]":
        for log in JourneyLog.pieces(path, count, bad=bad):
            dropped.update(log.dropped)
            yield log

    journeys = fit_pieces(list(models.values()), logs(), lookback_days=lookback)
    return {"journeys": journeys, "dropped": dict(dropped)}


def _model(name: str, order: int | None, convention: str | None) -> "AttributionModel":
    from attribution import MODELS

    if name not in MODELS:
        raise UsageError(f"--model {name!r} is not known; use one of {', '.join(MODELS)}.")
    if name != "markov":
        return MODELS[name]()
    given = {"order": order, "convention": convention}
    return MODELS[name](**{key: value for key, value in given.items() if value is not None})


def _read_by(
    model: "AttributionModel", log: "JourneyLog", paths: "Paths", lookback: float | None
) -> "JourneyLog | Paths":
    """What a model reads: the log, its own cut of it, or the cut that most models share."""
    from attribution import PathModel, has_own_cut

    if not isinstance(model, PathModel):
        return log
    return model.cut(log, lookback_days=lookback) if has_own_cut(model) else paths


def _credit(name: str, model: "AttributionModel") -> Document:
    rows = model.credit_[["conversions", "value"]].reset_index()
    baseline = {str(key): float(value) for key, value in model.baseline_.items()}
    return {"model": name, "credit": rows.to_dict("records"), "baseline": baseline}
