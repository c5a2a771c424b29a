"""The worlds, and what is asked of them."""

from scenarios.kpis import KPIS
from scenarios.load import ScenarioError, library_names, load_scenario
from scenarios.parts.goals import Goal
from scenarios.plan import MediaPlan, PlanError
from scenarios.schema import Scenario
from tiermix.core.errors import TiermixError

__all__ = [
    "KPIS",
    "Goal",
    "MediaPlan",
    "PlanError",
    "Scenario",
    "ScenarioError",
    "TiermixError",
    "library_names",
    "load_scenario",
]
