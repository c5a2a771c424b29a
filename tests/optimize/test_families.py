"""Families of curves: they rise from zero, bend where they say, and are as steep as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimize.curves.curve import Curve
from optimize.errors import AllocationError

parametric = st.builds(
    Curve,
    channel=st.just("a"),
    kpi=st.just("margin"),
    family=st.sampled_from(["hill", "logistic", "tanh"]),
    ceiling=st.floats(0.1, 1e6),
    half=st.floats(0.1, 1e5),
    shape=st.floats(0.3, 6),
)
powers = st.builds(
    Curve,
    channel=st.just("a"),
    kpi=st.just("margin"),
    family=st.just("power"),
    ceiling=st.floats(0.1, 1e6),
    half=st.floats(0.1, 1e5),
    shape=st.floats(0.1, 1),
)
POINTS = Curve("a", "margin", "points", 9.0, points=((0.0, 1.0, 2.0, 4.0), (0.0, 1.0, 5.0, 7.0)))


@given(parametric | powers)
def test_curves_start_at_zero_and_never_fall(curve: Curve) -> None:
    y = curve.value(np.linspace(0, 20 * curve.half, 60))
    assert y[0] == pytest.approx(0.0, abs=1e-9 * curve.ceiling)
    assert (np.diff(y) >= -1e-9 * curve.ceiling).all()


@given(parametric | powers, st.floats(0.05, 5))
def test_the_slope_is_the_derivative(curve: Curve, at: float) -> None:
    x, step = at * curve.half, 1e-6 * curve.half
    low, high = curve.value([x - step, x + step])
    slope = curve.cells.slope(np.array([x]))[0]
    assert slope == pytest.approx(
        (high - low) / (2 * step), rel=1e-3, abs=1e-6 * curve.ceiling / curve.half
    )


@given(parametric | powers)
def test_beyond_the_inflection_slopes_fall_and_before_it_they_rise(curve: Curve) -> None:
    turn = float(curve.cells.inflection()[0])
    after = curve.cells.take(np.zeros(50, int)).slope(np.linspace(turn + 1e-6, 6 * curve.half, 50))
    tolerance = 1e-7 * curve.ceiling / curve.half * max(1.0, curve.shape)
    assert (np.diff(after) <= tolerance).all()
    if turn > 1e-3 * curve.half:
        before = curve.cells.take(np.zeros(50, int)).slope(np.linspace(0, turn, 50))
        assert (np.diff(before) >= -tolerance).all()


def test_half_is_where_half_of_the_ceiling_is_reached() -> None:
    assert Curve("a", "k", "hill", 8.0, 3.0, 1.7).value(3.0)[0] == pytest.approx(4.0)


def test_points_are_joined_by_lines_and_flat_at_the_end() -> None:
    assert POINTS.value([0.5, 1.5, 9.0]) == pytest.approx([0.5, 3.0, 7.0])
    assert POINTS.cells.inflection()[0] == 1.0
    assert POINTS.cells.slope(np.array([1.5]))[0] == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"family": "cubic"}, "hill, power"),
        ({"ceiling": -1.0}, "negative"),
        ({"ceiling": np.nan}, "finite"),
        ({"half": 0.0}, "above 0"),
        ({"family": "power", "shape": 1.5}, "at most 1"),
        ({"family": "points"}, "two points"),
        ({"family": "points", "points": ((0.0, 1.0), (2.0, 1.0))}, "does not fall"),
        ({"carry_over": 1.0}, "carry_over"),
    ],
)
def test_what_is_no_rising_finite_curve_is_refused(changes: dict[str, object], words: str) -> None:
    given_values = {"channel": "a", "kpi": "margin", "family": "hill", "ceiling": 1.0} | changes
    with pytest.raises(AllocationError, match=words) as error:
        Curve(**given_values)  # type: ignore[arg-type]
    assert "the curve of a for margin" in str(error.value)
