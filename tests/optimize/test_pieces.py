"""Pieces below are below the curve everywhere, pieces above are above, and both close in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimize.curve import Curve
from optimize.curves import ResponseCurves
from optimize.outlook import Outlook
from optimize.pieces import Pieces
from tests.optimize.fakes import make_scenario
from tests.optimize.test_families import POINTS, parametric, powers


def outlook_of(curve: Curve) -> Outlook:
    scenario = make_scenario(channels=1, months=1, budget=4 * curve.half)
    return Outlook(scenario, ResponseCurves((curve,), scenario.months))


@settings(max_examples=60, deadline=None)
@given(parametric | powers | st.just(POINTS), st.lists(st.floats(0, 4), min_size=1, max_size=3))
def test_no_point_of_the_curve_is_below_the_low_or_above_the_high_pieces(
    curve: Curve, landings: list[float]
) -> None:
    outlook = outlook_of(curve)
    pieces = Pieces.start(outlook, 4 * curve.half)
    ((cell, _),) = pieces.knots.items()
    pieces = pieces.around({cell: [x * curve.half for x in landings]})
    (effect,) = outlook.effects["margin"]
    x = np.linspace(0, 4 * curve.half, 500)
    true = curve.value(x)
    slack = 1e-7 * max(curve.ceiling, true.max())
    for side, sign in (("low", 1), ("high", -1)):
        line = pieces.lines(effect, side)[cell[1]]  # type: ignore[arg-type]
        assert (np.diff(line.x) >= 0).all()
        assert (sign * (true - np.interp(x, line.x, line.y)) >= -slack).all()


@pytest.mark.parametrize("shape", [0.5, 1.0, 3.0])
def test_refining_around_a_point_closes_in_on_the_curve_there(shape: float) -> None:
    outlook = outlook_of(Curve("a", "margin", "hill", 10.0, 2.0, shape))
    pieces = Pieces.start(outlook, 8.0)
    (effect,), ((cell, _),) = outlook.effects["margin"], pieces.knots.items()
    distances = []
    for _ in range(6):
        low, high = (pieces.lines(effect, side)[cell[1]] for side in ("low", "high"))  # type: ignore[arg-type]
        at = np.array([2.7])
        distances.append(float(np.interp(at, high.x, high.y)[0] - np.interp(at, low.x, low.y)[0]))
        pieces = pieces.around({cell: [2.7]})
    assert distances[-1] < 1e-3 * distances[0]
