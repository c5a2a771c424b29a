"""Which KPIs a plan needs curves for, before there are any."""

from __future__ import annotations

from collections.abc import Mapping

from optimize.model.protocols import Planning
from optimize.problem.rule_rows import check_carried
from scenarios import KPIS, Goal, KpiFloor

# What objectives that are no KPI with a curve are made of.
MADE_OF: dict[str, tuple[str, ...]] = {
    "spend": (),
    "goals": (),
    "profit": ("margin",),
    "ltv": ("new_customers",),
}


def needed_kpis(
    scenario: Planning, objective: str | Mapping[str, float] | None = None
) -> tuple[str, ...]:
    """KPIs that the objective, a rule, or a goal that is one can only be planned with curves for.

    Raises `AllocationError` for a rule that no program carries.
    """
    asked = scenario.objective if objective is None else objective
    named = [asked] if isinstance(asked, str) else list(asked)
    check_carried(scenario.rules)
    named += [k for rule in scenario.rules for k in (*rule.increases(), *rule.decreases())]
    found = [part for name in named for part in MADE_OF.get(name, (name,))]
    found += [kpi for goal in scenario.goals if goal.as_rule for kpi in _of_goal(goal)]
    return tuple(dict.fromkeys(found))


def wished_kpis(scenario: Planning) -> tuple[str, ...]:
    """KPIs of goals that are no rules: with curves for them, `objective="goals"` can count them."""
    adding = [g for g in scenario.goals if KPIS[g.kpi].rule in ("sum", "cap") and not g.as_rule]
    return tuple(dict.fromkeys(kpi for goal in adding for kpi in _of_goal(goal)))


def _of_goal(goal: Goal) -> tuple[str, ...]:
    parts = tuple(part for part in KPIS[goal.kpi].parts if part != "spend")
    if KPIS[goal.kpi].rule == "ratio":
        floor = KpiFloor(name=goal.name, kpi=goal.kpi, at_least=0.0)
        check_carried([floor])
        return (*floor.increases(), *floor.decreases())
    return parts or (goal.kpi,)
