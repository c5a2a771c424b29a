"""Pieces below are below the curve everywhere, pieces above are above, and both close in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fakes import make_curves, make_scenario
from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from optimize.model.bent import Bent
from optimize.model.linearisation import Pieces, Side
from optimize.model.response_model import ResponseModel
from optimize.problem.task import Task, make_task
from optimize.solver.certificate import built, linearisation_points
from optimize.solver.highs import Solver
from tests.optimize.test_families import POINTS, parametric, powers


def outlook_of(curve: Curve) -> ResponseModel:
    scenario = make_scenario(channels=1, months=1, budget=4 * curve.half)
    return ResponseModel(scenario, ResponseCurves((curve,), scenario.months))


@settings(max_examples=60, deadline=None)
@given(parametric | powers | st.just(POINTS), st.lists(st.floats(0, 4), min_size=1, max_size=3))
def test_no_point_of_the_curve_is_below_the_low_or_above_the_high_pieces(
    curve: Curve, linearisation_points: list[float]
) -> None:
    response_model = outlook_of(curve)
    pieces = Pieces.start(response_model, 4 * curve.half)
    ((cell, _),) = pieces.knots.items()
    pieces = pieces.around({cell: [x * curve.half for x in linearisation_points]})
    (effect,) = response_model.effects["margin"]
    x = np.linspace(0, 4 * curve.half, 500)
    true = curve.value(x)
    slack = 1e-7 * max(curve.ceiling, true.max())
    for side, sign in (("low", 1), ("high", -1)):
        line = pieces.lines(effect, side)[cell[1]]  # type: ignore[arg-type]
        assert (np.diff(line.x) >= 0).all()
        assert (sign * (true - np.interp(x, line.x, line.y)) >= -slack).all()


@pytest.mark.parametrize("shape", [0.5, 1.0, 3.0])
def test_refining_around_a_point_closes_in_on_the_curve_there(shape: float) -> None:
    response_model = outlook_of(Curve("a", "margin", "hill", 10.0, 2.0, shape))
    pieces = Pieces.start(response_model, 8.0)
    (effect,), ((cell, _),) = response_model.effects["margin"], pieces.knots.items()
    distances = []
    for _ in range(6):
        low, high = (pieces.lines(effect, side)[cell[1]] for side in ("low", "high"))  # type: ignore[arg-type]
        at = np.array([2.7])
        distances.append(float(np.interp(at, high.x, high.y)[0] - np.interp(at, low.x, low.y)[0]))
        pieces = pieces.around({cell: [2.7]})
    assert distances[-1] < 1e-3 * distances[0]


@pytest.mark.parametrize("seed", range(4))
def test_the_two_programs_hold_every_plan_between_them_the_emptiest_too(seed: int) -> None:
    luck = np.random.default_rng(seed)
    scenario = make_scenario(4, 2, budget=1e6)
    curves = make_curves(scenario, seed=seed, shape=(0.3, 1.0), kpis=("margin",))
    task = make_task(ResponseModel(scenario, curves), budget=None, objective=None)
    pieces = Pieces.start(task.response_model, task.most)
    plans = [luck.dirichlet(np.full(8, 0.1)).reshape(4, 2) * 1e6 for _ in range(12)]
    for number, spend in enumerate(plans):
        low, high = (promised(task, pieces, side, spend) for side in ("low", "high"))
        true = task.value(spend)
        assert low <= true * (1 + 1e-9)
        assert high >= true * (1 - 1e-9), number
        pieces = pieces.around(
            linearisation_points(task.response_model, pieces, luck.choice(plans) * 0.01)
        )


def promised(task: Task, pieces: Pieces, side: Side, spend: np.ndarray) -> float:
    """What a side's program says that a given plan brings."""
    program, form = built(task, pieces, side)
    places = {id(variable): i for i, variable in enumerate(form.columns)}
    columns = np.array([places[id(v)] for v in program.model.spend.values()])
    solver = Solver(form)
    solver.with_columns(columns, spend.ravel() / program.money, spend.ravel() / program.money)
    return solver.solve().objective


@pytest.mark.parametrize("above", [True, False])
def test_a_bend_that_is_left_out_moves_its_neighbour_and_not_the_whole_line(above: bool) -> None:
    sign = 1.0 if above else -1.0
    line = Bent(
        np.array([0.0, 100.0, 101.0, 1e4, 2e4]), sign * np.array([0, 5e3, 6e3, 7e3, 7e3]), 0
    )
    bends = line.x[[0, 1, 3, 4]]
    values = line.at(bends, above=above)
    assert (sign * (np.interp(line.x, bends, values) - line.y) >= -1e-9).all()
    np.testing.assert_array_equal(values[[0, 2, 3]], line.y[[0, 3, 4]])
