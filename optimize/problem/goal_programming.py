"""Goal programming: the plan that comes nearest to all goals, least weighted relative shortfall.

    minimise Σ_g weight_g · short_g,   y_g + |target_g| · short_g ≥ target_g,   short_g ≥ 0

Goals on spend per outcome fall short by the money above target · outcome, relative to the budget.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import pyomo.environ as pyo

from optimize.errors import AllocationError
from optimize.model.linearisation import Pieces, Side
from optimize.model.program import Program, Row
from optimize.model.response_model import ResponseModel
from optimize.problem import rule_rows
from optimize.problem.goals import from_goal
from optimize.problem.task import Task
from scenarios import KPIS, Goal, Rule
from tiermix.core.arrays import Floats


@dataclass(frozen=True)
class GoalTask(Task):
    """A task whose objective is the shortfall of `aims`: each goal as a rule, with its weight."""

    aims: tuple[tuple[Rule, float], ...] = ()
    _reader: list[Program] = field(default_factory=list, compare=False)

    @property
    def kpis(self) -> tuple[str, ...]:
        """The KPIs that a goal or a rule speaks of."""
        aimed = [kpi for rule, _ in self.aims for kpi in rule.increases()]
        return tuple(dict.fromkeys([*self._by_persona(aimed), *super().kpis]))

    def on_money(self) -> Self:
        """The task without goals, which speak of what the money brings."""
        return replace(super().on_money(), aims=())

    @property
    def least_scale(self) -> float:
        """A shortfall of nothing has to be reached in finite steps."""
        return 1e-3

    def program(self, pieces: Pieces, side: Side) -> Program:
        """The model with all rules and the shortfall of each goal."""
        program = self._ruled(pieces, side)
        program.model.short = pyo.VarList(domain=pyo.NonNegativeReals)
        total = 0.0
        for rule, weight in self.aims:
            for row in list(rule_rows.rows(program, rule)):
                short = program.model.short.add()
                size = self._size(row)
                sign = 1.0 if row.lower is not None else -1.0
                program.add([replace(row, body=row.body + sign * size * short)])
                total = total + weight * short
        program.minimise(total)
        return program

    def value(self, spend: Floats, months: Floats | None = None) -> float:
        """The weighted shortfall of a plan [C, M] on the true curves; 0 after the year."""
        if months is not None:
            return 0.0
        if not self._reader:
            self._reader.append(self._ruled(Pieces.start(self.response_model, self.most), "low"))
        total, program = 0.0, self._reader[0]
        for rule, weight in self.aims:
            rows = list(rule_rows.rows(program, rule))
            program.load_plan(spend)
            for row in rows:
                body = float(pyo.value(row.body))
                missing = row.lower - body if row.lower is not None else body - (row.upper or 0.0)
                total += weight * max(missing / self._size(row), 0.0)
        return total

    def _size(self, row: Row) -> float:
        bound = row.lower if row.lower is not None else row.upper
        return abs(bound) if bound else self.budget


def goal_task(task: Task) -> GoalTask:
    """The task of coming near the scenario's goals; those that no program can carry are named.

    Raises `AllocationError` when none can be carried.
    """
    goals = task.response_model.scenario.goals
    carried = [goal for goal in goals if _can_be_carried(task.response_model, goal)]
    if not carried:
        raise AllocationError(
            "none of the scenario's goals can be carried by a program (they need KPIs that add up "
            "and have curves); name an objective instead of `goals`."
        )
    left = [goal.name for goal in goals if goal not in carried]
    name = "shortfall of goals" + (f" (without {', '.join(left)})" if left else "")
    aims = tuple((from_goal(task.response_model, goal), goal.weight) for goal in carried)
    kept = tuple(rule for rule in task.rules if rule.name not in {goal.name for goal in carried})
    return GoalTask(
        task.response_model,
        kept,
        {},
        name,
        task.budget,
        minimise=True,
        bundle=task.bundle,
        aims=aims,
    )


def _can_be_carried(response_model: ResponseModel, goal: Goal) -> bool:
    kpi = KPIS[goal.kpi]
    if kpi.rule in ("ratio", "score") or goal.kpi == "profit":
        return False
    needed = [part for part in kpi.parts if part != "spend"] or [goal.kpi]
    return all(
        part in response_model.effects for kpi in needed for part in response_model.parts_of(kpi)
    )
