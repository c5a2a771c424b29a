"""What each rule costs: the dual of its rows, in the rule's own unit, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyomo.environ as pyo

from optimize.problem.task import Task
from optimize.solver.certificate import Certified, Solved
from optimize.solver.highs import Solution, Solver
from tiermix.core import figures
from tiermix.core.arrays import Floats, Ints

NUDGE = 1e-6  # of a bound's size, to see both one-sided derivatives
SAME = 0.01
AT_BOUND = 1e-7  # of a row scaled to a largest coefficient of 1
COUNTED = ("channels", "months")  # the units of rules that count, which have no price
NOTHING = 1e-9  # of the objective: a price below is rounding


@dataclass(frozen=True)
class Price:
    """What one `step` of a rule's number changes in the objective.

    `price` is the derivative; where it is not unique it lies between `least` and `most` (loosening
    and tightening), `unique` is False and `words` say so. A rule that `counts` whole
    months or channels has none.
    """

    rule: str
    price: float
    step: str
    words: str
    least: float
    most: float
    counts: bool = False

    @property
    def binds(self) -> bool:
        """Whether changing the rule changes anything."""
        return self.least != 0.0 or self.most != 0.0

    @property
    def unique(self) -> bool:
        """Whether loosening and tightening are worth the same, to one percent."""
        return abs(self.most - self.least) <= SAME * max(abs(self.most), abs(self.least))


@dataclass(frozen=True)
class _Group:
    """The rows that move together with one rule's number, and how much each bound moves."""

    rule: str
    step: str
    rows: Ints
    change: Floats


def shadow_prices(task: Task, certificate: Certified) -> list[Price]:
    """Prices of all that binds, and one of 0 for each rule of which nothing does.

    Integers stay as the plan has them.
    """
    fine = certificate.low
    solver = _linear(fine)
    solution = solver.solve()
    if solution.status != "optimal":
        return []
    prices = [
        _one_price(task, solver, fine, solution, group)
        for group in _groups(fine)
        if _touches(fine, group, solution)
    ]
    binding = [price for price in prices if price.binds]
    every = dict.fromkeys(row.rule for row in fine.program.rows)
    loose = [rule for rule in every if rule not in {price.rule for price in binding}]
    tight = _counts_at_bound(fine, solution)
    return binding + [_no_price(rule, tight.get(rule, "")) for rule in loose]


def _one_price(task: Task, solver: Solver, low: Solved, solution: Solution, group: _Group) -> Price:
    sides = _one_sided(solver, low, group, solution.objective)
    return _price(task, group, float(solution.duals[group.rows] @ group.change), sides)


def _touches(low: Solved, group: _Group, solution: Solution) -> bool:
    """Whether a row of the group has a dual or lies at its bound."""
    form, rows = low.form, group.rows
    value = form.matrix[rows] @ solution.x
    room = np.minimum(value - form.lower[rows], form.upper[rows] - value)
    return bool((room < AT_BOUND).any() or solution.duals[rows].any())


def _counts_at_bound(low: Solved, solution: Solution) -> dict[str, str]:
    """Rules whose count of months or channels is at its bound, with what it counts."""
    value, found = low.form.matrix[low.places] @ solution.x, {}
    for place, row, at in zip(low.places, low.program.rows, value, strict=True):
        room = min(at - low.form.lower[place], low.form.upper[place] - at)
        if row.unit in COUNTED and room < AT_BOUND:
            found[row.rule] = row.unit
    return found


def _no_price(rule: str, counted: str) -> Price:
    words = f"{rule} does not bind: changing it a little changes nothing."
    if counted:
        words = (
            f"{rule} counts whole {counted}, so that it has no price; a plan with another number "
            "says what that is worth."
        )
    return Price(rule, 0.0, "", words, 0, 0, counts=bool(counted))


def _linear(low: Solved) -> Solver:
    """The program as a linear one, its integers fixed where they are; warm where it has none."""
    whole = np.flatnonzero(low.form.integer)
    if not len(whole):
        return low.solver
    solver, fixed = Solver(low.form, relaxed=True), np.round(low.solution.x[whole])
    solver.with_columns(whole, fixed, fixed)
    return solver


def _groups(low: Solved) -> list[_Group]:
    """Rows by rule and step, in the order of the rules."""
    found: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for place, row in zip(low.places.tolist(), low.program.rows, strict=True):
        if row.unit in COUNTED:  # with integers held there is no little more of it
            continue
        found.setdefault((row.rule, row.step), []).append((place, float(pyo.value(row.change))))
    return [
        _Group(rule, step, np.array([i for i, _ in pairs]), np.array([c for _, c in pairs]))
        for (rule, step), pairs in found.items()
    ]


def _one_sided(solver: Solver, low: Solved, group: _Group, at: float) -> tuple[float, float]:
    """Derivative of the objective when the rule's number falls and when it grows."""
    form, rows = low.form, group.rows
    lower, upper = form.lower[rows] * form.row_scale[rows], form.upper[rows] * form.row_scale[rows]
    size = NUDGE * max(float(np.abs(form.row_scale[rows]).max()), 1e-12)
    size /= max(float(np.abs(group.change).max()), 1e-12)
    sides = []
    for step in (-size, size):
        solver.with_rows(rows, lower + step * group.change, upper + step * group.change)
        moved = solver.solve()
        sides.append((moved.objective - at) / step if moved.status == "optimal" else np.nan)
    solver.with_rows(rows, lower, upper)
    solver.solve()
    return sides[0], sides[1]


def _price(task: Task, group: _Group, dual: float, sides: tuple[float, float]) -> Price:
    known = [side for side in sides if np.isfinite(side)] or [dual]
    least, most = min(known), max(known)
    # The solver may name any dual between the two; one outside is rounding.
    dual = min(max(dual, least), most)
    if max(abs(least), abs(most)) <= NOTHING * max(task.usual_size, NOTHING):
        dual = least = most = 0.0
    price = Price(group.rule, dual, group.step, "", least, most)
    return replace(price, words=_words(task, price))


def _words(task: Task, price: Price) -> str:
    """What the step is worth, as a colleague says it."""
    step, name = price.step[:1].upper() + price.step[1:], task.name.replace("_", " ")
    if not price.unique:
        return (
            f"{step} changes {name} by {_amount(task, price.least)} to "
            f"{_amount(task, price.most)}; the price is not unique, as loosening and tightening "
            "are worth different amounts."
        )
    verb = "adds" if price.price > 0 else "saves" if task.minimise else "costs"
    return f"{step} {verb} {_amount(task, abs(price.price))} {name}{_short(task, price)}."


def _short(task: Task, price: Price) -> str:
    """What is to be said of money that does not come back."""
    cost = task.cost_of_money
    if cost is None or price.rule != task.money_rule or not 0 <= price.price < cost:
        return ""
    return ", which is less than it costs"


def _amount(task: Task, value: float) -> str:
    """An amount of the objective in its unit."""
    if task.in_money:
        return figures.money(value, task.response_model.scenario.currency)
    return figures.number(value)
