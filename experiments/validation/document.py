"""The JSON document of a validation as a type, and its entries made from tidy tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pandas as pd

Figures = dict[str, float]
RANKS = ("kendall", "spearman", "top_3")
LOSSES = ("mean", "se", "low", "high", "best_mean", "best_se")


class ModelDocument(TypedDict):
    """One model, at one value of a sweep: means over worlds with their intervals.

    `regret` is there without a sweep, `at` with one. `place` says who it is told apart from: those
    that share a letter of `group` are not, and its rank lies between `low` and `high`. `failed` is
    what happened to a model that has no figures.
    """

    model: str
    credit_error: dict[str, Figures]
    by_tier: list[dict[str, Any]]
    rank: dict[str, Figures]
    over_credit: float
    touch_calibration: Figures | None
    failed: str | None
    at: NotRequired[float]
    regret: NotRequired[Figures]
    place: NotRequired[dict[str, Any]]


class ValidationDocument(TypedDict):
    """A validation: `convention` says by which cut credit is given and against which truth."""

    scenario: str
    scenario_hash: str
    seed: int
    customers: int
    replications: int
    estimand: str
    convention: dict[str, str]
    dial: str | None
    half_width: float
    until: float | None
    models: list[ModelDocument]
    references: list[ModelDocument]
    truth: list[dict[str, Any]]
    plans: list[dict[str, Any]]
    facts: Figures
    seconds: Figures


def model_document(
    name: str,
    at: float,
    errors: pd.DataFrame,
    touches: pd.DataFrame,
    regret: pd.DataFrame | None,
) -> ModelDocument:
    """One model at one value of a sweep (NaN without one); `regret` by plan where it was judged."""
    mine = errors[(errors["model"] == name) & same_value(errors["at"], at)]
    whole = mine[mine["scope"] == "all"].set_index("measure")[["mean", "se", "low", "high"]]
    cells = {str(measure): _figures(row) for measure, row in whole.iterrows()}
    tiers = mine[mine["scope"] != "all"].drop(columns=["at", "model"])
    single = touches[(touches["model"] == name) & same_value(touches["at"], at)]
    document: ModelDocument = {
        "model": name,
        "credit_error": {m: cell for m, cell in cells.items() if m not in RANKS},
        "by_tier": rows_of(tiers),
        "rank": {measure: cells[measure] for measure in RANKS},
        "over_credit": cells["over_credit"]["mean"],
        "touch_calibration": _figures(single.set_index("measure")["mean"]) or None,
        "failed": None,
    }
    if regret is None:
        document["at"] = at
    else:
        row = regret.loc[name]
        document["regret"] = _figures(row[list(LOSSES)])
        document["place"] = {
            "group": str(row["group"]),
            "low": int(row["rank_low"]),
            "high": int(row["rank_high"]),
        }
    return document


def failed_document(name: str, what: str, errors: pd.DataFrame) -> ModelDocument:
    """A model that failed: every figure is there and none has a value."""
    nothing = dict.fromkeys(("mean", "se", "low", "high"), float("nan"))
    measures = errors.loc[errors["scope"] == "all", "measure"].unique()
    return {
        "model": name,
        "credit_error": {str(m): dict(nothing) for m in measures if m not in RANKS},
        "by_tier": [],
        "rank": {m: dict(nothing) for m in RANKS},
        "over_credit": float("nan"),
        "touch_calibration": None,
        "failed": what,
        "regret": dict.fromkeys(LOSSES, float("nan")),
    }


def model_documents(
    models: Sequence[str],
    errors: pd.DataFrame,
    touches: pd.DataFrame,
    regret: pd.DataFrame | None,
) -> list[ModelDocument]:
    """Every model at every value of a sweep, values outermost."""
    values = [float(at) for at in errors["at"].unique()]  # not a dict: NaN differs from NaN
    return [model_document(name, at, errors, touches, regret) for at in values for name in models]


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON has it: a row for each thing."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _figures(values: Any) -> Figures:
    return {str(key): float(value) for key, value in values.items()}


def same_value(values: pd.Series, at: float) -> pd.Series:
    """Rows of one value of a sweep, or of none."""
    return values.isna() if math.isnan(at) else values == at
