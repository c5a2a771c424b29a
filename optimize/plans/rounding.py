"""Round amounts: each a multiple of a step, the year's money to the unit, every rule kept.

Each amount goes down or up to a multiple of the step, so that they move as little as possible in
all (which, for a total alone, is the method of largest remainders). What the year's money is over
and above a multiple goes to the largest amount; amounts that a rule fixes stay as they are. Rules
and the objective bound the choice as they bound the plan, so it is a small program with integers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from optimize.model.linearisation import Pieces, Side
from optimize.model.program import Program
from optimize.plans.turned import absolute, make_least, on_money, turned
from optimize.problem.kept import broken_rules
from optimize.problem.task import Task
from optimize.solver.integers import held
from tiermix.core import figures
from tiermix.core.arrays import Bools, Floats

PART = 50.0  # a step is at most the mean amount divided by this
FINER = 10.0  # times finer steps where none of this size keeps all rules
REACHES = (0, 10, 10, 10)  # steps further than the next multiple, try by try
SPENT = 1e-7  # of the budget
UNSEEN = 1e-6  # of a mean amount: what a solver leaves
CENTS = 6  # digits behind the point of an amount that does not move
SAME = 1e-9  # of a step, or of all money: what only rounding of numbers adds


@dataclass(frozen=True)
class Rounded:
    """A plan [C, M] in multiples of `step` (0: it is not round), and what is to be said of it."""

    spend: Floats
    step: float
    remark: str = ""


@dataclass(frozen=True)
class Rounding:
    """The choice of down or up for every amount of a plan [C, M].

    `floor` is what the objective has to be at least, if anything; `free` [C, M] says which amounts
    move. Where the year's money is given as `total`, the largest of them takes what it is over a
    multiple of the step. Amounts may go `reach` steps further than to the next multiple, where
    rules tie them to one another. The `tangent` says what the objective has to spare at the plan,
    and what a unit more of each amount [C, M] adds to that.
    """

    task: Task
    floor: float | None
    total: float | None
    spend: Floats
    free: Bools
    step: float
    reach: int = 0
    tangent: tuple[float, Floats] | None = None

    @cached_property
    def down(self) -> Floats:
        """Each amount at the multiple below, or as it is where it does not move."""
        below = np.floor(self.spend / self.step + SAME) * self.step
        return np.where(self.free, below, np.round(self.spend, CENTS))

    def spare(self, spend: Floats) -> float:
        """How much better the objective of a plan [C, M] is than it has to be."""
        over = self.task.value(spend) - (self.floor or 0.0)
        return -over if self.task.minimise else over

    @cached_property
    def absorbing(self) -> tuple[int, int] | None:
        """The amount that takes the rest of the year's money."""
        if self.total is None:
            return None
        place = int(np.argmax(np.where(self.free, self.spend, -1.0)))
        c, m = np.unravel_index(place, self.spend.shape)
        return int(c), int(m)

    def program(self, pieces: Pieces, side: Side) -> Program:
        """The Pyomo model."""
        program = turned(self.task, pieces, side, floor=self.floor, total=self.total)
        model, money = program.model, program.money
        model.up = pyo.VarList(domain=pyo.Integers, bounds=(-self.reach, 1 + self.reach))
        model.gone = pyo.VarList(domain=pyo.NonNegativeReals)
        model.round = pyo.ConstraintList()
        if self.tangent is not None:
            model.tangent = pyo.Constraint(expr=self._spare(program) >= 0)
        for (c, m), cell in model.spend.items():
            if (c, m) != self.absorbing:
                self._round(model, cell, (c, m), money)
        return make_least(program, sum(model.gone.values()))

    def _spare(self, program: Program) -> Any:
        """How much better than it has to be the objective is, along its tangent at the plan."""
        spare, slope = self.tangent or (0.0, np.zeros_like(self.spend))
        size = max(float(np.abs(slope).max()) * program.money, 1e-300)
        return LinearExpression(
            constant=(spare - float((slope * self.spend).sum())) / size,
            linear_coefs=(slope.ravel() * program.money / size).tolist(),
            linear_vars=list(program.model.spend.values()),
        )

    def _round(self, model: Any, cell: Any, place: tuple[int, int], money: float) -> None:
        """One amount as a number of steps from the multiple below, and how far that is."""
        below = float(self.down[place])
        part = float(self.spend[place] - below) / self.step
        if not self.free[place] or (part < SAME and not self.reach):
            cell.fix(below / money)
            return
        up = model.up.add()
        model.round.add(cell == below / money + self.step / money * up)
        absolute(model.gone, model.round, up - part)

    def planned(self, program: Program) -> Floats:
        """The plan that the program found, its amounts to the last digit."""
        ups = np.round((program.planned() - self.down) / self.step)
        spend = self.down + np.where(self.free, self.step * ups, 0.0)
        if self.absorbing is not None and self.total is not None:
            spend[self.absorbing] = 0.0
            spend[self.absorbing] = self.total - float(spend.sum())
        return spend


def rounded(task: Task, pieces: Pieces, spend: Floats, *, floor: float, step: float) -> Rounded:
    """The plan in multiples of `step`; of a finer one where rules leave no such plan."""
    if not step:
        return Rounded(spend, 0.0)
    spend = _as_signed(task, spend)
    free = ~exact_cells(task, spend)
    if not free.any():
        return Rounded(spend, step)
    asked, total = step, _whole(task, float(spend.sum()))
    for reach in REACHES:
        one = Rounding(task, floor, total, spend, free, step, reach)
        for way in (_by_money, _solved):
            found = way(one, pieces)
            if found is not None and not broken_rules(task, found):
                return Rounded(found, step, _finer(task, asked, step))
        step /= FINER if reach else 1.0
    return Rounded(spend, 0.0, "amounts are not rounded: no round plan keeps every rule")


def _solved(one: Rounding, pieces: Pieces) -> Floats | None:
    solution = held(one, pieces, one.spend, whole=True)
    return None if solution is None else one.planned(solution.program)


def _by_money(one: Rounding, pieces: Pieces) -> Floats | None:
    """The same choice under the rules on money alone, where it brings enough of the objective.

    Fewer rules hold it, so that no other choice is nearer; and its program has no curves. Where it
    costs too much of the objective, another one is asked of the objective's tangent.
    """
    bare = replace(one, task=one.task.on_money(), floor=None)
    found = _solved(bare, pieces)
    if found is not None and one.spare(found) < 0:
        tangent = one.spare(one.spend), _slope(one)
        found = _solved(replace(bare, tangent=tangent), pieces)
    return None if found is None or one.spare(found) < 0 else found


def _slope(one: Rounding) -> Floats:
    """What a unit more of each amount [C, M] that moves adds to the objective, over a step."""
    slope, here = np.zeros_like(one.spend), one.spare(one.spend)
    for cell in zip(*np.nonzero(one.free), strict=True):
        spend = one.spend.copy()
        spend[cell] += one.step
        slope[cell] = (one.spare(spend) - here) / one.step
    return slope


def step_of(spend: Floats, asked: float | None) -> float:
    """The step asked for, or the power of ten that fits the plan's mean amount."""
    if asked is not None:
        return asked
    live = spend[spend > 0]
    return float(10.0 ** np.floor(np.log10(live.mean() / PART))) if live.size else 0.0


def exact_cells(task: Task, spend: Floats) -> Bools:
    """Amounts [C, M] that a rule fixes, or that have passed, or are signed already, or nothing."""
    program = task.plain_program
    exact = spend <= SAME * max(float(spend.sum()), 1e-300)
    exact[:, : task.fixed_months] = True
    if task.signed is not None:
        exact |= spend == task.signed
    fixed = (row for row in program.rows if row.lower is not None and row.lower == row.upper)
    for _, cells, _ in on_money(program, fixed):
        if len(cells) == 1:
            exact[cells[0]] = True
    return exact


def _as_signed(task: Task, spend: Floats) -> Floats:
    """The plan with amounts that stay as people follow them to the last digit."""
    if task.signed is None:
        return spend
    same = np.abs(spend - task.signed) <= UNSEEN * max(float(task.signed.mean()), 1e-300)
    return np.where(same, task.signed, spend)


def _whole(task: Task, total: float) -> float | None:
    """The budget, less what is not planned, where a plan spends all of it."""
    left = task.budget - float(task.response_model.fixed_spend.sum())
    return left if abs(total - left) <= SPENT * task.budget else None


def _finer(task: Task, asked: float, step: float) -> str:
    if step == asked:
        return ""
    unit = task.response_model.scenario.currency
    one, other = (figures.money(x, unit) for x in (asked, step))
    return f"amounts are rounded to {other}: no plan in steps of {one} keeps every rule"
