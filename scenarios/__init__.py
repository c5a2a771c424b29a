"""The worlds, and what is asked of them."""

from scenarios.errors import TiermixError
from scenarios.kpis import KPIS
from scenarios.load import ScenarioError, library_names, load_scenario
from scenarios.plan import MediaPlan, PlanError
from scenarios.rules import Goal
from scenarios.schema import Scenario

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
