"""The best outcome as a function of the budget: one warm program, solved again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from optimize.curves.curves import ResponseCurves
from optimize.errors import AllocationError, UndecidedPlan
from optimize.model.linearisation import Pieces
from optimize.model.program import Program, Row
from optimize.model.protocols import Planning
from optimize.model.response_model import ResponseModel
from optimize.problem.rule_rows import rows as ruled
from optimize.problem.task import Task, make_task
from optimize.solver.certificate import NothingFits, joined, linearisation_points
from optimize.solver.integers import (
    FEASIBLE,
    OPTIMAL,
    SECONDS,
    TIME_LIMIT,
    Limit,
    best_plan,
    status_of,
)
from optimize.solver.prices import shadow_prices
from optimize.solver.warm_start import Move, Warm
from tiermix.core.arrays import Floats
from tiermix.core.notebook import frame_rows, html_table, text_table
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

LEAST, MOST = 0.5, 1.5  # of the scenario's budget, where nothing else is asked
PROBES = 8  # budgets around which pieces are refined before all are solved again
PASSES = 8
FINE = 3.0  # by the square root of the gap: how far knots lie apart, as a share
INTEGER_GAP = 1e-3
NOTHING = 1e-6  # of a unit of money: what the solver's last digits are worth


@dataclass(frozen=True, slots=True)
class Point:
    """One budget (or number of a rule): value on the true curves, bounds, what one more adds.

    `status` is "optimal"; "time_limit" where integers are needed and time was over before the gap
    was reached; "feasible" where finer pieces came no nearer; "undecided" where there is neither a
    plan nor a proof that there is none; or "infeasible".
    """

    number: float
    value: float
    lower: float
    upper: float
    marginal: float
    status: str = "optimal"

    @property
    def budget(self) -> float:
        """The number, where it is a budget."""
        return self.number

    @property
    def has_plan(self) -> bool:
        """Whether a plan was found."""
        return self.status in (OPTIMAL, TIME_LIMIT, FEASIBLE)


@dataclass(frozen=True, repr=False)
class Frontier:
    """Points in order of the number `of` which they are a function, the budget unless a dial.

    Those where no plan keeps the rules have status infeasible. `cost` is what a unit of money takes
    from an objective in money that does not count it itself (1), 0 where it does.
    """

    objective: str
    points: tuple[Point, ...]
    of: str = "budget"
    cost: float | None = None

    @property
    def pays_until(self) -> float | None:
        """The budget from which on the last unit of money returns less than it costs.

        Between two budgets by a straight line; the first budget where it never pays, None where it
        always does or the objective is no money.
        """
        known = [p for p in self.points if np.isfinite(p.marginal)]
        if self.cost is None or self.of != "budget" or not known:
            return None
        short = [p.marginal <= self.cost + NOTHING for p in known]
        if not any(short):
            return None
        last = short.index(True)
        if last == 0:
            return known[0].number
        before, after = known[last - 1], known[last]
        part = (before.marginal - self.cost) / (before.marginal - after.marginal)
        return before.number + part * (after.number - before.number)

    @property
    def gap(self) -> float:
        """The widest relative distance between value and upper bound."""
        found = [p for p in self.points if p.has_plan]
        return max(((p.upper - p.value) / max(abs(p.upper), 1e-12) for p in found), default=0.0)

    def to_frame(self) -> pd.DataFrame:
        """One row for each number."""
        import pandas as pd

        names = ("value", "lower", "upper", "marginal", "status")
        rows = [{self.of: p.number} | {n: getattr(p, n) for n in names} for p in self.points]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix frontier`; numbers that do not exist are null."""
        rows = self.to_frame().to_dict(orient="records")
        points = [{str(k): None if v != v else v for k, v in r.items()} for r in rows]
        return {"points": points, "pays_until": self.pays_until}

    def __repr__(self) -> str:
        return f"{self._caption}\n{text_table(*frame_rows(self.to_frame()))}"

    def _repr_html_(self) -> str:
        return html_table(*frame_rows(self.to_frame()), caption=self._caption, rest=".to_frame()")

    @property
    def _caption(self) -> str:
        return f"Frontier of {self.objective} over {self.of}"


def frontier(
    scenario: Planning,
    curves: ResponseCurves,
    *,
    budgets: int | Sequence[float] = 20,
    objective: str | Mapping[str, float] | None = None,
    gap: float = 1e-4,
    seconds: float = SECONDS,
    progress: Progress | None = None,
) -> Frontier:
    """The best objective for each budget, or for so many between half and 1.5 times the scenario's.

    Every other rule stays. Pieces are refined until each point is within `gap`, or for a few
    passes: `Frontier.gap` says what was reached. Where integers are needed each budget is planned
    by itself to 1e-3, or for so many `seconds`. Raises `AllocationError` for budgets that are no
    amounts above 0.
    """
    amounts = amounts_of(scenario, budgets)
    task = make_task(ResponseModel(scenario, curves), budget=amounts[-1], objective=objective)
    if task.has_integers or task.minimise:
        apart = [replace(task, budget=float(amount)) for amount in amounts]
        asked = [(mine, mine.budget, mine.money_rule) for mine in apart]
        points = each_alone(asked, seconds, progress)
    else:
        points = traced(task, amounts, budgeted(task), gap)
    return Frontier(task.name, tuple(points), cost=task.cost_of_money)


def traced(task: Task, numbers: Floats, move: Move, gap: float) -> list[Point]:
    """All points of a concave program, with pieces refined where value and bound are apart."""
    return [trace.point for trace in traces_of(task, numbers, move, gap)]


def traces_of(
    task: Task, numbers: Floats, move: Move, gap: float, passes: int = PASSES
) -> list[Trace]:
    """The same with the plans behind the points, after so many passes at most."""
    pieces = refined(task, numbers, move, gap)
    traces: dict[float, Trace] = {}
    open_: list[float] = numbers.tolist()
    for _ in range(passes):
        low, high = Warm(task, pieces, "low", move), Warm(task, pieces, "high", move)
        # A point within the gap has its certificate, whatever pieces come later.
        traces |= {number: _trace(task, low, high, number) for number in open_}
        wide = [traces[number] for number in open_ if traces[number].gap > gap]
        if not wide:
            break
        open_ = [trace.point.number for trace in wide]
        spaced = wide[:: -(-len(wide) // PROBES)]
        lying = [
            linearisation_points(task.response_model, pieces, spend)
            for t in spaced
            for spend in t.plans
        ]
        if not lying:
            break
        pieces = pieces.around(joined(*lying))
    return [traces[number] for number in numbers.tolist()]


def refined(task: Task, numbers: Floats, move: Move, gap: float) -> Pieces:
    """Pieces that are fine wherever plans for the numbers will lie, seen from a few of them."""
    pieces = Pieces.start(task.response_model, task.most)
    high = Warm(task, pieces, "high", move)
    found = [high.at(float(number))[:2] for number in numbers[:: -(-len(numbers) // PROBES)]]
    lying = [
        linearisation_points(task.response_model, pieces, x)
        for above, x in found
        if above.status == "optimal"
    ]
    # A chord over a share r of x misses about r²/8 · |x² f''|, and |x² f''| ≤ f/2 for most curves.
    return pieces.over(joined(*lying), FINE * gap**0.5) if lying else pieces


@dataclass(frozen=True)
class Trace:
    """A point with the plans [C, M] on both sides that it comes from, its own first if any."""

    point: Point
    plans: tuple[Floats, ...]

    @property
    def gap(self) -> float:
        if self.point.status == "infeasible":
            return 0.0
        if self.point.status == "undecided":
            return np.inf
        return (self.point.upper - self.point.value) / max(abs(self.point.upper), 1e-12)


def _trace(task: Task, low: Warm, high: Warm, number: float) -> Trace:
    """One number's point; undecided where the solver cannot tell, which spoils no other point."""
    try:
        return _solved(task, low, high, number)
    except AllocationError:
        return Trace(_nothing(number, "undecided"), ())


def _solved(task: Task, low: Warm, high: Warm, number: float) -> Trace:
    above, upper_plan, _ = high.at(number)
    if above.status == "infeasible":
        return Trace(_nothing(number, "infeasible"), ())
    below, plan, price = low.at(number)
    if below.status != "optimal":
        return Trace(_nothing(number, "undecided"), (upper_plan,))
    point = Point(number, task.value(plan), below.objective, above.objective, price)
    return Trace(point, (plan, upper_plan))


def _nothing(number: float, status: str) -> Point:
    return Point(number, np.nan, np.nan, np.nan, np.nan, status)


def each_alone(
    asked: Sequence[tuple[Task, float, str]], seconds: float, progress: Progress | None
) -> list[Point]:
    """Points solved by themselves, each a task, its number, and the rule that has the number."""
    points = []
    for done, (task, number, rule) in enumerate(asked):
        if progress is not None:
            progress("plans", done, len(asked))
        points.append(_alone(task, number, rule, Limit(seconds)))
    return points


def _alone(task: Task, number: float, rule: str, limit: Limit) -> Point:
    """A number solved for itself, where integers or least spend leave nothing to warm up."""
    try:
        found = best_plan(task, INTEGER_GAP, limit)
    except (NothingFits, UndecidedPlan) as outcome:
        status = "infeasible" if isinstance(outcome, NothingFits) else "undecided"
        return _nothing(number, status)
    prices = [p.price for p in shadow_prices(task, found) if p.rule == rule]
    sizes = [row.size for row in found.low.program.rows if row.rule == rule]
    marginal = prices[0] / sizes[0] if prices else np.nan
    status = status_of(task, found, INTEGER_GAP)
    return Point(number, found.value, found.lower, found.upper, marginal, status)


def budgeted(task: Task) -> Move:
    """The budget: every rule that speaks of it moves."""

    def rows(program: Program, budget: float) -> list[Row]:
        before, program.budget = program.budget, budget
        found = [row for rule in task.ruling for row in ruled(program, rule)]
        program.budget = before
        return found

    return Move(task.budget, 0.5 * task.budget, rows, lambda _: 0)


def amounts_of(scenario: Planning, budgets: int | Sequence[float]) -> Floats:
    """Budgets in order: those given, or so many around the scenario's."""
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
