"""The only module that knows HiGHS: matrices in, numbers with an honest status out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Literal

import highspy
import numpy as np

from optimize.errors import AllocationError
from optimize.solver.standard import INFINITY, Standard
from tiermix.core.arrays import Floats, Ints

Start = Literal["scratch", "looser", "tighter"]
DUAL, PRIMAL = 1, 4


@dataclass(frozen=True)
class Solution:
    """What the solver found: `status` is optimal, infeasible, unbounded or the limit that was hit.

    `duals` are per row of the unscaled model, the change of the objective with its bound: NaN where
    the solver has none, 0 with integers, where they mean nothing. `bound` is what the solver proves
    for integer programs (the objective itself for linear ones).
    """

    status: str
    objective: float
    bound: float
    x: Floats
    duals: Floats


class Solver:
    """HiGHS holding one program; change bounds and run again, the simplex starts warm."""

    def __init__(
        self, form: Standard, *, gap: float = 1e-4, seconds: float = 300.0, relaxed: bool = False
    ) -> None:
        self.form = form
        self.integer = bool(form.integer.any()) and not relaxed
        self.worth = max(float(np.abs(form.cost).max(initial=0.0)), 1e-300)
        _greet()
        self.highs = highspy.Highs()
        self._option("output_flag", False)
        self._option("mip_rel_gap", gap)
        self._option("time_limit", seconds)
        self._option("mip_feasibility_tolerance", 1e-7)
        self._option("small_matrix_value", 1e-12)  # slopes of one row may differ that much
        self._option("primal_feasibility_tolerance", 1e-9)
        self._option("dual_feasibility_tolerance", 1e-9)
        self.highs.passModel(_highs_model(form, self.integer, self.worth))

    def stop_at(self, bound: float) -> None:
        """End a program with integers as soon as its bound is as good as this: interrupted."""
        goal, sign = bound / self.worth, 1.0 if self.form.maximise else -1.0

        def look(event: Any) -> None:
            known = sign * event.data_out.mip_dual_bound
            if np.isfinite(known) and known <= sign * goal and event.data_in is not None:
                event.data_in.user_interrupt = True

        if self.integer and np.isfinite(bound):
            self.highs.cbMipInterrupt += look

    def solve(self, *, patient: bool = True) -> Solution:
        """Run, and report what came of it; raises `AllocationError` only when the solver breaks.

        Without patience a first run that cannot tell reports the status unclear.
        """
        self._run()
        status = _STATUS.get(self.highs.getModelStatus(), "unclear")
        for option, value in _AGAIN if patient else ():
            if status != "unclear":
                break
            self._option(option, value)
            self.highs.clearSolver()
            self._run()
            status = _STATUS.get(self.highs.getModelStatus(), "unclear")
        if status == "unclear" and patient:
            words = self.highs.modelStatusToString(self.highs.getModelStatus())
            raise AllocationError(
                f"the solver stopped with {words!r}; look for amounts that differ by many orders "
                "of magnitude among the rules, and report the scenario if there are none."
            )
        if status == "unclear":
            return Solution(status, np.nan, np.nan, np.zeros(0), np.zeros(0))
        info, solution = self.highs.getInfo(), self.highs.getSolution()
        x = np.array(solution.col_value) if solution.value_valid else np.zeros(0)
        objective = float(info.objective_function_value) * self.worth
        bound = float(info.mip_dual_bound) * self.worth if self.integer else objective
        duals = np.array(solution.row_dual)[: len(self.form.row_scale)] * self.worth
        duals /= self.form.row_scale
        if not solution.dual_valid and not self.integer:
            duals = np.full_like(duals, np.nan)  # not known, which is not 0
        return Solution(status, objective, bound, x, duals)

    def _run(self) -> None:
        """Run; a program with integers, which may take long, so that Ctrl-C is heard meanwhile."""
        if not self.integer:
            self.highs.run()
            return
        self.highs.HandleUserInterrupt = True
        self.highs.startSolve()
        try:
            while not self.highs.wait(0.05)[0]:
                pass
        except BaseException:
            self.highs.cancelSolve()
            self.highs.wait()
            raise

    def with_rows(self, rows: Ints, lower: Floats, upper: Floats) -> None:
        """Set the (unscaled) bounds of these rows."""
        index = np.asarray(rows, dtype=np.int32)
        scale = self.form.row_scale[index]
        self.highs.changeRowsBounds(
            len(index), index, np.asarray(lower / scale), np.asarray(upper / scale)
        )

    def with_coefficient(self, row: int, column: int, value: float) -> None:
        """Set one (unscaled) coefficient."""
        self.highs.changeCoeff(row, column, value / float(self.form.row_scale[row]))

    def with_columns(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Set the bounds of these columns."""
        index = np.asarray(columns, dtype=np.int32)
        self.highs.changeColsBounds(
            len(index), index, np.asarray(lower, float), np.asarray(upper, float)
        )

    def next_from(self, basis: Start) -> None:
        """How the next run starts: from "scratch", or from the last basis, "looser" or tighter.

        Where bounds have gone the last point is still allowed, and the primal simplex is quicker.
        """
        if basis == "scratch":
            self.highs.clearSolver()
        self._option("simplex_strategy", PRIMAL if basis == "looser" else DUAL)

    def with_least(self, value: float) -> None:
        """Add the row that the objective is at least (or, where it is made small, at most) this."""
        where = np.flatnonzero(self.form.cost).astype(np.int32)
        bound = (value - self.form.offset) / self.worth
        ends = (bound, INFINITY) if self.form.maximise else (-INFINITY, bound)
        self.highs.addRow(*ends, len(where), where, self.form.cost[where] / self.worth)

    def with_cost(self, cost: Floats, maximise: bool) -> None:
        """Set another objective, unscaled and without a constant."""
        self.worth = 1.0
        self.highs.changeObjectiveOffset(0.0)
        every = np.arange(len(cost), dtype=np.int32)
        self.highs.changeColsCost(len(cost), every, np.asarray(cost, dtype=float))
        sense = highspy.ObjSense.kMaximize if maximise else highspy.ObjSense.kMinimize
        self.highs.changeObjectiveSense(sense)

    def _option(self, name: str, value: object) -> None:
        self.highs.setOptionValue(name, value)


@cache
def _greet() -> None:
    """Construct a HiGHS once where nobody sees its banner.

    Since 1.16 the first one of a process writes it to descriptor 1 before any option can be set.
    """
    with _GREETING, _unseen():
        highspy.Highs()


_GREETING = Lock()


@contextmanager
def _unseen() -> Iterator[None]:
    """Descriptor 1 leads nowhere; where it is closed there is nothing to hide."""
    try:
        shown = os.dup(1)
    except OSError:
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 1)
        yield
    finally:
        os.dup2(shown, 1)
        os.close(shown)
        os.close(null)


_STATUS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "unclear",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
    highspy.HighsModelStatus.kIterationLimit: "iteration_limit",
    highspy.HighsModelStatus.kSolutionLimit: "solution_limit",
    highspy.HighsModelStatus.kInterrupt: "interrupted",
}


# Tried one after the other where the solver cannot tell: presolve mixes infeasible and unbounded
# up, and the last digits of a tolerance can make the simplex give up.
_AGAIN: tuple[tuple[str, object], ...] = (
    ("presolve", "off"),
    ("primal_feasibility_tolerance", 1e-7),
    ("dual_feasibility_tolerance", 1e-7),
    ("solver", "ipm"),
    ("presolve", "choose"),
    ("solver", "ipm"),
)


def _highs_model(form: Standard, integer: bool, worth: float) -> Any:
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = form.matrix.shape
    program.col_cost_, program.offset_ = form.cost / worth, form.offset / worth
    program.sense_ = highspy.ObjSense.kMaximize if form.maximise else highspy.ObjSense.kMinimize
    program.col_lower_, program.col_upper_ = form.column_lower, form.column_upper
    program.row_lower_, program.row_upper_ = form.lower, form.upper
    matrix = form.matrix.tocsc()
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = matrix.indptr
    program.a_matrix_.index_ = matrix.indices
    program.a_matrix_.value_ = matrix.data
    if integer:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        program.integrality_ = [kinds[int(flag)] for flag in form.integer]
    return program
