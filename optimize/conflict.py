"""Why there is no plan: rules that cannot hold together, and the least change that would help.

The conflict comes from the program with pieces above the curves, so it is a proof; the relaxation
from the one below, so the relaxed rules can truly be kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from scipy import sparse

from optimize.certificate import NothingFits, Solved, built
from optimize.errors import InfeasiblePlan
from optimize.pieces import Pieces
from optimize.solve import INFINITY, Solution, Solver, Standard
from optimize.task import Task

Array = NDArray[np.float64]
NOTHING = 1e-7  # relaxations below this share of a rule's number are rounding


def explain(task: Task, nothing: NothingFits) -> InfeasiblePlan:
    """The error that says which rules are in conflict and what would make them hold."""
    conflict, others = irreducible(nothing.high)
    relaxation = least_relaxation(task, nothing.pieces)
    words = "; ".join(item["words"] for item in relaxation)
    more = " There are other conflicts beside this one." if others else ""
    why = "cannot hold together, and can when any one of them is dropped"
    if len(conflict) == 1:
        why = "cannot be kept by any plan, whatever the other rules"
    return InfeasiblePlan(
        f"No plan keeps all rules: {_listed(conflict)} {why}.{more}"
        f" The least change that makes everything feasible: {words}.",
        conflict,
        relaxation,
        others,
    )


def irreducible(high: Solved) -> tuple[list[str], bool]:
    """Names of rules that cannot hold together but can when any one is dropped (deletion filter).

    The second answer says whether other conflicts exist beside it.
    """
    probe = _Probe(high)
    every = list(dict.fromkeys(row.rule for row in high.program.rows))
    kept = list(every)
    for rule in every:
        rest = [name for name in kept if name != rule]
        if not probe.feasible(rest):
            kept = rest
    others = any(not probe.feasible([name for name in every if name != rule]) for rule in kept)
    return kept, others


class _Probe:
    """One warm solver that asks again and again whether a set of rules can hold."""

    def __init__(self, high: Solved) -> None:
        self.form = high.form
        self.solver = Solver(high.form)
        self.solver.with_cost(np.zeros(len(high.form.cost)), maximise=False)
        self.rows = high.places
        self.rules = np.array([row.rule for row in high.program.rows])

    def feasible(self, rules: list[str]) -> bool:
        """Whether these rules can hold together."""
        active = np.isin(self.rules, rules)
        scale = self.form.row_scale[self.rows]
        lower = np.where(active, self.form.lower[self.rows] * scale, -INFINITY * scale)
        upper = np.where(active, self.form.upper[self.rows] * scale, INFINITY * scale)
        self.solver.with_rows(self.rows, lower, upper)
        return self.solver.solve().status == "optimal"


def least_relaxation(task: Task, pieces: Pieces) -> list[dict[str, Any]]:
    """The least change of rules, relative to each one's own number, after which all can hold."""
    program, form = built(task, pieces, "low")
    low = Solved(program, form, Solution("unsolved", np.nan, np.nan, np.zeros(0), np.zeros(0)))
    rows = low.places
    solution = Solver(_elastic(low.form, rows, _weights(task, low))).solve()
    size = len(low.form.cost)
    for variable, value in zip(low.form.columns, solution.x[:size], strict=True):
        variable.set_value(float(value), skip_validation=True)
    slack = (
        solution.x[size : size + len(rows)] - solution.x[size + len(rows) :]
    ) * low.form.row_scale[rows]
    return _relaxed(low, slack)


def _weights(task: Task, low: Solved) -> Array:
    """Cost of moving each row's bound by one: one over the size of what the rule speaks of."""
    reference = task.outlook.spend_of(task.outlook.scenario.reference_plan)
    low.program.suppose(reference)
    weights = []
    for row in low.program.rows:
        moved = abs(float(pyo.value(row.change))) / row.size
        bound = max(abs(row.lower or 0.0), abs(row.upper or 0.0))
        typical = max(abs(row.number) * moved, bound, 1e-3 * moved, 1e-9)
        weights.append(1.0 / typical)
    return np.array(weights)


def _elastic(form: Standard, rows: NDArray[np.int64], weights: Array) -> Standard:
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


def _relaxed(low: Solved, slack: Array) -> list[dict[str, Any]]:
    """Slacks as changes of the rules' own numbers, the largest for each number."""
    found: dict[tuple[str, float], dict[str, Any]] = {}
    for row, by in zip(low.program.rows, slack, strict=True):
        moved = float(pyo.value(row.change)) / row.size
        change = float(by / moved if moved else by)
        if abs(change) <= NOTHING * max(abs(row.number), 1e-6):
            continue
        item = {
            "rule": row.rule,
            "by": change,
            "words": _words(row.rule, row.number, change, row.unit),
        }
        key = (row.rule, row.number)
        if key not in found or abs(change) > abs(found[key]["by"]):
            found[key] = item
    return list(found.values())


def _words(rule: str, number: float, by: float, unit: str) -> str:
    verb = "raise" if by > 0 else "lower"
    if unit == "share":
        return (
            f"{verb} {rule} by {abs(by):.2%} points, from {number:.2%} to {number + by:.2%}"
        ).replace("% points", " percentage points")
    return f"{verb} {rule} by {abs(by):,.6g} {unit}, from {number:,.6g} to {number + by:,.6g}"


def _listed(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
