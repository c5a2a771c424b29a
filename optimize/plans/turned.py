"""A task's program turned around: its objective becomes a row, and something else is made least."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from optimize.model.linearisation import Pieces, Side
from optimize.model.program import Program
from optimize.problem.task import Task
from optimize.solver.certificate import Certified, linearisation_points
from tiermix.core.arrays import Floats

FINER = 2  # cuts around a plan


def turned(task: Task, pieces: Pieces, side: Side, *, floor: float, total: float | None) -> Program:
    """The program with its objective no worse than `floor` and a year's planned money of `total`.

    Without `total` the year's money is bounded by the rules alone. The program has no objective:
    `make_least` gives it one.
    """
    program = task.program(pieces, side)
    model = program.model
    worth = model.objective.expr
    model.del_component(model.objective)
    model.worth = pyo.Constraint(expr=worth <= floor if task.minimise else worth >= floor)
    if total is not None:
        model.year = pyo.Constraint(expr=sum(model.spend.values()) == total / program.money)
    return program


def make_least(program: Program, body: Any) -> Program:
    """The program with this to make as small as possible, whatever its sign rules say."""
    program.model.objective = pyo.Objective(expr=body, sense=pyo.minimize)
    return program


def scale_of(task: Task, best: Certified) -> float:
    """What a loss is a share of: the objective's size, as for the gap of the certificate."""
    reference = task.response_model.spend_of(task.response_model.scenario.reference_plan)
    return max(abs(best.value), abs(task.value(reference)), task.least_scale)


def worse(task: Task, value: float, loss: float) -> float:
    """An objective that is worse by a loss."""
    return value + loss if task.minimise else value - loss


def around(task: Task, pieces: Pieces, spend: Floats) -> Pieces:
    """Finer pieces where a plan lies, so that its value below the curves is its true one."""
    for _ in range(FINER):
        pieces = pieces.around(linearisation_points(task.response_model, pieces, spend), ("low",))
    return pieces
