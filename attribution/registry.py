"""The models by the names that the command line and scenarios use: one row a model."""

from collections.abc import Callable
from typing import NamedTuple

from attribution.base import AttributionModel
from attribution.casv import CASV
from attribution.hazard import Hazard
from attribution.heuristics import (
    First,
    Last,
    LastClick,
    LastNonDirect,
    Linear,
    TimeDecay,
    UShaped,
    WShaped,
)
from attribution.logistic import Logistic
from attribution.markov import Markov
from attribution.mix import Mix
from attribution.shapley import Shapley
from attribution.shapley_incremental import ShapleyIncremental


class Row(NamedTuple):
    """A model's name, how it is made without further wishes, and what reports call it."""

    name: str
    model: Callable[..., AttributionModel]
    label: str


TABLE = (
    Row("first", First, "first click"),
    Row("last", Last, "last click"),
    Row("last_non_direct", LastNonDirect, "last non-direct click"),
    Row("last_click", LastClick, "last click or visit"),
    Row("linear", Linear, "linear"),
    Row("time_decay", TimeDecay, "time decay"),
    Row("u_shaped", UShaped, "U-shaped"),
    Row("w_shaped", WShaped, "W-shaped"),
    Row("markov", Markov, "Markov"),
    Row("shapley", Shapley, "Shapley"),
    Row("shapley_incremental", ShapleyIncremental, "incremental Shapley"),
    Row("casv", CASV, "counterfactual-adjusted Shapley"),
    Row("logistic", Logistic, "logistic hazard"),
    Row("hazard", Hazard, "additive hazard"),
    Row("mix", Mix, "media mix"),
)

MODELS: dict[str, Callable[..., AttributionModel]] = {row.name: row.model for row in TABLE}
LABELS: dict[str, str] = {row.name: row.label for row in TABLE}
"""What reports call the models."""
