"""Rules that may give way: two slacks on each rule's row, and the least weighted sum of them.

Such a program always has a solution, so it says fast how far rules are from holding together,
where a solver asked for a feasible point may wander. Slacks are weighed by the size of the rule's
own number, so that 1 means as much as the rule itself. What it says of a set of rules can be held
against the program without slacks (`stand`), which has no weights to go wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyomo.environ as pyo
from scipy import sparse

from optimize.errors import AllocationError
from optimize.model.program import Program, Row
from optimize.solver.highs import Solution, Solver, Start
from optimize.solver.standard import INFINITY, Standard
from tiermix.core.arrays import Floats, Ints

if TYPE_CHECKING:
    from optimize.problem.task import Task

HOLDS = 1e-8  # of a rule's number: what is missing below it is rounding
LEAST = 1e-2
"""Of a row's own unit: a number below counts as this large. Weights per scaled row stay below 100;
without that a rule bound at zero would outweigh all others beyond the solver's tolerances."""
WIDE = 100.0
"""Times the year's money: what a month may have at most in sets of rules without the budget."""


class Elastic:
    """One warm solver that says how much is missing for a set of rules to hold together.

    With `ranges` no number leaves its natural range, as far as other rules can give way instead.
    """

    def __init__(self, task: Task, program: Program, form: Standard, *, ranges: bool) -> None:
        names = {name: place for place, name in enumerate(form.names)}
        rules = program.model.rules
        self.rows = np.array([names[rules[k + 1].name] for k in range(len(program.rows))], int)
        form = _widened(form, self.rows[[row.links for row in program.rows]])
        self.form, self.program = form, program
        self.rules = np.array([row.rule for row in program.rows])
        program.load_plan(task.response_model.spend_of(task.response_model.scenario.reference_plan))
        form = _with_slacks(form, self.rows, _weights(program, form.row_scale[self.rows]))
        self.solver = Solver(form)
        if ranges:
            self.within_ranges()

    def within_ranges(self) -> None:
        """Bound slacks so that no number leaves its range, by what the rows hold at present."""
        size, count = len(self.form.cost), len(self.rows)
        most = np.array([_room(row) for row in self.program.rows]).T
        most /= self.form.row_scale[self.rows]
        columns = np.arange(size, size + 2 * count)
        self.solver.with_columns(columns, np.zeros(2 * count), most.ravel())

    def solve(self, rules: Iterable[str] | None = None, start: Start = "scratch") -> Solution:
        """The least slack under these rules (all if none are named)."""
        self.solver.next_from(start)
        active = np.isin(self.rules, list(rules)) if rules is not None else True
        scale = self.form.row_scale[self.rows]
        lower = np.where(active, self.form.lower[self.rows] * scale, -INFINITY)
        upper = np.where(active, self.form.upper[self.rows] * scale, INFINITY)
        self.solver.with_rows(self.rows, lower, upper)
        return self.solver.solve()

    def holds(self, rules: Iterable[str], start: Start = "looser") -> bool:
        """Whether these rules can hold together."""
        return self.solve(rules, start).objective <= HOLDS

    def stand(self, rules: Iterable[str]) -> bool | None:
        """Whether these hold together, by the program without slacks; None where it cannot tell."""
        idle = self.rows[~np.isin(self.rules, list(rules))]
        lower, upper = self.form.lower.copy(), self.form.upper.copy()
        lower[idle], upper[idle] = -INFINITY, INFINITY
        bare = replace(
            self.form, lower=lower, upper=upper, cost=np.zeros_like(self.form.cost), offset=0.0
        )
        try:
            status = Solver(bare).solve().status
        except AllocationError:
            return None
        return {"optimal": True, "infeasible": False}.get(status)

    def pressed(self, solution: Solution) -> list[str]:
        """Rules that the missing part rests on: its dual proof names no other (Farkas)."""
        felt = np.abs(solution.duals[self.rows] * self.form.row_scale[self.rows])
        return list(dict.fromkeys(self.rules[felt > 1e-9 * max(felt.max(), 1e-300)].tolist()))

    def slack(self, solution: Solution) -> Floats:
        """How far each row's bound moves in the solution, in natural units [rows]."""
        size, count = len(self.form.cost), len(self.rows)
        up, down = solution.x[size : size + count], solution.x[size + count :]
        moved: Floats = (up - down) * self.form.row_scale[self.rows]
        return moved

    def put(self, solution: Solution) -> None:
        """Set the model's variables to the solution."""
        for variable, value in zip(self.form.columns, solution.x, strict=False):
            variable.set_value(float(value), skip_validation=True)


def _weights(program: Program, units: Floats) -> Floats:
    """Cost of moving each row's bound by one: one over the size of what the rule speaks of.

    `units` is what one unit of each row is in natural units: an average month's money, say.
    """
    weights = []
    for row, unit in zip(program.rows, units, strict=True):
        moved = abs(float(pyo.value(row.change))) / row.size
        bound = max(abs(row.lower or 0.0), abs(row.upper or 0.0))
        weights.append(1.0 / max(abs(row.number) * moved, bound, LEAST * unit))
    return np.array(weights)


def _room(row: Row) -> tuple[float, float]:
    """How far a row's bound may rise and fall until its number is at an end of its range."""
    moved = float(pyo.value(row.change)) / row.size
    if not moved:
        return 0.0, 0.0  # a row that only defines something does not give way
    grow, fall = (row.most - row.number) * abs(moved), (row.number - row.least) * abs(moved)
    ends = (grow, fall) if moved > 0 else (fall, grow)
    return min(max(ends[0], 0.0), INFINITY), min(max(ends[1], 0.0), INFINITY)


def _widened(form: Standard, links: Ints) -> Standard:
    """The program with more room where a switch is tied to money.

    There the money of the year bounds a month's, and so it would in sets without the budget.
    """
    if not len(links):
        return form
    matrix = form.matrix.tocoo()
    wide = np.isin(matrix.row, links) & form.integer[matrix.col]
    data = np.where(wide, WIDE * matrix.data, matrix.data)
    wider = sparse.coo_array((data, (matrix.row, matrix.col)), shape=matrix.shape)
    return replace(form, matrix=sparse.csr_array(wider))


def _with_slacks(form: Standard, rows: Ints, weights: Floats) -> Standard:
    """The program with two slacks on each rule's row, and their weighted sum as objective."""
    count, size = len(rows), form.matrix.shape[0]
    ones = (np.ones(count), (rows, np.arange(count)))
    slack = sparse.csr_array(ones, shape=(size, count))
    cost = weights * form.row_scale[rows]
    return replace(
        form,
        matrix=sparse.csr_array(sparse.hstack([form.matrix, -slack, slack])),
        cost=np.concatenate([np.zeros(len(form.cost)), cost, cost]),
        offset=0.0,
        maximise=False,
        column_lower=np.concatenate([form.column_lower, np.zeros(2 * count)]),
        column_upper=np.concatenate([form.column_upper, np.full(2 * count, INFINITY)]),
        integer=np.concatenate([form.integer, np.zeros(2 * count, dtype=bool)]),
    )
