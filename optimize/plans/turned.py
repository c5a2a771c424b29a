"""A task's program turned around: its objective becomes a row, and something else is made least."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyomo.environ as pyo
from pyomo.repn import generate_standard_repn

from optimize.model.linearisation import Pieces, Side
from optimize.model.program import Program, Row
from optimize.problem.task import Task
from optimize.solver.certificate import Certified, around
from tiermix.core.arrays import Floats

Cell = tuple[int, int]
"""Places of a channel and a period."""
FINER = 2  # cuts around a plan


def turned(
    task: Task, pieces: Pieces, side: Side, *, floor: float | None, total: float | None
) -> Program:
    """The program with its objective no worse than `floor` and a year's planned money of `total`.

    Without `total` the year's money is bounded by the rules alone, without `floor` any objective
    will do. The program has no objective: `make_least` gives it one.
    """
    program = task.program(pieces, side)
    model = program.model
    worth = model.objective.expr
    model.del_component(model.objective)
    if floor is not None:
        model.worth = pyo.Constraint(expr=worth <= floor if task.minimise else worth >= floor)
    if total is not None:
        model.year = pyo.Constraint(expr=sum(model.spend.values()) == total / program.money)
    return program


def make_least(program: Program, body: Any) -> Program:
    """The program with this to make as small as possible, whatever its sign rules say."""
    program.model.objective = pyo.Objective(expr=body, sense=pyo.minimize)
    return program


def absolute(variables: Any, constraints: Any, body: Any) -> Any:
    """The absolute value of an expression, where it is made small: a variable that is no less."""
    size = variables.add()
    constraints.add(size >= body)
    constraints.add(size >= -body)
    return size


def on_money(program: Program, rows: Iterable[Row]) -> Iterator[tuple[Row, list[Cell], Any]]:
    """Those of the rows that speak of planned money alone, with its cells and their linear form."""
    cells = {id(variable): cell for cell, variable in program.model.spend.items()}
    for row in rows:
        linear = generate_standard_repn(row.body)
        known = [cells.get(id(variable)) for variable in linear.linear_vars]
        if None not in known:
            yield row, [cell for cell in known if cell is not None], linear


def scale_of(task: Task, best: Certified) -> float:
    """What a loss is a share of: the objective's size, as for the gap of the certificate."""
    return max(abs(best.value), task.usual_size, task.least_scale)


def worse(task: Task, value: float, loss: float) -> float:
    """An objective that is worse by a loss."""
    return value + loss if task.minimise else value - loss


def closely(task: Task, pieces: Pieces, spend: Floats) -> Pieces:
    """Finer pieces where a plan lies, so that its value below the curves is its true one."""
    return around(task, pieces, spend, FINER, ("low",))
