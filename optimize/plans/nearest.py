"""The plan nearest to another one that keeps the rules on money.

    min ½ (Σ |s − p| + |S − P|)      s, S: the plan and all its money;  p, P: those of the other

Every unit that is moved counts once, whether it goes to another channel or month or is left
unspent. Very many plans are often equally near, so moving more out of one cell, or into it, costs a
little more the more it is (at most `STEEPEST`): of plans equally near the one is taken that spreads
what is moved, and of those the one that spends as much as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pyomo.environ as pyo

from optimize.model.program import Program
from optimize.model.protocols import Planning
from optimize.problem.money_task import money_task
from optimize.problem.task import Task
from optimize.solver import conflict
from optimize.solver.certificate import NothingFits
from optimize.solver.integers import best_plan
from scenarios import MediaPlan
from tiermix.core.arrays import Floats

STEEPEST = 1e-3
"""How much dearer the last unit that a cell is moved by is than the first: ties are settled by it,
and no plan is chosen that moves more than a thousandth more than the nearest."""
WIDTHS = np.array([*[0.05] * 10, *[0.1] * 5, *[0.25] * 4, np.inf])
"""Bands of moves at one price, in even shares of a month's money; the narrower, the more evenly."""
UNSPENT = 1e-3  # so much dearer is money that is not spent than money that goes elsewhere
GAP = 1e-4


@dataclass(frozen=True)
class NearestTask(Task):
    """The least money moved away from the plan `aim` [C, M]."""

    aim: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def least_scale(self) -> float:
        """Below a millionth of the budget nothing is moved."""
        return 1e-6 * max(self.budget, 1e-12)

    def objective(self, program: Program) -> object:
        """What the moves cost."""
        model = program.model
        model.moved = pyo.VarList(domain=pyo.NonNegativeReals)
        model.moves = pyo.ConstraintList()
        even = program.money / max(len(program.channels), 1)
        costs = []
        for (c, m), spend in model.spend.items():
            away = spend * program.money - float(self.aim[c, m])
            costs.append(_cost(model, away, even))
        total = sum(model.spend.values()) * program.money - float(self.aim.sum())
        rise, fall = model.moved.add(), model.moved.add()
        model.moves.add(total / program.money == rise - fall)
        return 0.5 * (sum(costs) + (1 + UNSPENT) * program.money * (rise + fall))

    def value(self, spend: Floats, months: Floats | None = None) -> float:
        """What the moves of a plan [C, M] cost."""
        away = np.abs(spend - self.aim)
        even = max(self.budget, 1e-12) / max(self.aim.size, 1)
        edges = even * np.append(0.0, WIDTHS[:-1].cumsum())
        into = np.clip(away[..., None] - edges, 0.0, even * WIDTHS)
        unspent = (1 + UNSPENT) * abs(float((spend - self.aim).sum()))
        return 0.5 * (float((into @ _prices()).sum()) + unspent)


def nearest(scenario: Planning, plan: MediaPlan) -> MediaPlan:
    """The plan that keeps the scenario's rules on money and moves the least money to do so.

    Rules on what the money brings are left out: they need curves, and a plan's neighbours differ in
    money alone. A plan that keeps the rules is given back as it is. Raises `InfeasiblePlan` where
    the rules on money cannot hold together, with conflict and least relaxation.
    """
    task = money_task(scenario)
    model = task.response_model
    values = {item.name: getattr(task, item.name) for item in fields(task)}
    mine = NearestTask(**values, aim=model.spend_of(plan))
    try:
        return model.plan_of(best_plan(mine, GAP).spend)
    except NothingFits as nothing:
        raise conflict.explain(task, nothing) from None


def money_moved(plan: MediaPlan, other: MediaPlan) -> float:
    """How much money lies elsewhere in another plan on the same grid, unspent money included."""
    away = other.amounts - plan.amounts
    return 0.5 * (float(np.abs(away).sum()) + abs(float(away.sum())))


def changed(
    plan: MediaPlan, other: MediaPlan, months: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Money of each channel of `other` over some months: in the plan, and in the other one."""
    places = [other.months.index(month) for month in months]
    found = {}
    for name in other.channels:
        before = plan.of(name)[places].sum() if name in plan.channels else 0.0
        found[name] = (float(before), float(other.of(name)[places].sum()))
    return found


def _prices() -> Floats:
    """What one unit costs in each band of a cell's move."""
    return 1.0 + STEEPEST * np.linspace(0.0, 1.0, len(WIDTHS))


def _cost(model: Any, away: Any, even: float) -> Any:
    """What moving a cell costs: bands of money, each a little dearer than the one before."""
    body: Any = 0.0
    cost: Any = 0.0
    for sign in (1.0, -1.0):
        for width, price in zip(WIDTHS.tolist(), _prices().tolist(), strict=True):
            part = model.moved.add()
            if np.isfinite(width):
                part.setub(width)
            body = body + sign * part
            cost = cost + price * even * part
    model.moves.add(away / even == body)
    return cost
