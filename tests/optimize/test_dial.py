"""A dial over a rule's number is what plans made one by one say, and its marginal their slope."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.fakes import FakeChannel, FakeScenario, make_curves, make_scenario
from optimize import AllocationError, dial, frontier
from scenarios import MediaPlan
from scenarios.parts import rules
from scenarios.parts.goals import Goal
from scenarios.parts.rules import Rule
from tests.optimize.exact import allocate

SCENARIO = make_scenario(4, 2)
CURVES = make_curves(SCENARIO)
BEST = allocate(SCENARIO, CURVES)
CAC = 900 / BEST.kpis["new_customers"]

CASES: dict[str, tuple[Rule, str, list[float]]] = {
    "cap": (rules.CacCap(name="r", cap=CAC), "cap", [0.85 * CAC, 0.9 * CAC, 0.95 * CAC]),
    "share": (rules.TierShare(name="r", tier=1, least=0.1, most=0.9), "most", [0.1, 0.2, 0.3]),
    "fund": (rules.TestFund(name="r", share=0.1), "share", [0.5, 0.6, 0.7]),
    "floor": (
        rules.KpiFloor(name="r", kpi="new_customers", at_least=1.0),
        "at_least",
        [x * BEST.kpis["new_customers"] for x in (1.005, 1.01, 1.02)],
    ),
    "ramp": (rules.Ramp(name="r", up=0.5, from_last_year=True), "up", [0.05, 0.1, 0.2]),
}


@pytest.mark.parametrize("case", list(CASES))
def test_points_and_marginals_are_those_of_single_plans(case: str) -> None:
    rule, name, numbers = CASES[case]
    found = dial(SCENARIO.under(rule), CURVES, "r", numbers, number=name, gap=1e-6)

    def value(number: float) -> float:
        turned = rule.model_copy(update={name: number})
        return allocate(SCENARIO.under(turned), CURVES, gap=1e-7, explain=False).objective.value

    assert found.gap <= 1e-6
    for point in found.points:
        alone = value(point.number)
        assert point.value == pytest.approx(alone, rel=2e-6)
        assert alone <= point.upper * (1 + 1e-6)
    middle = found.points[1]
    step = 2e-3 * middle.number
    slope = (value(middle.number + step) - value(middle.number - step)) / (2 * step)
    assert middle.marginal == pytest.approx(slope, rel=0.02)


def test_a_dial_reads_by_the_rule_and_tells_numbers_that_cannot_be() -> None:
    cap = rules.CacCap(name="CAC cap", cap=CAC)
    found = dial(SCENARIO.under(cap), CURVES, "CAC cap", [0.01 * CAC, CAC])
    assert [p.status for p in found.points] == ["optimal", "optimal"]
    assert found.points[0].value < 0.2 * found.points[1].value
    spend = rules.Budget(name="spend", amount=800.0, sense="at_least")
    tight = dial(SCENARIO.under(cap, spend), CURVES, "CAC cap", [0.01 * CAC, CAC])
    assert [p.status for p in tight.points] == ["infeasible", "optimal"]
    assert "CAC cap: cap" in repr(tight)


def test_goals_that_are_rules_can_be_turned() -> None:
    goal = Goal(name="cheap", kpi="cac", level=0.95 * CAC, as_rule=True)
    found = dial(SCENARIO.under(goals=(goal,)), CURVES, "cheap", [0.9 * CAC, 0.95 * CAC])
    assert found.points[0].value < found.points[1].value


def test_rules_without_such_a_number_are_refused() -> None:
    tier = rules.TierShare(name="r", tier=1, least=0.1, most=0.9)
    with pytest.raises(AllocationError, match="no rule called 'x'"):
        dial(SCENARIO.under(tier), CURVES, "x", [1.0])
    with pytest.raises(AllocationError, match="say which: least, most"):
        dial(SCENARIO.under(tier), CURVES, "r", [0.5])
    with pytest.raises(AllocationError, match="cannot have least 2"):
        dial(SCENARIO.under(tier), CURVES, "r", [2.0], number="least")


def test_a_frontier_counts_the_money_of_channels_that_are_not_planned() -> None:
    fixed = FakeChannel("z", plannable=False)
    last = MediaPlan(
        (*SCENARIO.plannable, "z"),
        SCENARIO.last_year.months,
        np.vstack([SCENARIO.last_year.amounts, [[50.0, 50.0]]]),
    )
    scenario: FakeScenario = replace(
        SCENARIO, channels=(*SCENARIO.channels, fixed), last_year=last, budget=1000.0
    )
    for point in frontier(scenario, CURVES, budgets=[600.0, 1000.0]).points:
        alone = allocate(scenario, CURVES, budget=point.budget, gap=1e-6).objective
        assert point.value == pytest.approx(alone.value, rel=2e-4)
