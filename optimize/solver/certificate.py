"""The best plan with a certificate: pieces below and above the curves, refined where they land."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from pyomo.common.gc_manager import PauseGC

from optimize.errors import AllocationError, UndecidedPlan
from optimize.model.linearisation import LinearisationPoints, Pieces, Side
from optimize.model.program import Program
from optimize.model.response_model import ResponseModel
from optimize.problem.task import Task
from optimize.solver.elastic import HOLDS, Elastic
from optimize.solver.highs import Solution, Solver
from optimize.solver.standard import Standard, compile_model
from tiermix.core.arrays import Floats, Ints

PASSES = 14
ROBUST_PASSES = 40  # gradients close in more slowly than pieces
IDLE, MOVES = 3, 0.99  # so many passes that leave more than this share of a gap move nothing
PATIENCE = 300.0  # seconds that a single program may take
POLISHING, CUTS = 2, 3  # refinements around the plan: a slope needs finer pieces than a value


@dataclass(frozen=True)
class Solved:
    """A program with its matrices, solver and what it found, or by how much rules miss."""

    program: Program
    form: Standard
    solver: Solver
    solution: Solution
    missing: tuple[Elastic, Solution] | None = None

    @cached_property
    def places(self) -> Ints:
        """Where each row of the rules stands among the rows of the matrices."""
        return rule_places(self.program, self.form)


@dataclass(frozen=True)
class Certified:
    """A plan [C, M] with its value on the true curves and bounds that no plan exceeds.

    `gap` is (upper − value) / max(|upper|, scale), or its mirror image for least spend; `pieces`
    and `low` are the last, finest ones.
    """

    spend: Floats
    value: float
    lower: float
    upper: float
    gap: float
    passes: int
    pieces: Pieces
    low: Solved


class NothingFits(Exception):  # noqa: N818 - an outcome, turned into InfeasiblePlan by its reader
    """No plan keeps the rules even with pieces above the curves."""

    def __init__(self, pieces: Pieces, high: Solved) -> None:
        super().__init__("no plan keeps all rules")
        self.pieces, self.high = pieces, high


def rule_places(program: Program, form: Standard) -> Ints:
    """Where each row of the rules stands among the rows of the matrices."""
    names = {name: place for place, name in enumerate(form.names)}
    rules = program.model.rules
    return np.array([names[rules[k + 1].name] for k in range(len(program.rows))], dtype=int)


def certify(task: Task, gap: float, pieces: Pieces | None = None) -> Certified:
    """Refine until value and bound are within `gap`, or passes run out or move nothing.

    Then the best plan is returned with the gap that is proven. Raises `NothingFits` when the
    program with pieces above the curves is infeasible, and `UndecidedPlan` when there is no plan.
    """
    pieces = pieces or Pieces.start(task.response_model, task.most)
    best: Certified | None = None
    bound, gaps, passes = np.inf, [np.inf], ROBUST_PASSES if task.robust else PASSES
    for step in range(1, passes + 1):
        high = solved(task, pieces, "high", gap)
        if high.solution.status == "infeasible":
            raise NothingFits(pieces, high)
        low = solved(task, pieces, "low", gap)
        sign = -1.0 if task.minimise else 1.0
        bound = min(bound, sign * high.solution.bound)
        found = linearisation_points(task.response_model, pieces, high.program.planned())
        task.learn(*(s.program.planned() for s in (low, high) if s.solution.status == "optimal"))
        if low.solution.status == "optimal":
            best = better(best, certified(task, low, pieces, bound, step), sign)
            gaps.append(best.gap)
            if best.gap <= gap or (task.robust is None and _stuck(gaps)):
                return best
            found = joined(
                found, linearisation_points(task.response_model, pieces, low.program.planned())
            )
        pieces = pieces.around(found).around(found)  # a pass costs more than a few more knots
    if best is None:
        raise UndecidedPlan(
            f"after {passes} refinements there is neither a plan nor a proof that there is none: "
            "the rules leave almost no room. Loosen the tightest one a little."
        )
    return best


def _stuck(gaps: list[float]) -> bool:
    """Whether the last passes moved nothing: knots are as near to one another as they can be."""
    return len(gaps) > IDLE and gaps[-1] > MOVES * gaps[-1 - IDLE]


def tightened(task: Task, certificate: Certified) -> Certified:
    """The same with pieces so fine around the plan that their slopes are the curves' slopes."""
    if certificate.low.form.integer.any():
        return certificate
    for _ in range(POLISHING):
        pieces = around(task, certificate.pieces, certificate.spend, CUTS)
        certificate = recertified(task, certificate, solved(task, pieces, "low", 1e-9), pieces)
    return certificate


def recertified(task: Task, certificate: Certified, low: Solved, pieces: Pieces) -> Certified:
    """The certificate of another plan, with the bound that is known."""
    bound = -certificate.lower if task.minimise else certificate.upper
    return certified(task, low, pieces, bound, certificate.passes)


def around(
    task: Task, pieces: Pieces, spend: Floats, cuts: int, sides: tuple[Side, ...] = ("low", "high")
) -> Pieces:
    """The pieces cut so many times around a plan [C, M]."""
    for _ in range(cuts):
        points = linearisation_points(task.response_model, pieces, spend)
        pieces = pieces.around(points, sides)
    return pieces


class Programmed(Protocol):
    """What gives a program: a task, or one that is turned around."""

    def program(self, pieces: Pieces, side: Side, /) -> Program: ...


def built(task: Programmed, pieces: Pieces, side: Side) -> tuple[Program, Standard]:
    """The program of one side, and its matrices."""
    with PauseGC():  # a model is thousands of small objects, none of them garbage yet
        program = task.program(pieces, side)
        return program, compile_model(program.model, program.block)


def missed(task: Task, program: Program, form: Standard) -> tuple[Elastic, Solution]:
    """How far the rules are from holding together, and the solver that knows it."""
    probe = Elastic(task, program, form, ranges=False)
    return probe, probe.solve()


def solved(
    task: Task,
    pieces: Pieces,
    side: Side,
    gap: float,
    seconds: float = PATIENCE,
    enough: float = np.nan,
) -> Solved:
    """Build, translate, solve, and put the numbers into the model; raises for a limit reached.

    Where so many seconds are over before integers are settled, the status is time_limit; where
    their bound is as good as `enough`, interrupted.
    """
    program, form = built(task, pieces, side)
    solver = Solver(form, gap=gap / 3, seconds=seconds)
    solver.stop_at(enough)
    solution = solver.solve(patient=False)
    missing = None
    if solution.status == "unclear":
        missing = missed(task, program, form)
        hopeless = missing[1].objective > HOLDS
        solution = replace(solution, status="infeasible") if hopeless else solver.solve()
    stopped = form.integer.any() and solution.status in ("time_limit", "interrupted")
    if solution.status not in ("optimal", "infeasible") and not stopped:
        raise AllocationError(
            f"the solver stopped with {solution.status}; "
            + _REMEDY.get(solution.status, "allow it more time, or ask for a wider gap.")
        )
    if len(solution.x) and solution.status != "infeasible":
        loaded(form, solution)
    return Solved(program, form, solver, solution, missing)


def loaded(form: Standard, solution: Solution) -> None:
    """Put a solution's numbers into the model."""
    for variable, value in zip(form.columns, solution.x[: len(form.columns)], strict=True):
        variable.set_value(float(value), skip_validation=True)


_REMEDY = {"unbounded": "some outcome grows without end: give the plan a budget."}


def certified(task: Task, low: Solved, pieces: Pieces, bound: float, step: int) -> Certified:
    spend = low.program.planned()
    value, sign = task.value(spend), -1.0 if task.minimise else 1.0
    distance = max(bound - sign * value, 0.0)
    gap = distance / max(abs(bound), task.usual_size, task.least_scale)
    ends = sorted([sign * bound, value if task.minimise else low.solution.objective])
    return Certified(spend, value, ends[0], ends[1], gap, step, pieces, low)


def better(best: Certified | None, new: Certified, sign: float) -> Certified:
    """The plan of higher value, with the certificate that is known by now."""
    if best is None or sign * new.value >= sign * best.value - 1e-9 * abs(best.value):
        return new
    # Finer pieces may land on a slightly worse plan while the bound still improves.
    return new if new.gap < best.gap else best


def linearisation_points(
    response_model: ResponseModel, pieces: Pieces, spend: Floats
) -> LinearisationPoints:
    """Effective spend per cell, and exposures per head, where a plan [C, M] lies."""
    effective = {
        stock_key: response_model.effective(stock_key, spend)
        for stock_key in response_model.stock_keys
    }
    found: LinearisationPoints = {
        (stock_key, place): [float(effective[stock_key][place])]
        for stock_key, place in pieces.knots
    }
    for kpi, weights, tier in pieces.outer:
        exposures = float(np.array(weights) @ response_model.kpi(kpi, spend, tier))
        found[kpi, weights, tier] = [exposures / response_model.people[kpi]]
    return found


def joined(*several: LinearisationPoints) -> LinearisationPoints:
    """The landings of several plans, by cell."""
    return {key: [x for one in several for x in one[key]] for key in several[0]}
