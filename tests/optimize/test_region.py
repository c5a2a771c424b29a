"""The best step in a region of trust: channels scaled as wholes, towards what brings more."""

import numpy as np
import pytest

from benchmarks.fakes import make_scenario
from optimize import InfeasiblePlan
from optimize.plans.trust_region import best_step, linear_curves
from scenarios.parts import rules

SCENARIO = make_scenario(3, 2)
LEVEL = {"margin": np.array([1000.0, 1000.0])}
SLOPES = {"margin": {"a": 3.0, "b": 1.0, "c": -2.0}}
CURVES = linear_curves(SCENARIO, SCENARIO.reference_plan, SLOPES, LEVEL, {})


def test_money_goes_to_the_edge_of_the_region_and_keeps_its_months() -> None:
    plan = best_step(SCENARIO, CURVES, SCENARIO.reference_plan, 0.2)
    spent = plan.by_channel
    assert spent["a"] == pytest.approx(1.2 * 300)
    assert 0.8 * 300 <= spent["c"] + 1e-6 <= 300
    assert sum(spent.values()) <= 900 * (1 + 1e-9)
    for name in plan.channels:
        assert plan.of(name) == pytest.approx(np.full(2, spent[name] / 2))


def test_rules_hold_in_the_region_too() -> None:
    cap = rules.ChannelBounds(name="cap", channels=("a",), most=310.0)
    plan = best_step(SCENARIO.under(cap), CURVES, SCENARIO.reference_plan, 0.2)
    assert plan.by_channel["a"] == pytest.approx(310.0)
    far = rules.ChannelBounds(name="far", channels=("a",), least=500.0)
    with pytest.raises(InfeasiblePlan, match="far"):
        best_step(SCENARIO.under(far), CURVES, SCENARIO.reference_plan, 0.2)


def test_straight_curves_pass_through_what_the_plan_brings() -> None:
    from optimize import forecast

    assert forecast(SCENARIO, CURVES, SCENARIO.reference_plan)["margin"] == pytest.approx(2000.0)
