"""The models by the names that the command line and scenarios use."""

from collections.abc import Callable

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

MODELS: dict[str, Callable[..., AttributionModel]] = {
    "first": First,
    "last": Last,
    "last_non_direct": LastNonDirect,
    "last_click": LastClick,
    "linear": Linear,
    "time_decay": TimeDecay,
    "u_shaped": UShaped,
    "w_shaped": WShaped,
    "markov": Markov,
    "shapley": Shapley,
    "shapley_incremental": ShapleyIncremental,
    "casv": CASV,
    "logistic": Logistic,
    "hazard": Hazard,
    "mix": Mix,
}
