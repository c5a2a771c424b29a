"""The best plans for several budgets, each with its certificate: one warm program, moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimize.curves.curves import ResponseCurves
from optimize.model.protocols import Planning
from optimize.model.response_model import ResponseModel
from optimize.plans.frontier import Frontier, Point, amounts_of, budgeted, traces_of
from optimize.problem.task import make_task
from scenarios import MediaPlan

GAP, PASSES = 3e-3, 2
"""As exact as pictures need it; each plan tells its own certificate."""


@dataclass(frozen=True)
class PlansByBudget:
    """Points of a frontier and the plan behind each: None where no plan keeps the rules."""

    frontier: Frontier
    plans: tuple[MediaPlan | None, ...]

    @property
    def pairs(self) -> list[tuple[Point, MediaPlan | None]]:
        """Each budget with its plan."""
        return list(zip(self.frontier.points, self.plans, strict=True))


def plans_by_budget(
    scenario: Planning, curves: ResponseCurves, budgets: Sequence[float], *, gap: float = GAP
) -> PlansByBudget | None:
    """The best plan for each budget, as exact as `gap`; months are as they come, not calm.

    None where rules count whole months or channels, or the least money is asked for: every budget
    is a search of its own there. Raises `AllocationError` for budgets that are no amounts above 0.
    """
    amounts = amounts_of(scenario, budgets)
    model = ResponseModel(scenario, curves)
    task = make_task(model, budget=amounts[-1], objective=None)
    if task.has_integers or task.minimise:
        return None
    traces = traces_of(task, amounts, budgeted(task), gap, PASSES)
    points = tuple(trace.point for trace in traces)
    plans = [model.plan_of(t.plans[0]).monthly() if t.point.has_plan else None for t in traces]
    return PlansByBudget(Frontier(task.name, points, cost=task.cost_of_money), tuple(plans))
