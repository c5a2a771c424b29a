"""Where plans better than the best one known can lie, cell by cell.

Every curve is bounded from above on its own range; the narrower the range, the nearer the bound
lies to the curve. Least and most effective spend of a cell, under all rules and with an objective
no worse than the best plan's, are two small linear programs (optimality-based bound tightening;
Quesada and Grossmann 1993, Gleixner and others 2017).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from optimize.model.linearisation import Cell, Pieces
from optimize.problem.task import Task
from optimize.solver.certificate import built
from optimize.solver.highs import Solver
from tiermix.core.arrays import Floats

ROUNDS = 4
WORTH = 0.8  # another round where ranges shrank to this share of what they were
ROOM = 1e-6  # of a range, on both sides: the solver's tolerances
WIDER = 1.05  # than the largest month found: no cap is felt near the best plan, and has a price
WORSE = 1e-6  # of the best plan's value: how much worse a plan may be to be of interest


class Clock(Protocol):
    """What says how many seconds are left."""

    @property
    def left(self) -> float: ...


def narrowed(task: Task, pieces: Pieces, best: float, clock: Clock) -> Pieces:
    """The pieces with ranges that hold every plan better than the best one."""
    for _ in range(ROUNDS):
        before = {cell: _range_of(pieces, cell) for cell in _bent(pieces)}
        if not before or not clock.left:
            break
        found = _tightened(task, pieces, best, clock, before)
        if found is None:
            break
        pieces = replace(pieces, ranges={**pieces.ranges, **found})
        shrunk = [(found[c][1] - found[c][0]) / (before[c][1] - before[c][0]) for c in found]
        if not shrunk or float(np.mean(shrunk)) > WORTH:
            break
    return pieces


def _range_of(pieces: Pieces, cell: Cell) -> tuple[float, float]:
    knots = pieces.knots[cell]
    return pieces.ranges.get(cell, (float(knots[0]), float(knots[-1])))


def _bent(pieces: Pieces) -> list[Cell]:
    """Cells with a curve that is convex somewhere in the range that is known."""
    found: dict[Cell, None] = {}
    for effect in (e for group in pieces.response_model.effects.values() for e in group):
        for cell in pieces.knots:
            key, place = cell
            if key == effect.stock_key and effect.turn[place] > _range_of(pieces, cell)[0]:
                found[cell] = None
    return list(found)


def _tightened(
    task: Task,
    pieces: Pieces,
    best: float,
    clock: Clock,
    known: dict[Cell, tuple[float, float]],
) -> dict[Cell, tuple[float, float]] | None:
    """Least and most effective spend of each cell; None where no plan is as good as the best."""
    program, form = built(task, pieces, "high")
    solver, sign = Solver(form, relaxed=True), -1.0 if task.minimise else 1.0
    solver.with_least(best - sign * WORSE * abs(best))
    found = {}
    for cell, (low, high) in known.items():
        if not clock.left:
            break
        i = program.responses.cells[cell]
        cost = np.zeros(len(form.cost))
        cost[form.of_block(program.responses.parts[i])] = program.responses.sizes[i] / program.money
        ends = _ends(solver, cost)
        if ends is None:
            return None
        start, room = program.responses.bends[cell][0], ROOM * (high - low)
        least, most = (float(start) + end * program.money for end in ends)
        new = max(low, least - room), min(high, most + room)
        if new[0] < new[1]:
            found[cell] = new
    return found


def capped(task: Task, pieces: Pieces, best: float | None, clock: Clock) -> Pieces:
    """The pieces with caps on the months of channels that have a switch.

    No plan that keeps the rules and is better than the best one, if there is one, has more.
    """
    program, form = built(task, pieces, "high")
    columns = {id(variable): place for place, variable in enumerate(form.columns)}
    solver, sign = Solver(form, relaxed=True), -1.0 if task.minimise else 1.0
    if best is not None:
        solver.with_least(best - sign * WORSE * abs(best))
    found = dict(pieces.caps)
    for channel, month in program.switched:
        if not clock.left:
            break
        cost = np.zeros(len(form.cost))
        c = program.channels.index(channel)
        for period in program.by_month[month]:
            cost[columns[id(program.model.spend[c, program.months.index(period)])]] = 1.0
        solver.with_cost(cost, maximise=True)
        solution = solver.solve(patient=False)
        if solution.status == "optimal":
            known = found.get((channel, month), program.most)
            found[channel, month] = min(known, WIDER * solution.objective * program.money)
    return replace(pieces, caps=found)


def _ends(solver: Solver, cost: Floats) -> tuple[float, float] | None:
    found = []
    for maximise in (False, True):
        solver.with_cost(cost, maximise)
        solution = solver.solve(patient=False)
        if solution.status == "infeasible":
            return None
        # Where the solver cannot tell, nothing is known.
        end = solution.objective if solution.status == "optimal" else (-np.inf, np.inf)[maximise]
        found.append(float(end))
    return found[0], found[1]
