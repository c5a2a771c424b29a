"""Which of a scenario's rules a plan breaks, and by how much."""

from __future__ import annotations

from collections.abc import Callable

from optimize.curves.curves import ResponseCurves
from optimize.model.protocols import Planning
from optimize.model.response_model import ResponseModel
from optimize.problem.kept import Broken, broken_rules
from optimize.problem.money_task import money_task
from optimize.problem.task import make_task
from scenarios import MediaPlan


def rules_broken(
    scenario: Planning, plan: MediaPlan, curves: ResponseCurves | None = None
) -> tuple[Broken, ...]:
    """The bounds that a plan breaks, the worst of each kind; empty for one that keeps all rules.

    Without `curves` the rules on money are judged, exactly; with them also those on what the money
    brings, and goals that are rules, on these curves. Raises `AllocationError` for a plan that
    lacks planned months, and for curves that lack what a rule speaks of.
    """
    return rule_judge(scenario, curves)(plan)


def rule_judge(
    scenario: Planning, curves: ResponseCurves | None = None
) -> Callable[[MediaPlan], tuple[Broken, ...]]:
    """`rules_broken` for many plans: what the rules are is worked out once."""
    if curves is None:
        task = money_task(scenario)
    else:
        task = make_task(ResponseModel(scenario, curves), budget=None, objective=None)
    return lambda plan: broken_rules(task, task.response_model.spend_of(plan))
