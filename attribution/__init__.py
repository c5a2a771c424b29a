"""Who gets the credit: models that see nothing but a journey log."""

from attribution.base import AttributionModel, PathModel, TouchModel
from attribution.errors import AttributionError
from attribution.markov import Markov
from attribution.models import MODELS
from attribution.rules import (
    CustomWeights,
    First,
    FirstNonDirect,
    InverseJ,
    JShaped,
    Last,
    LastNonDirect,
    LastTouch,
    Linear,
    Participation,
    Positions,
    TimeDecay,
    UShaped,
    WShaped,
)

__all__ = [
    "MODELS",
    "AttributionError",
    "AttributionModel",
    "CustomWeights",
    "First",
    "FirstNonDirect",
    "InverseJ",
    "JShaped",
    "Last",
    "LastNonDirect",
    "LastTouch",
    "Linear",
    "Markov",
    "Participation",
    "PathModel",
    "Positions",
    "TimeDecay",
    "TouchModel",
    "UShaped",
    "WShaped",
]
