"""The best annual plan under the rules: curves in, a plan with certificate and prices out."""

from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from optimize.errors import AllocationError, InfeasiblePlan, UndecidedPlan
from optimize.estimation.experiments import fit_curves
from optimize.estimation.history import fit_aggregates
from optimize.model.response_model import anchored
from optimize.model.robust import Robust
from optimize.plans.allocate import allocate
from optimize.plans.forecast import forecast
from optimize.plans.frontier import Frontier, frontier
from optimize.plans.plan import Plan
from optimize.plans.rolling import replan
from optimize.plans.sensitivity import dial
from optimize.problem.weeks import weekly

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
