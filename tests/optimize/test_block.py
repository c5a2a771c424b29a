"""What stands beside Pyomo as numbers: the same program as if Pyomo had stated all of it."""

import numpy as np
import pyomo.environ as pyo
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize.model.block import Block
from optimize.model.linearisation import Pieces, Side
from optimize.model.program import Program
from optimize.model.response_model import ResponseModel
from optimize.problem.task import make_task
from optimize.solver.certificate import built, solved
from optimize.solver.highs import Solver
from optimize.solver.standard import compile_model
from scenarios.parts import rules
from scenarios.parts.rules import Rule

RULES: list[list[Rule]] = [
    [],
    [
        rules.KpiFloor(name="floor", kpi="margin", at_least=1.0, period="quarter"),
        rules.MinimumToWork(name="enough", amount=2e4),
    ],
]


def stated(program: Program) -> pyo.ConcreteModel:
    """The whole program in Pyomo: its rows and columns as constraints and variables."""
    model, block = program.model, program.block
    lower, upper = block.bounds
    model.number = pyo.Var(
        range(block.columns),
        bounds=lambda _, i: tuple(
            float(end) if np.isfinite(end) else None for end in (lower[i], upper[i])
        ),
    )
    bodies = [0.0] * len(block.ends[0])
    for row, column, value in zip(*block.entries, strict=True):
        bodies[row] += float(value) * model.number[int(column)]
    for row, value, variable in block.terms:
        bodies[row] += value * variable
    model.beside = pyo.ConstraintList()
    for body, low, high in zip(bodies, *block.ends, strict=True):
        ends = [float(end) if np.isfinite(end) else None for end in (low, high)]
        model.beside.add((ends[0], body, ends[1]))
    return model


@pytest.mark.parametrize("shape", [(0.4, 1.0), (1.5, 3.0)], ids=["concave", "S-shaped"])
@pytest.mark.parametrize("ruled", range(2))
@pytest.mark.parametrize("side", ["low", "high"])
def test_a_solver_that_reads_pyomo_alone_finds_the_same(
    side: Side, ruled: int, shape: tuple[float, float]
) -> None:
    scenario = make_scenario(3, 4, budget=1e6, rules=RULES[ruled])
    curves = make_curves(scenario, seed=3, shape=shape, kpis=("margin",))
    task = make_task(ResponseModel(scenario, curves), budget=None, objective=None)
    pieces = Pieces.start(task.response_model, task.most).evenly_split((0.5,))
    mine = solved(task, pieces, side, 1e-6).solution
    assert mine.status == "optimal"
    model = stated(built(task, pieces, side)[0])
    pyo.SolverFactory("appsi_highs").solve(model)
    assert pyo.value(model.objective) == pytest.approx(mine.objective, rel=1e-5)


def test_what_pyomo_fixes_stays_fixed_in_the_rows_beside_it() -> None:
    """Pyomo writes a fixed variable as a number, and a row of the block speaks of it all the same.

    Taken for free, rounding found plans of billions.
    """
    model, block = pyo.ConcreteModel(), Block()
    model.x, model.y = pyo.Var(bounds=(0, None)), pyo.Var(bounds=(0, 10))
    model.sum = pyo.Constraint(expr=model.x + model.y <= 8)
    model.objective = pyo.Objective(expr=model.y, sense=pyo.maximize)
    model.x.fix(3.0)
    mine = block.add_columns(np.zeros(1), np.full(1, np.inf))
    block.add_row(mine, np.ones(1), [(1.0, model.x), (-1.0, model.y)], 0.0, 0.0)
    form = compile_model(model, block)
    found = Solver(form).solve()
    assert found.objective == pytest.approx(5.0)
    assert found.x[form.of_block(mine)] == pytest.approx([2.0])
