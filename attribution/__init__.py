"""Who gets the credit: models that see nothing but a journey log."""

from attribution.base import AttributionModel, PathModel, TouchModel
from attribution.bootstrap import bootstrap
from attribution.casv import CASV
from attribution.checks import check_attribution_model
from attribution.errors import AttributionError
from attribution.hazard import Hazard
from attribution.lift import Calibrated
from attribution.logistic import Logistic
from attribution.markov import Markov
from attribution.mix import Mix
from attribution.models import MODELS
from attribution.order import choose_order
from attribution.pieces import fit_pieces
from attribution.rules import (
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
    "fit_pieces",
]
