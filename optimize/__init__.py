"""The best annual plan under the rules: curves in, a plan with certificate and prices out."""

from optimize.aggregates import fit_aggregates
from optimize.allocate import allocate
from optimize.curve import Curve
from optimize.curves import ResponseCurves
from optimize.dial import dial
from optimize.errors import AllocationError, InfeasiblePlan, UndecidedPlan
from optimize.fit import fit_curves
from optimize.forecast import forecast
from optimize.frontier import Frontier, frontier
from optimize.outlook import anchored
from optimize.result import Plan
from optimize.robust import Robust
from optimize.rolling import replan
from optimize.weeks import weekly

__all__ = [
    "AllocationError",
    "Curve",
    "Frontier",
    "InfeasiblePlan",
    "Plan",
    "ResponseCurves",
    "Robust",
    "UndecidedPlan",
    "allocate",
    "anchored",
    "dial",
    "fit_aggregates",
    "fit_curves",
    "forecast",
    "frontier",
    "replan",
    "weekly",
]
