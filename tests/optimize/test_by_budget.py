"""Plans for several budgets are those that are made one by one, and keep the rules."""

import numpy as np
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize import forecast, plans_by_budget
from scenarios.parts import rules
from tests.optimize.exact import allocate

SCENARIO = make_scenario(4, 3).under(rules.TierShare(name="one", tier=1, most=0.4))
CURVES = make_curves(SCENARIO)
BUDGETS = [part * SCENARIO.budget for part in (0.5, 1.0, 1.5)]


def test_each_budget_has_the_plan_that_is_made_for_it_alone() -> None:
    found = plans_by_budget(SCENARIO, CURVES, BUDGETS)
    assert found is not None
    for point, plan in found.pairs:
        alone = allocate(SCENARIO, CURVES, budget=point.budget, gap=1e-6).objective
        assert plan is not None
        assert point.value == pytest.approx(alone.value, rel=2e-3)
        assert point.value <= alone.upper * (1 + 1e-9)
        assert alone.value <= point.upper * (1 + 1e-6)
        assert forecast(SCENARIO, CURVES, plan)["margin"] <= point.value * (1 + 1e-9)
        assert plan.total <= point.budget * (1 + 1e-6)
        mine = sum(plan.by_channel[c.name] for c in SCENARIO.channels if c.tier == 1)
        assert mine <= 0.4 * plan.total * (1 + 1e-6)


def test_a_budget_that_no_plan_fits_has_none() -> None:
    most = plans_by_budget(SCENARIO, CURVES, BUDGETS)
    assert most is not None
    floor = rules.KpiFloor(name="floor", kpi="margin", at_least=most.frontier.points[1].value * 0.9)
    found = plans_by_budget(SCENARIO.under(*SCENARIO.rules, floor), CURVES, BUDGETS)
    assert found is not None
    assert [plan is None for plan in found.plans] == [True, False, False]
    assert np.isnan(found.frontier.points[0].value)


def test_rules_that_count_months_are_left_to_a_search_of_their_own() -> None:
    flight = rules.FlightLength(name="flight", months_on_end=2)
    assert plans_by_budget(SCENARIO.under(flight), CURVES, BUDGETS) is None
