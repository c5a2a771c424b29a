"""A calm plan: nearly as good as the best one, and one that people can sign and carry out.

Where effects last, months nearly stand in for one another and a program lands on a corner: 380
thousand in January, 38 in February. Among all plans that keep the rules and give up no more than a
small share of the objective, a second program takes the one that changes least from month to month
once each channel's own season is taken out, and departs least from it (least absolute deviations):

    minimise Σ_c Σ_m |s_cm / p_cm − s_c,m−1 / p_c,m−1| + SHAPE · Σ_c Σ_m |s_cm − p_cm · mean_c|

with p the shape of last year's months, mean 1. Months in which a channel can have no money are left
out. The year's money stays what it was. In the middle of a year, when people already follow a plan,
the change that is made least is the one from that plan; where it still keeps the rules and loses
no more than that small share, it stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyomo.environ as pyo

from optimize.errors import AllocationError
from optimize.model.linearisation import Pieces, Side
from optimize.model.program import Program
from optimize.plans.rounding import rounded, step_of
from optimize.plans.turned import absolute, closely, make_least, on_money, scale_of, turned, worse
from optimize.problem.kept import broken_rules
from optimize.problem.task import Task
from optimize.solver.certificate import Certified
from optimize.solver.integers import held
from tiermix.core.arrays import Bools, Floats

SHAPE = 0.1  # of a change from month to month: what departing from last year's shape weighs
CRUMBS = 6  # rounds of turning crumbs into nothing or into a working amount
USUAL = 0.1  # of a channel's mean month: the least that works, where nobody says it
KEPT = 0.95  # of the loss that may be given up for calm; the rest is for rounding
NOTHING = 1e-6  # of a mean cell


@dataclass(frozen=True)
class Calm:
    """How far a plan is made calm and round, and what that may cost.

    `loss`: the share of the objective that may be given up. `step`: amounts are multiples of it;
    by the size of the plan unless given, and 0 leaves amounts as they are. `working`: a channel has
    nothing in a month or at least so much money; a tenth of its mean month unless given.
    Raises `AllocationError` for numbers that are none.
    """

    loss: float = 1e-3
    step: float | None = None
    working: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.loss < 1:
            raise AllocationError(
                f"loss {self.loss} is no share of the objective to give up for a calm plan; give "
                "one between 0 and 1, such as 0.001, or plan without calm."
            )
        for name in ("step", "working"):
            amount = getattr(self, name)
            if amount is not None and not 0 <= amount < np.inf:
                raise AllocationError(f"{name} {amount} is no amount of money; give 0 or more.")


@dataclass(frozen=True)
class Settled:
    """A plan [C, M] fit to be signed: the share of the objective given up, the step, remarks."""

    spend: Floats
    loss: float
    step: float = 0.0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Steady:
    """A task's program turned around: the objective no worse than `floor`, change made least.

    `shape` [C, M] is each channel's season, `open` [C, M] where it may have money, `least` and
    `most` [C, M] bound single cells.
    """

    task: Task
    floor: float
    total: float
    shape: Floats
    open: Bools
    least: Floats
    most: Floats

    def program(self, pieces: Pieces, side: Side) -> Program:
        """The Pyomo model."""
        program = turned(self.task, pieces, side, floor=self.floor, total=self.total)
        model = program.model
        for (c, m), cell in model.spend.items():
            cell.setlb(self.least[c, m] / program.money)
            cell.setub(self.most[c, m] / program.money if np.isfinite(self.most[c, m]) else None)
        model.change = pyo.VarList(domain=pyo.NonNegativeReals)
        model.changes = pyo.ConstraintList()
        return make_least(program, self._changes(program))

    def _changes(self, program: Program) -> Any:
        model = program.model
        sizes = model.change, model.changes
        if self.task.signed is not None:
            return _departure(model, self.task.signed / program.money, self.task.fixed_months)
        total: Any = 0.0
        for c in range(len(self.shape)):
            months = np.flatnonzero(self.open[c]).tolist()
            even = {m: model.spend[c, m] / float(self.shape[c, m]) for m in months}
            for before, now in pairwise(months):
                total = total + absolute(*sizes, even[now] - even[before])
            mean = sum(model.spend[c, m] for m in months) / max(len(months), 1)
            for m in months:
                gone = model.spend[c, m] - float(self.shape[c, m]) * mean
                total = total + SHAPE * absolute(*sizes, gone)
        return total


def _departure(model: Any, signed: Floats, passed: int) -> Any:
    """How much money the months to come have elsewhere than in the plan that people follow."""
    sizes = model.change, model.changes
    later = [(c, m) for c, m in model.spend if m >= passed]
    return sum(absolute(*sizes, model.spend[c, m] - float(signed[c, m])) for c, m in later)


def settled(task: Task, best: Certified, calm: Calm) -> Settled:
    """The calmest plan within the loss allowed, without crumbs, in round amounts.

    Where none can be found the best plan stays, and a remark says so.
    """
    scale = scale_of(task, best)
    if (kept := _as_signed(task, best, calm.loss * scale)) is not None:
        return Settled(kept, _lost(task, best, kept, scale))
    steady = _start(task, best, worse(task, best.value, KEPT * calm.loss * scale))
    pieces = closely(task, best.pieces, best.spend)
    calmest = held(steady, pieces, best.spend)  # its integers as the best plan has them
    remarks: list[str] = []
    if calmest is None:
        remarks.append("no calmer plan was found within the loss that is allowed")
        spend = best.spend
    else:
        spend = calmest.program.planned()
        least = working_amounts(best.spend, calm)
        spend, left = _without_crumbs(steady, closely(task, pieces, spend), spend, least)
        remarks += [left] if left else []
    made = rounded(
        task, closely(task, pieces, spend), spend,
        floor=worse(task, best.value, calm.loss * scale), step=step_of(best.spend, calm.step),
    )  # fmt: skip
    remarks += [made.remark] if made.remark else []
    if not made.step and broken_rules(task, made.spend):
        return Settled(best.spend, 0.0, remarks=("no calmer plan keeps every rule",))
    loss = _lost(task, best, made.spend, scale)
    return Settled(made.spend, loss, made.step, tuple(remarks))


def _as_signed(task: Task, best: Certified, loss: float) -> Floats | None:
    """The plan that people already follow, where it keeps the rules and loses no more than that."""
    signed = task.signed
    if signed is None:
        return None
    floor = worse(task, best.value, loss)
    value = task.value(signed)
    near = value <= floor if task.minimise else value >= floor
    return signed if near and not broken_rules(task, signed) else None


def _lost(task: Task, best: Certified, spend: Floats, scale: float) -> float:
    """The share of the objective that a plan gives up; nothing where it is the better one."""
    lost = (best.value - task.value(spend)) / scale * (-1.0 if task.minimise else 1.0)
    return max(lost, 0.0)


def working_amounts(spend: Floats, calm: Calm) -> Floats:
    """The least money [C] that a channel has in a month in which it has any."""
    if calm.working is not None:
        return np.full(len(spend), calm.working)
    live = np.maximum((spend > NOTHING * spend.mean()).sum(axis=1), 1)
    usual: Floats = USUAL * spend.sum(axis=1) / live
    return usual


def _start(task: Task, best: Certified, floor: float) -> Steady:
    spend = best.spend
    closed = closed_cells(task)
    reference = task.response_model.spend_of(task.response_model.scenario.reference_plan)
    there = (reference > 0) | (spend > NOTHING * spend.mean())
    most = np.where(closed, 0.0, np.inf)
    return Steady(
        task, floor, float(spend.sum()), season(reference), there & ~closed,
        np.zeros_like(spend), most,
    )  # fmt: skip


def season(reference: Floats) -> Floats:
    """The shape [C, M] of each channel's months last year, mean 1.

    Where a channel had no money, the shape that all channels had together.
    """
    all_of_them = _even(reference.sum(axis=0))
    return np.array([np.where(row > 0, _even(row), all_of_them) for row in reference])


def _even(row: Floats) -> Floats:
    """Months relative to their mean, those without money as an average one."""
    live = row > 0
    mean = float(row[live].mean()) if live.any() else 1.0
    return np.where(live, row / mean, 1.0)


def closed_cells(task: Task) -> Bools:
    """Where rules leave no room for money [C, M]."""
    program = task.plain_program
    closed = np.zeros((len(program.channels), len(program.months)), dtype=bool)
    shut = (row for row in program.rows if row.upper is not None and row.upper <= 0)
    for _, cells, linear in on_money(program, shut):
        if linear.constant >= 0 and min(linear.linear_coefs, default=0) > 0:
            closed[tuple(zip(*cells, strict=True))] = True
    return closed


def _without_crumbs(
    steady: Steady, pieces: Pieces, spend: Floats, working: Floats
) -> tuple[Floats, str]:
    """The plan without amounts too small to work, and what is left of them in words."""
    for _ in range(CRUMBS):
        crumbs = _crumbs(steady, spend, working)
        if not crumbs.any():
            return spend, ""
        enough = spend >= 0.5 * working[:, None]
        tighter = replace(
            steady,
            least=np.where(crumbs & enough, working[:, None], steady.least),
            most=np.where(crumbs & ~enough, 0.0, steady.most),
            open=steady.open & ~(crumbs & ~enough),
        )
        found = held(tighter, pieces, spend)
        if found is None:
            break
        steady, spend = tighter, found.program.planned()
    crumbs = _crumbs(steady, spend, working)
    names = [steady.task.response_model.channels[c] for c in np.flatnonzero(crumbs.any(axis=1))]
    left = f"months with less than a working amount are left in {', '.join(names)}"
    return spend, left if names else ""


def _crumbs(steady: Steady, spend: Floats, working: Floats) -> Bools:
    """Amounts [C, M] above nothing and below what works, in months that are still open."""
    nothing = NOTHING * max(float(spend.mean()), 1e-12)
    crumbs = (spend > nothing) & (spend < working[:, None] * (1 - 1e-9))
    crumbs[:, : steady.task.fixed_months] = False
    return crumbs
