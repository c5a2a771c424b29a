"""Models by name, with their parameters, fitted to a log that is read at once or in pieces."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

from attribution.base import AttributionModel, PathModel
from attribution.errors import AttributionError
from attribution.out_of_core import fit_pieces, has_own_cut, in_pieces
from attribution.registry import MODELS
from journeys import JourneyLog, Paths, rows_of_log

if TYPE_CHECKING:
    from journeys import BadRows

LARGE_LOG = 5_000_000
"""Rows of a log above which it is read in pieces where every model can be fitted so."""

KINDS: dict[type, str] = {float: "a number", int: "a whole number", str: "a text"}

Parameters = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class FittedModels:
    """Models by name as fitted to one log, which had `journeys` and rows that were `dropped`."""

    models: Mapping[str, AttributionModel]
    journeys: float
    dropped: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix attribute`, without the time."""
        return {
            "models": [_credit(name, model) for name, model in self.models.items()],
            "journeys": self.journeys,
            "dropped": dict(self.dropped),
        }


def fit_log(
    path: str | PathLike[str],
    names: Sequence[str],
    *,
    parameters: Parameters | None = None,
    lookback_days: float | None = None,
    bad: BadRows = "refuse",
    pieces: int | None = None,
) -> FittedModels:
    """Fit models by name to a run folder, an event table or a path table.

    `parameters` by model and name, as in `{"markov": {"order": 2}}`. `lookback_days` cuts the paths
    of models that read paths; others remember what their own parameters say. `bad="drop"` leaves
    rows out that do not fit, and counts them. `pieces` is in how many parts the log is read, some
    visitors at a time: 1 reads it whole; if not given, large logs are read in pieces where every
    model can be fitted so. Raises `AttributionError`, `JourneyError`.
    """
    log, models = Path(path), named_models(names, parameters)
    whole = pieces == 1 or (pieces is None and not _wants_pieces(log, models))
    if whole:
        return _fit_whole(log, models, lookback_days, bad)
    return _fit_pieces(log, models, lookback_days, bad, pieces)


def named_models(
    names: Sequence[str], parameters: Parameters | None = None
) -> dict[str, AttributionModel]:
    """Models that are not fitted yet, by name; raises `AttributionError` for what is unknown."""
    given = parameters or {}
    for name in names:
        if name not in MODELS:
            raise AttributionError(f"model: {name!r} is not known; use one of {', '.join(MODELS)}.")
    for name, values in given.items():
        if name not in names:
            raise AttributionError(
                f"{name}.{next(iter(values), '')}: {name} is not among the models that are fitted, "
                f"{', '.join(names)}; add it to them."
            )
        _check_parameters(name, values)
    return {name: MODELS[name](**given.get(name, {})) for name in names}


def _check_parameters(name: str, values: Mapping[str, Any]) -> None:
    known = inspect.signature(MODELS[name], eval_str=True).parameters
    for parameter, value in values.items():
        if parameter not in known:
            has = f"its parameters are {', '.join(known)}" if known else "it has no parameters"
            raise AttributionError(f"{name}.{parameter}: {name} has none of that name; {has}.")
        kind = known[parameter].annotation
        if not _is_a(value, kind):
            raise AttributionError(
                f"{name}.{parameter}: {value!r} is not {_words(kind)}; give one."
            )


def _is_a(value: object, kind: Any) -> bool:
    """Whether a value can be given where `kind` is expected; whole numbers serve as any."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, kind) or (isinstance(value, int) and isinstance(1.0, kind))


def _words(kind: Any) -> str:
    """A type as people call it: a whole number or a text."""
    kinds = [one for one in get_args(kind) or (kind,) if one is not NoneType]
    return " or ".join(KINDS.get(one, one.__name__) for one in kinds)


def _wants_pieces(path: Path, models: Mapping[str, AttributionModel]) -> bool:
    """Whether a log is so large that reading it whole takes gigabytes, and need not be."""
    return all(map(in_pieces, models.values())) and rows_of_log(path) > LARGE_LOG


def _fit_whole(
    path: Path,
    models: dict[str, AttributionModel],
    lookback: float | None,
    bad: BadRows,
) -> FittedModels:
    """Fit models on a log that is read at once."""
    log = JourneyLog.open(path, bad=bad)
    paths = log.paths(lookback_days=lookback)
    for model in models.values():
        model.fit(_read_by(model, log, paths, lookback))
    return FittedModels(models, float(paths.weight.sum()), log.dropped)


def _fit_pieces(
    path: Path,
    models: dict[str, AttributionModel],
    lookback: float | None,
    bad: BadRows,
    count: int | None,
) -> FittedModels:
    """Fit models on a log that is read some visitors at a time."""
    dropped: Counter[str] = Counter()

    def logs() -> Iterator[JourneyLog]:
        for log in JourneyLog.pieces(path, count, bad=bad):
            dropped.update(log.dropped)
            yield log

    journeys = fit_pieces(list(models.values()), logs(), lookback_days=lookback)
    return FittedModels(models, journeys, dict(dropped))


def _read_by(
    model: AttributionModel, log: JourneyLog, paths: Paths, lookback: float | None
) -> JourneyLog | Paths:
    """What a model reads: the log, its own cut of it, or the cut that most models share."""
    if not isinstance(model, PathModel):
        return log
    return model.cut(log, lookback_days=lookback) if has_own_cut(model) else paths


def _credit(name: str, model: AttributionModel) -> dict[str, Any]:
    rows = model.credit_[["conversions", "value"]].reset_index()
    baseline = {str(key): float(value) for key, value in model.baseline_.items()}
    return {"model": name, "credit": rows.to_dict("records"), "baseline": baseline}
