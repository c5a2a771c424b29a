"""Planning again in the middle of the year: what has happened stays, the rest is planned anew."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pyomo.environ as pyo

from optimize.curves.curves import ResponseCurves
from optimize.errors import AllocationError
from optimize.model.linearisation import Pieces, Side
from optimize.model.program import Program
from optimize.model.protocols import Planning
from optimize.model.response_model import ResponseModel
from optimize.plans.allocate import answer
from optimize.plans.calm import Calm
from optimize.plans.plan import Plan
from optimize.plans.turned import absolute
from optimize.problem.task import Task, make_task
from scenarios import MediaPlan, plan_periods
from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class RollingTask(Task):
    """A task of which the first `passed` months are as in `actual` [C, M].

    Each unit of money that a later month differs from `before` [C, M] costs `stability` of the
    objective, so that a plan does not jump for what may be noise.
    """

    passed: int = 0
    actual: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    before: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    stability: float = 0.0

    @property
    def fixed_months(self) -> int:
        """How many of the planned months have passed."""
        return self.passed

    @property
    def signed(self) -> Floats:
        """The plan that is planned again, its passed months as they were."""
        passed, later = self.actual[:, : self.passed], self.before[:, self.passed :]
        return np.concatenate([passed, later], axis=1)

    def program(self, pieces: Pieces, side: Side) -> Program:
        """The model with the passed months fixed."""
        program = super().program(pieces, side)
        program.model.passed = pyo.ConstraintList()
        for (c, m), spend in program.model.spend.items():
            if m < self.passed:
                program.model.passed.add(spend == float(self.actual[c, m]) / program.money)
        for on, was in program.passed(self.actual):
            program.model.passed.add(on == was)
        return program

    def objective(self, program: Program) -> object:
        """The objective less what it costs to change the plan."""
        body: Any = super().objective(program)
        if self.stability:
            model, moved = program.model, []
            model.moved, model.moves = (
                pyo.VarList(domain=pyo.NonNegativeReals),
                pyo.ConstraintList(),
            )
            for (c, m), spend in model.spend.items():
                if m >= self.passed:
                    planned = float(self.before[c, m]) / program.money
                    moved.append(absolute(model.moved, model.moves, spend - planned))
            body = body - self.stability * program.money * sum(moved)
        return body

    def value(self, spend: Floats, months: Floats | None = None) -> float:
        """The objective of a plan [C, M] on the true curves, less what changing the plan costs."""
        worth = super().value(spend, months)
        later = slice(self.passed, None)
        moved = float(np.abs(spend[:, later] - self.before[:, later]).sum())
        return worth - (self.stability * moved if months is None else 0.0)


def replan(
    scenario: Planning,
    curves: ResponseCurves,
    plan: MediaPlan,
    actual: MediaPlan,
    *,
    passed: int,
    stability: float = 0.0,
    gap: float | None = None,
    calm: Calm | bool = True,
    explain: bool = True,
) -> Plan:
    """The rest of the year planned again, after `passed` months (or weeks) of `actual` spend.

    What was spent still carries over and counts in yearly rules; ramps start from it; rules that
    speak of passed months only are over. A plan that is nearly as good as the best stays as it is,
    unless `calm` is False. `stability` is what moving one unit of money away from
    `plan` costs in units of the objective. Raises as `allocate`, and for impossible months.
    """
    started = time.perf_counter()
    response_model = ResponseModel(scenario, curves)
    if not 0 <= passed < len(response_model.months) or stability < 0:
        unit = plan_periods.unit_of(response_model.months)
        raise AllocationError(
            f"passed {passed} and stability {stability}: at least 0 and fewer than "
            f"{len(response_model.months)} {unit}s have passed, and a "
            "penalty is not negative."
        )
    task = make_task(response_model, budget=None, objective=None)
    if task.minimise:
        raise AllocationError(
            f"planning again carries an objective to be made large, not {task.name}; name a KPI."
        )
    rolling = RollingTask(
        **{item.name: getattr(task, item.name) for item in fields(task)},
        passed=passed,
        actual=response_model.spend_of(actual),
        before=response_model.spend_of(plan),
        stability=stability,
    )
    return answer(rolling, gap=gap, robust=None, calm=calm, explain=explain, started=started)
