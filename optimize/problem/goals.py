"""SMART goals that the plan has to keep: rules with their level taken from last year."""

from __future__ import annotations

from optimize.errors import AllocationError
from optimize.model.response_model import ResponseModel
from scenarios import KPIS, CacCap, Goal, KpiFloor, RoiFloor, Rule


def from_goal(response_model: ResponseModel, goal: Goal) -> Rule:
    """A goal that is to be kept as a rule, with its level taken from last year where relative."""
    known = response_model.curves.last_year
    key = goal.kpi if goal.period == "year" else f"{goal.kpi}@{goal.period}"
    if goal.level is None and key not in known:
        raise AllocationError(
            f"the goal {goal.name} is relative to last year, but last year's {key} is not known to "
            f"the curves (known: {', '.join(known) or 'nothing'}); give it there as "
            "`last_year`, or give the goal a `level`."
        )
    target = goal.target(known.get(key))
    if goal.kpi in ("cac", "cost_per_signup"):
        outcome = KPIS[goal.kpi].parts[1]
        return CacCap(name=goal.name, cap=target, outcome=outcome, period=goal.period)
    if goal.kpi == "roi":
        return RoiFloor(name=goal.name, floor=target, period=goal.period)
    return KpiFloor(
        name=goal.name, kpi=goal.kpi, at_least=target, tier=goal.tier, period=goal.period
    )
