"""A scenario's rules on money alone, as a task that needs no curves."""

from __future__ import annotations

from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from optimize.model.protocols import Planning
from optimize.model.response_model import ResponseModel
from optimize.problem.task import LEAST_SPEND, Task
from scenarios import Budget, Rule

KPI = "conversions"  # of curves that bring nothing; no rule on money reads them


def money_task(scenario: Planning) -> Task:
    """The least spend under the scenario's rules on money; its budget is one where no rule is."""
    curves = tuple(Curve(name, KPI, "hill", 0.0, 1.0) for name in scenario.plannable)
    model = ResponseModel(scenario, ResponseCurves(curves, tuple(scenario.months)))
    return Task(
        model, money_rules(scenario), {LEAST_SPEND: 1.0}, LEAST_SPEND, scenario.budget, True
    )


def money_rules(scenario: Planning) -> tuple[Rule, ...]:
    """The rules that bound plans by their money, whatever it brings."""
    mine = [rule for rule in scenario.rules if rule.bounds_plans and not rule.on_outcomes]
    if not any(rule.holds_budget for rule in mine):
        mine.insert(0, Budget(name="budget"))
    return tuple(mine)
