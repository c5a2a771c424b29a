"""Who gets the credit: models that see nothing but a journey log."""

from attribution.base import AttributionModel, PathModel, TouchModel
from attribution.calibrated import Calibrated
from attribution.casv import CASV
from attribution.checks import check_attribution_model
from attribution.credit_intervals import bootstrap
from attribution.errors import AttributionError
from attribution.fit import FittedModels, fit_log, named_models
from attribution.hazard import Hazard
from attribution.heuristics import (
    CustomWeights,
    First,
    FirstNonDirect,
    InverseJ,
    JShaped,
    Last,
    LastClick,
    LastNonDirect,
    LastTouch,
    Linear,
    Participation,
    Positions,
    TimeDecay,
    UShaped,
    WShaped,
)
from attribution.logistic import Logistic
from attribution.markov import Markov
from attribution.markov_order import choose_order
from attribution.mix import Mix
from attribution.out_of_core import fit_pieces
from attribution.registry import MODELS
from attribution.shapley import Shapley
from attribution.shapley_incremental import ShapleyIncremental

__all__ = [
    "CASV",
    "MODELS",
    "AttributionError",
    "AttributionModel",
    "Calibrated",
    "CustomWeights",
    "First",
    "FirstNonDirect",
    "FittedModels",
    "Hazard",
    "InverseJ",
    "JShaped",
    "Last",
    "LastClick",
    "LastNonDirect",
    "LastTouch",
    "Linear",
    "Logistic",
    "Markov",
    "Mix",
    "Participation",
    "PathModel",
    "Positions",
    "Shapley",
    "ShapleyIncremental",
    "TimeDecay",
    "TouchModel",
    "UShaped",
    "WShaped",
    "bootstrap",
    "check_attribution_model",
    "choose_order",
    "fit_log",
    "fit_pieces",
    "named_models",
]
