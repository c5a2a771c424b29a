"""Tiered marketing from one door: scenario, market, credit, plan, and the studies that judge them.

Names are loaded when they are first used, so that `import tiermix` takes no time. Each is at home
in one of the six packages, which can be imported by themselves.
"""

from importlib import import_module

from tiermix.core.moved import know_old_names
from tiermix.core.shadows import check_shadows, is_command

_FACES = {
    "scenarios": "Goal KPIS MediaPlan PlanError Scenario ScenarioError library_names load_scenario",
    "journeys": "JourneyError JourneyLog Paths",
    "sim": (
        "Effects Market MarketError PotentialOutcomes Run RunError Scorecard ground_truth "
        "potential_outcomes simulate"
    ),
    "attribution": (
        "AttributionError AttributionModel CASV Calibrated CustomWeights First "
        "FirstNonDirect Hazard InverseJ JShaped Last LastClick LastNonDirect LastTouch "
        "Linear Logistic MODELS Markov Mix Participation Shapley ShapleyIncremental "
        "TimeDecay UShaped WShaped bootstrap check_attribution_model"
    ),
    "optimize": (
        "AllocationError Curve Frontier InfeasiblePlan Plan ResponseCurves UndecidedPlan "
        "allocate forecast frontier replan weekly"
    ),
    "experiments": (
        "Calibration Comparison Lift Refined Reviewed Validation calibrate compare "
        "estimate_curves lift measure_curves refine validate"
    ),
    "tiermix.core.errors": "TiermixError",
}
_HOMES = {name: face for face, names in _FACES.items() for name in names.split()}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'tiermix' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


know_old_names()
if not is_command():
    check_shadows()
