"""Weeks of few customers without their noise: nearer to the truth, and no order less."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.calibration.history import History
from experiments.calibration.moments import conversions_of
from experiments.calibration.parameters import parameters_of
from experiments.calibration.problem import Problem
from experiments.calibration.smooth import smoothed
from tests.experiments.company import money
from tests.scenes import base
from tiermix.core.arrays import Floats

CUSTOMERS, MARKETS, ORDERS = 1000, 8, 20.0
BASE = base()
SCALE = CUSTOMERS * MARKETS / BASE.market_size
NOISE = ORDERS * MARKETS / SCALE**2
"""Of a week, by the law of counts."""


def told(conversions: Floats) -> tuple[Problem, History]:
    history = replace(money(3, told=False), conversions=conversions, revenue=50.0 * conversions)
    problem = Problem(BASE, history, parameters_of(BASE, history), (1, 2), CUSTOMERS)
    return problem, history


def truth() -> Floats:
    """A level that moves with the season and the media, in orders of the whole market."""
    flat = np.ones(52)
    columns = conversions_of(BASE, told(flat)[1]).basis
    moved = columns @ np.linspace(1.0, 0.3, columns.shape[1])
    people = BASE.market_size / CUSTOMERS
    return np.asarray(ORDERS * people * (1.0 + moved / np.abs(moved).max() / 2.0))


def simulated(real: Floats, seed: int) -> Floats:
    """The mean of some markets of a thousand customers, by the law of counts."""
    return np.random.default_rng(seed).poisson(real * SCALE) / SCALE


def off(one: Floats, other: Floats) -> float:
    return float(np.linalg.norm(one - other))


def test_weeks_come_nearer_to_the_truth_and_all_orders_stay() -> None:
    real = truth()
    nearer, lefts = [], []
    for seed in range(20):
        problem, _ = told(seen := simulated(real, seed))
        answer, left = smoothed(problem, told(seen)[1], NOISE)
        nearer.append(off(answer.conversions, real) / off(seen, real))
        lefts.append(left)
        assert answer.conversions.sum() == pytest.approx(seen.sum())
        assert answer.revenue.sum() == pytest.approx(50.0 * seen.sum())
    assert np.mean(nearer) < 0.7
    # What is said to be left of the noise is what is left of it.
    assert np.mean(nearer) == pytest.approx(np.mean(lefts), rel=0.2)


def test_what_no_column_has_is_kept_where_it_is_no_noise() -> None:
    real = truth()
    real[20] *= 4.0
    problem, history = told(simulated(real, 1))
    answer, left = smoothed(problem, history, NOISE)
    assert answer.conversions[20] > 0.75 * real[20]
    assert left > 0.7


def test_markets_without_an_order_stay_without_one() -> None:
    problem, history = told(np.zeros(52) + 1e-300)
    none = replace(history, conversions=np.zeros(52), revenue=np.zeros(52))
    assert not smoothed(problem, none, NOISE)[0].conversions.any()
