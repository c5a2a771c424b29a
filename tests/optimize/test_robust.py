"""Robust plans: CVaR as it is defined, better in bad draws, certified, floors kept in bad draws."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize import AllocationError, ResponseCurves, Robust
from optimize.model.response_model import ResponseModel
from optimize.model.robust import Bundle, worst
from scenarios.parts import rules
from tests.optimize.exact import allocate

SCENARIO = make_scenario(4, 2)


def doubtful(seed: int = 0, draws: int = 20) -> ResponseCurves:
    """Curves of which the first channel's is hardly known."""
    luck = np.random.default_rng(seed)
    curves = []
    for curve in make_curves(SCENARIO).curves:
        spread = 0.6 if curve.channel == "a" else 0.05
        ceiling = curve.ceiling * np.exp(spread * luck.normal(size=draws) - spread**2 / 2)
        parameters = [ceiling, np.full(draws, curve.half), np.full(draws, curve.shape)]
        curves.append(replace(curve, draws=np.column_stack(parameters)))
    return ResponseCurves(tuple(curves), SCENARIO.months)


CURVES = doubtful()
CAUTIOUS = Robust(weight=0.9, tail=0.8, draws=20)


def test_cvar_is_the_mean_of_the_worst_draws() -> None:
    assert worst(np.arange(10.0), 0.8) == pytest.approx(0.5)
    assert worst(np.arange(10.0), 0.75) == pytest.approx((0 + 1 + 0.5 * 2) / 2.5)
    assert worst(np.arange(10.0), 0.0) == pytest.approx(4.5)


def test_a_robust_plan_gives_up_some_mean_for_better_bad_draws() -> None:
    plan = allocate(SCENARIO, CURVES, robust=CAUTIOUS)
    plain = allocate(SCENARIO, CURVES)
    assert plan.media.by_channel["a"] < plain.media.by_channel["a"]
    assert plan.robustness["price"] > 0
    assert plan.robustness["gain"] > 0
    assert plan.gap <= 1e-3


def test_its_value_is_the_robust_objective_on_the_true_draws() -> None:
    plan = allocate(SCENARIO, CURVES, robust=CAUTIOUS)
    response_model = ResponseModel(SCENARIO, CURVES)
    outcomes = Bundle(response_model, 20).outcomes(
        (("margin", (1.0, 1.0, 1.0)),), response_model.spend_of(plan.media)
    )
    value = 0.1 * outcomes.mean() + 0.9 * worst(outcomes, 0.8)
    assert plan.objective.value == pytest.approx(value)
    assert plan.objective.lower <= value * (1 + 1e-9) <= plan.objective.upper * (1 + 2e-9)


def test_no_random_plan_is_better_than_the_upper_bound() -> None:
    upper = allocate(SCENARIO, CURVES, robust=CAUTIOUS).objective.upper
    bundle, luck = Bundle(ResponseModel(SCENARIO, CURVES), 20), np.random.default_rng(1)
    for _ in range(200):
        spend = 900 * luck.dirichlet(np.ones(8)).reshape(4, 2)
        outcomes = bundle.outcomes((("margin", (1.0, 1.0, 1.0)),), spend)
        assert 0.1 * outcomes.mean() + 0.9 * worst(outcomes, 0.8) <= upper


def test_without_weight_on_bad_draws_it_is_the_plan_for_the_mean() -> None:
    plan = allocate(SCENARIO, CURVES, robust=Robust(weight=0.0, draws=20))
    assert plan.objective.value == pytest.approx(plan.robustness["mean"])
    assert plan.robustness["price"] <= 1e-3 * plan.robustness["mean"]


def test_a_floor_with_a_probability_holds_in_the_bad_draws() -> None:
    response_model = ResponseModel(SCENARIO, CURVES)
    plain = allocate(SCENARIO, CURVES, robust=CAUTIOUS)
    year = (("new_customers", (1.0, 1.0, 0.0)),)
    bad = worst(
        Bundle(response_model, 20).outcomes(year, response_model.spend_of(plain.media)), 0.8
    )
    floor = rules.KpiFloor(name="floor", kpi="new_customers", at_least=1.01 * bad, probability=0.8)
    plan = allocate(SCENARIO.under(floor), CURVES, robust=CAUTIOUS)
    kept = worst(
        Bundle(response_model, 20).outcomes(year, response_model.spend_of(plan.media)), 0.8
    )
    assert kept >= 1.01 * bad * (1 - 1e-6)
    with pytest.raises(AllocationError, match="plan with `robust`"):
        allocate(SCENARIO.under(floor), CURVES)


def test_curves_without_draws_or_senseless_weights_are_refused() -> None:
    with pytest.raises(AllocationError, match="draws"):
        allocate(SCENARIO, make_curves(SCENARIO), robust=True)
    with pytest.raises(AllocationError, match="shares"):
        Robust(weight=1.5)
