"""Models by name, with their parameters, fitted to a log that is read at once or in pieces."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

from attribution.base import AttributionModel, PathModel
from attribution.errors import AttributionError
from attribution.out_of_core import fit_pieces, has_own_cut, in_pieces
from attribution.registry import MODELS
from attribution.view import Seen, View
from journeys import JourneyLog, Paths, naming, rows_of_log

if TYPE_CHECKING:
    import pandas as pd

    from journeys import BadRows, Per

BASELINE = "(baseline)"

LARGE_LOG = 5_000_000
"""Rows of a log above which it is read in pieces where every model can be fitted so."""

KINDS: dict[type, str] = {float: "a number", int: "a whole number", str: "a text"}

Parameters = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class FittedModels:
    """Models by name as fitted to one log, which had `journeys` and rows that were `dropped`.

    `remarks` tell what of the log is not used or may be meant otherwise: a text, with how many
    rows it is of, or 0.
    """

    models: Mapping[str, AttributionModel]
    journeys: float
    dropped: Mapping[str, int]
    remarks: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix attribute`, without the time."""
        return {
            "models": [_credit(name, model) for name, model in self.models.items()],
            "journeys": self.journeys,
            "dropped": dict(self.dropped),
            "remarks": [_told(text, count) for text, count in self.remarks.items()],
        }

    def to_frame(self) -> pd.DataFrame:
        """Credit as a table: `model, channel, conversions, value`, the baseline as a channel."""
        import pandas as pd

        rows = []
        for name, model in self.models.items():
            made = _credit(name, model)
            base = {"channel": BASELINE, **made["baseline"]}
            rows += [{"model": name, **row} for row in (*made["credit"], base)]
        return pd.DataFrame(rows, columns=["model", "channel", "conversions", "value"])


def fit_log(
    path: str | PathLike[str],
    names: Sequence[str],
    *,
    parameters: Parameters | None = None,
    lookback_days: float | None = None,
    bad: BadRows = "refuse",
    pieces: int | None = None,
    view: View | None = None,
    separator: str = ">",
    per: Per | None = None,
    converting: bool = False,
) -> FittedModels:
    """Fit models by name to a run folder, an event table or a path table.

    `parameters` by model and name, as in `{"markov": {"order": 2}}`. `lookback_days` cuts the paths
    of models that read paths; others remember what their own parameters say. `bad="drop"` leaves
    rows out that do not fit, and counts them. `pieces` is in how many parts the log is read, some
    visitors at a time: 1 reads it whole; if not given, large logs are read in pieces where every
    model can be fitted so. `view` says what of the log is looked at, `separator` what stands
    between the steps of a path table, `per` what counts as one visit (session, page, row: see
    `JourneyLog.per`), `converting` whether the channel of a conversion's row is a touch. Raises
    `AttributionError`, `JourneyError`.
    """
    log, models = Path(path), named_models(names, parameters)
    seen = Seen(view or View())
    seen.view.check(models)
    how: dict[str, Any] = {"separator": separator, "per": per, "converting": converting}
    whole = pieces == 1 or (pieces is None and not _wants_pieces(log, models))
    with naming(log):
        if whole:
            opened = JourneyLog.open(log, bad=bad, **how)
            journeys = _fit_whole(seen.of(opened), models, lookback_days, seen.view)
        else:
            logs = JourneyLog.pieces(log, pieces, bad=bad, **how)
            journeys = fit_pieces(
                list(models.values()), map(seen.of, logs), lookback_days=lookback_days,
                paths=seen.view.paths,
            )  # fmt: skip
        return FittedModels(models, journeys, dict(seen.dropped), seen.told())


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
    log: JourneyLog, models: dict[str, AttributionModel], lookback: float | None, view: View
) -> float:
    """Fit models on a log that is read at once; returns the number of its journeys."""
    paths = view.paths(log.paths(lookback_days=lookback))
    for model in models.values():
        model.fit(_read_by(model, log, paths, lookback, view))
    return float(paths.weight.sum())


def _read_by(
    model: AttributionModel, log: JourneyLog, paths: Paths, lookback: float | None, view: View
) -> JourneyLog | Paths:
    """What a model reads: the log, its own cut of it, or the cut that most models share."""
    if not isinstance(model, PathModel):
        return log
    return view.paths(model.cut(log, lookback_days=lookback)) if has_own_cut(model) else paths


def _told(text: str, count: int) -> str:
    return f"{text} ({count:,})" if count else text


def _credit(name: str, model: AttributionModel) -> dict[str, Any]:
    rows = model.credit_[["conversions", "value"]].reset_index()
    baseline = {str(key): float(value) for key, value in model.baseline_.items()}
    return {"model": name, "credit": rows.to_dict("records"), "baseline": baseline}
