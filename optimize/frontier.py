"""The best outcome as a function of the budget, or of any rule's number: one model, solved again.

Pyomo writes the program once; for every further budget only bounds of rows move, and the simplex
starts from where it was.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from optimize.ask import Planning
from optimize.certificate import NothingFits, built, certify, joined, landings, rule_places
from optimize.curves import ResponseCurves
from optimize.errors import AllocationError, UndecidedPlan
from optimize.outlook import Outlook
from optimize.pieces import Pieces, Side
from optimize.prices import shadow_prices
from optimize.rules import rows as ruled
from optimize.solve import Solution, Solver
from optimize.task import Task, make_task

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
LEAST, MOST = 0.5, 1.5  # of the scenario's budget, where nothing else is asked
PROBES = 12  # budgets around which pieces are refined before all are solved again
PASSES = 8
INTEGER_GAP = 1e-3


@dataclass(frozen=True, slots=True)
class Point:
    """One budget: value on the true curves, bounds, what one more unit of money adds."""

    budget: float
    value: float
    lower: float
    upper: float
    marginal: float
    status: str = "optimal"


@dataclass(frozen=True, repr=False)
class Frontier:
    """Points in order of the budget; those where no plan keeps the rules have status infeasible."""

    objective: str
    points: tuple[Point, ...]

    @property
    def gap(self) -> float:
        """The widest relative distance between value and upper bound."""
        found = [p for p in self.points if p.status == "optimal"]
        return max(((p.upper - p.value) / max(abs(p.upper), 1e-12) for p in found), default=0.0)

    def to_frame(self) -> pd.DataFrame:
        """One row for each budget."""
        import pandas as pd

        names = ("budget", "value", "lower", "upper", "marginal", "status")
        return pd.DataFrame([{name: getattr(p, name) for name in names} for p in self.points])

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix frontier`; numbers that do not exist are null."""
        rows = self.to_frame().to_dict(orient="records")
        return {"points": [{str(k): None if v != v else v for k, v in r.items()} for r in rows]}

    def __repr__(self) -> str:
        return f"Frontier of {self.objective}\n{self.to_frame().to_string(index=False)}"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def frontier(
    scenario: Planning,
    curves: ResponseCurves,
    *,
    budgets: int | Sequence[float] = 20,
    objective: str | Mapping[str, float] | None = None,
    gap: float = 1e-4,
) -> Frontier:
    """The best objective for each budget, or for so many between half and 1.5 times the scenario's.

    Every other rule stays. Pieces are refined until each point is within `gap`, or for a few
    passes: `Frontier.gap` says what was reached. Raises `AllocationError` for budgets that are no
    amounts above 0.
    """
    amounts = _amounts(scenario, budgets)
    task = make_task(Outlook(scenario, curves), budget=amounts[-1], objective=objective)
    if task.has_integers or task.minimise:
        return Frontier(task.name, tuple(_alone(task, amount) for amount in amounts))
    return Frontier(task.name, tuple(_traced(task, amounts, gap)))


class _Warm:
    """One side's program, whose rows' bounds are straight lines in the budget."""

    def __init__(self, task: Task, pieces: Pieces, side: Side) -> None:
        self.program, form = built(task, pieces, side)
        self.solver = Solver(form)
        one, two = (self._bounds(task, task.budget * factor) for factor in (1.0, 2.0))
        with np.errstate(invalid="ignore"):
            slope = np.nan_to_num((two - one) / task.budget)
        moving = np.flatnonzero(slope.any(axis=1))
        self.rows = rule_places(self.program, form)[moving]
        self.slope, self.start = slope[moving], one[moving] - task.budget * slope[moving]
        places = {id(variable): i for i, variable in enumerate(form.columns)}
        shape = (len(task.outlook.channels), len(task.outlook.months))
        self.spend = np.array([places[id(v)] for v in self.program.model.spend.values()])
        self.spend = self.spend.reshape(shape)

    def _bounds(self, task: Task, budget: float) -> Array:
        """Lower and upper bound of every row of the rules if the budget were another [rows, 2]."""
        before, self.program.budget = self.program.budget, budget
        rows = [row for rule in task.ruling for row in ruled(self.program, rule)]
        self.program.budget = before
        pairs = [pair for row in rows for pair in self.program.sides(row)]
        return np.array(
            [[-np.inf if a is None else a, np.inf if b is None else b] for a, b in pairs]
        )

    def at(self, budget: float) -> tuple[Solution, Array, float]:
        """What is best with a budget: the solution, its spend [C, M], and the budget's price."""
        bounds = self.start + budget * self.slope
        self.solver.with_rows(self.rows, bounds[:, 0], bounds[:, 1])
        solution = self.solver.solve()
        spend = np.maximum(solution.x[self.spend] * self.program.money, 0.0)
        return solution, spend, float(solution.duals[self.rows] @ self.slope.max(axis=1))


def _traced(task: Task, amounts: Array, gap: float) -> list[Point]:
    """All points, with pieces refined where value and bound are furthest apart."""
    pieces = Pieces.start(task.outlook, float(amounts[-1]))
    for _ in range(PASSES):
        low, high = _Warm(task, pieces, "low"), _Warm(task, pieces, "high")
        traces = [_trace(task, low, high, float(amount)) for amount in amounts]
        wide = [trace for trace in traces if trace.gap > gap]
        if not wide:
            break
        spaced = wide[:: -(-len(wide) // PROBES)]
        lying = [landings(task.outlook, pieces, spend) for t in spaced for spend in t.plans]
        pieces = pieces.around(joined(*lying))
    return [trace.point for trace in traces]


@dataclass(frozen=True)
class _Trace:
    """A point with the plans on both sides that it comes from."""

    point: Point
    plans: tuple[Array, ...]

    @property
    def gap(self) -> float:
        if self.point.status == "infeasible":
            return 0.0
        if self.point.status == "undecided":
            return np.inf
        return (self.point.upper - self.point.value) / max(abs(self.point.upper), 1e-12)


def _trace(task: Task, low: _Warm, high: _Warm, budget: float) -> _Trace:
    above, upper_plan, _ = high.at(budget)
    below, plan, price = low.at(budget)
    if above.status == "infeasible":
        return _Trace(_nothing(budget, "infeasible"), ())
    if below.status != "optimal":
        return _Trace(_nothing(budget, "undecided"), (upper_plan,))
    point = Point(budget, task.value(plan), below.objective, above.objective, price)
    return _Trace(point, (plan, upper_plan))


def _nothing(budget: float, status: str) -> Point:
    return Point(budget, np.nan, np.nan, np.nan, np.nan, status)


def _alone(task: Task, budget: float) -> Point:
    """A budget solved for itself, where integers or least spend leave nothing to warm up."""
    mine = replace(task, budget=budget)
    try:
        found = certify(mine, INTEGER_GAP)
    except (NothingFits, UndecidedPlan) as outcome:
        status = "infeasible" if isinstance(outcome, NothingFits) else "undecided"
        return _nothing(budget, status)
    prices = [p.price for p in shadow_prices(mine, found) if p.rule == mine.money_rule]
    marginal = prices[0] if prices else np.nan
    return Point(budget, found.value, found.lower, found.upper, marginal)


def _amounts(scenario: Planning, budgets: int | Sequence[float]) -> Array:
    if isinstance(budgets, int):
        low, high = LEAST * scenario.budget, MOST * scenario.budget
        return np.linspace(low, high, budgets) if budgets > 1 else np.array([scenario.budget])
    amounts = np.sort(np.asarray(budgets, dtype=float))
    if not amounts.size or not np.isfinite(amounts).all() or amounts[0] <= 0:
        raise AllocationError(
            f"budgets {list(budgets)} have to be amounts above 0 in {scenario.currency}; give at "
            "least one, or how many points the frontier shall have."
        )
    return amounts
