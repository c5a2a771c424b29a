"""Plans whose programs need integers: S-shaped curves, minimum spends, responses to be kept down.

What no plan exceeds comes from the whole program with pieces above the curves. It starts without
integers for S-shapes (each curve's concave envelope) and is split only where plans land on a convex
part; few cells do, since few rules couple many cells (Shapley and Folkman). Plans come from the
program below the curves with its integers held as such a landing has them, which is linear.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from optimize.errors import AllocationError, UndecidedPlan
from optimize.model.linearisation import Pieces, Side
from optimize.problem.task import Task
from optimize.solver.certificate import (
    CUTS,
    POLISHING,
    Certified,
    NothingFits,
    Programmed,
    Solved,
    around,
    better,
    built,
    certified,
    certify,
    loaded,
    recertified,
    solved,
    tightened,
)
from optimize.solver.highs import Solver
from optimize.solver.narrowing import capped, narrowed
from tiermix.core import figures
from tiermix.core.arrays import Floats
from tiermix.core.progress import Progress

SECONDS = 60.0
OPTIMAL, TIME_LIMIT, FEASIBLE = "optimal", "time_limit", "feasible"
"""What a plan is: the gap asked for reached, time over before that, or all refinements made."""
EARLY = 0.2  # of the distance known: so exactly is a program solved whose pieces will change
FINE = 0.1  # of the gap asked for: a chord that misses less is not split
STEPS, HALF, SHARE = 3, 0.5, 0.9
SHARES = (0.4, 0.75)
SAME = 1e-9  # a gap below is rounding
IDLE = 3  # passes without a better plan, after which one is looked for from below
LEAST = 0.1  # seconds for any program
HELD_GAP = 1e-2  # where what is left to choose is how to round
FAR = 0.01  # a gap from which on months are worth capping before switches are settled


@dataclass(frozen=True)
class Limit:
    """How long to look, and who is told how far it is."""

    seconds: float = SECONDS
    progress: Progress | None = None
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise AllocationError(
                f"seconds {self.seconds} is no time to plan in; give a number above 0."
            )

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(self.seconds - (time.monotonic() - self.started), 0.0)

    def tell(self, step: int, best: Certified | None) -> None:
        """Say how far plan and bound are apart."""
        if self.progress is not None:
            known = "no plan yet" if best is None else f"gap {figures.percent(best.gap, 2)}"
            self.progress(f"plan ({known})", step, None)


def best_plan(task: Task, gap: float, limit: Limit | None = None) -> Certified:
    """The best plan with its certificate, with integers or without; raises as `certify` does.

    With integers the best so far is returned when time is over, whatever its gap.
    """
    if not task.has_integers or task.robust is not None:
        return certify(task, gap)
    return _Search(task, gap, limit or Limit()).run()


def status_of(task: Task, found: Certified, gap: float) -> str:
    """How a search for the best plan ended."""
    if found.gap <= gap:
        return OPTIMAL
    return TIME_LIMIT if task.has_integers and task.robust is None else FEASIBLE


class _Search:
    """The state of a search: pieces, the bound, the best plan."""

    def __init__(self, task: Task, gap: float, limit: Limit) -> None:
        self.task, self.gap, self.limit = task, gap, limit
        self.sign = -1.0 if task.minimise else 1.0
        start = Pieces.start(task.response_model, task.most)
        self.pieces = replace(start, fine=FINE * gap)
        self.bound, self.step, self.idle = np.inf, 0, 0
        self.best: Certified | None = None

    def run(self) -> Certified:
        """Split and solve until plan and bound are close, or time is over."""
        while True:
            self.step += 1
            gap_before = self._known
            if self.step == 2:
                self._prepare()
            landing = self._look_above()
            if landing is not None and self._known > self.gap:
                self._refine(landing, ("low", "high"))
                self._look_below(landing, gap_before)
            self.limit.tell(self.step, self.best)
            if self.best is not None and self.best.gap <= self.gap:
                return self.best
            if not self.limit.left:
                return self._out_of_time()

    def _prepare(self) -> None:
        """Before integers come in: where plans can lie, and a first cut of what is convex there."""
        if self.best is not None:
            self.pieces = narrowed(self.task, self.pieces, self.best.value, self.limit)
        if self._known > FAR:
            best = None if self.best is None else self.best.value
            self.pieces = capped(self.task, self.pieces, best, self.limit)
        self.pieces = self.pieces.evenly_split(SHARES)

    def _look_above(self) -> Floats | None:
        """Better the bound; where the program above the curves landed, if it did."""
        # Far from it, half of the time that is left is for plans.
        share = HALF if self._known > FAR else 1.0
        seconds, enough = max(share * self.limit.left, LEAST), np.nan
        if self.best is not None:  # a bound so near to its value is all that is wanted
            enough = self.best.value + self.sign * SHARE * self.gap * abs(self.best.value)
        high = solved(self.task, self.pieces, "high", self._exact(), seconds, enough)
        if high.solution.status == "infeasible":
            if self.best is None:
                raise NothingFits(self.pieces, high)
            self._bound_by(self.best.value)  # in the ranges there is no better plan
            return None
        if np.isfinite(high.solution.bound):
            self._bound_by(high.solution.bound)
        return high.program.planned() if len(high.solution.x) else None

    def _look_below(self, landing: Floats, gap_before: float) -> None:
        """Plans from where the bound lies; from below where neither bound nor plan moves on."""
        before = self.best
        found = held(self.task, self.pieces, landing)
        self._walk(found)
        self.idle = self.idle + 1 if self.best is before else 0
        stuck = found is None and self._known > HALF * gap_before
        if (self.best is None or stuck or self.idle >= IDLE) and self.limit.left:
            self.idle = 0
            self._walk(self._from_below())

    def _walk(self, current: Solved | None) -> None:
        """Better a plan step by step, its integers held where it is."""
        for step in range(STEPS):
            if current is None:
                return
            self._keep(current)
            if step < STEPS - 1:
                plan = current.program.planned()
                self._refine(plan, ("low", "high") if self.task.less else ("low",))
                current = held(self.task, self.pieces, plan)

    def _from_below(self) -> Solved | None:
        """A plan from the whole program below the curves, where a landing leads to no better."""
        seconds = max(HALF * self.limit.left, LEAST)
        low = solved(self.task, self.pieces, "low", self._exact(), seconds)
        return low if len(low.solution.x) and low.solution.status != "infeasible" else None

    def _exact(self) -> float:
        """To what gap a program is worth solving whose pieces will change."""
        return max(self.gap, EARLY * self._known)

    @property
    def _known(self) -> float:
        return 1.0 if self.best is None else self.best.gap

    def _refine(self, plan: Floats, sides: tuple[Side, ...]) -> None:
        self.pieces = around(self.task, self.pieces, plan, 1, sides)

    def _keep(self, low: Solved) -> None:
        new = certified(self.task, low, self.pieces, self.bound, self.step)
        self.best = better(self.best, new, self.sign)

    def _bound_by(self, bound: float) -> None:
        """The bound is this or what it was; outside the ranges no plan is better than the best."""
        known = self.sign * bound
        if self.best is not None:
            known = max(known, self.sign * self.best.value)
        self.bound = min(self.bound, known)
        if self.best is not None:
            low, pieces = self.best.low, self.best.pieces
            self.best = certified(self.task, low, pieces, self.bound, self.step)

    def _out_of_time(self) -> Certified:
        if self.best is None:
            raise UndecidedPlan(
                f"after {self.limit.seconds:g} seconds there is neither a plan nor a proof that "
                "there is none: the rules leave little room. Loosen the tightest one, or allow "
                "more `seconds`."
            )
        return self.best


def polished(task: Task, certificate: Certified) -> Certified:
    """The same with pieces so fine around the plan that their slopes are the curves' slopes.

    Integers stay as the plan has them.
    """
    if not certificate.low.form.integer.any():
        return tightened(task, certificate)
    if task.robust is not None:
        return certificate
    for _ in range(POLISHING):
        pieces = around(task, certificate.pieces, certificate.spend, CUTS)
        low = held(task, pieces, certificate.spend)
        if low is None:
            return certificate
        finer = recertified(task, certificate, low, pieces)
        if finer.gap > max(certificate.gap, SAME):
            return certificate
        certificate = finer
    return certificate


def held(
    task: Programmed, pieces: Pieces, plan: Floats, *, whole: bool = False, seconds: float = SECONDS
) -> Solved | None:
    """The program below the curves with its integers as a plan [C, M] has them; None: no plan.

    With `whole` those that say nothing of a plan stay integers, for at most so many `seconds`.
    """
    program, form = built(task, pieces, "low")
    columns = {id(variable): place for place, variable in enumerate(form.columns)}
    decided = [(columns[id(v)], x) for v, x in program.decisions(plan) if id(v) in columns]
    solver = Solver(form, relaxed=not whole, gap=HELD_GAP, seconds=seconds)
    if decided:
        where, values = (np.array(part) for part in zip(*decided, strict=True))
        solver.with_columns(where.astype(np.int64), values.astype(float), values.astype(float))
    solution = solver.solve(patient=False)
    timed = whole and solution.status == "time_limit" and len(solution.x) > 0
    if solution.status != "optimal" and not timed:
        return None
    loaded(form, solution)
    return Solved(program, form, solver, replace(solution), None)
