"""Objectives as weighted sums, with spend among them: as good as the KPI that they spell out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize import AllocationError, dial, frontier
from optimize.model.response_model import ResponseModel
from optimize.problem.needed_kpis import needed_kpis
from optimize.problem.task import make_task
from scenarios.parts import rules
from scenarios.parts.rules import Rule
from tests.optimize.exact import allocate
from tests.optimize.peer import best_of

SCENARIO = make_scenario(4, 3)
CURVES = make_curves(SCENARIO, seed=5)
NET = {"margin": 1.0, "spend": -1.0}
DEAR = {"margin": 1.0, "spend": -2.0}


@pytest.mark.parametrize("wide", [1.0, 30.0])
def test_margin_less_spend_is_profit(wide: float) -> None:
    """With a budget that binds, and with one that does not."""
    spelled = allocate(SCENARIO, CURVES, objective=NET, budget=900.0 * wide)
    named = allocate(SCENARIO, CURVES, objective="profit", budget=900.0 * wide)
    assert spelled.objective.value == pytest.approx(named.objective.value)
    assert spelled.objective.value == pytest.approx(spelled.kpis["profit"])
    assert spelled.media.amounts == pytest.approx(named.media.amounts, abs=1e-3)
    assert spelled.objective.name == "margin - spend"
    assert spelled.objective.gap <= 1e-4
    assert [p.price for p in spelled.shadow_prices] == pytest.approx(
        [p.price for p in named.shadow_prices]
    )
    assert all("¥" in p.words for p in spelled.shadow_prices if p.binds)


@pytest.mark.parametrize("weights", [NET, DEAR, {"new_customers": 30.0, "spend": -0.5}])
def test_no_peer_beats_the_bound_of_a_sum_with_spend(weights: Mapping[str, float]) -> None:
    made = allocate(SCENARIO, CURVES, objective=weights).objective
    task = make_task(ResponseModel(SCENARIO, CURVES), budget=None, objective=weights)
    peer, _ = best_of(task, 4)
    assert peer <= made.upper + 1e-6 * abs(made.upper)
    assert made.value >= peer - 1.1e-4 * abs(made.upper)


def _value(rule: Rule, weights: Mapping[str, float]) -> float:
    made = allocate(SCENARIO.under(rule), CURVES, objective=weights, gap=1e-7, explain=False)
    return made.objective.value


@pytest.mark.parametrize("weights", [NET, {"margin": 1.0, "new_customers": 10.0, "spend": -0.7}])
def test_prices_of_a_sum_with_spend_are_finite_differences(weights: Mapping[str, float]) -> None:
    def money(amount: float) -> Rule:
        return rules.Budget(name="r", amount=amount)

    def cap(most: float) -> Rule:
        return rules.ChannelBounds(name="r", channels=("a",), most=most)

    for make, number in ((money, 700.0), (cap, 90.0)):
        plan = allocate(SCENARIO.under(make(number)), CURVES, objective=weights)
        (price,) = (p for p in plan.shadow_prices if p.rule == "r")
        step = 0.002 * number
        moved = (_value(make(number + step), weights) - _value(make(number - step), weights)) / (
            2 * step
        )
        assert price.binds
        assert price.price == pytest.approx(moved, rel=0.01)


def test_a_frontier_and_a_sensitivity_carry_a_sum_with_spend() -> None:
    net = frontier(SCENARIO, CURVES, budgets=[600.0, 900.0], objective=NET)
    profit = frontier(SCENARIO, CURVES, budgets=[600.0, 900.0], objective="profit")
    assert [p.value for p in net.points] == pytest.approx([p.value for p in profit.points])
    capped = SCENARIO.under(rules.ChannelBounds(name="cap", channels=("a",), most=90.0))
    turned = dial(capped, CURVES, "cap", [60.0, 90.0], objective=NET)
    alone = allocate(capped, CURVES, objective=NET).objective
    assert turned.points[1].value == pytest.approx(alone.value, rel=1e-4)


def test_rules_on_profit_need_no_curves_of_its_own() -> None:
    """Profit is margin less spend, as it is where it is the objective."""
    best = allocate(SCENARIO, CURVES, objective="profit").kpis["profit"]
    floor = rules.KpiFloor(name="floor", kpi="profit", at_least=0.995 * best)
    held = SCENARIO.under(floor)
    plan = allocate(held, CURVES, objective="new_customers")
    assert plan.kpis["profit"] >= 0.995 * best * (1 - 1e-9)
    assert "margin" in needed_kpis(held, "new_customers")
    assert "profit" not in needed_kpis(held, "new_customers")


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({}, "weighs nothing"),
        ({"margin": 1.0, "spend": np.nan}, "give a number"),
        ({"profit": 1.0, "margin": -1.0, "spend": 1.0}, "weighs nothing"),
        ({"goals": 1.0}, "not a KPI"),
    ],
)
def test_sums_that_mean_nothing_are_refused(weights: Mapping[str, float], words: str) -> None:
    with pytest.raises(AllocationError, match=words):
        allocate(SCENARIO, CURVES, objective=weights)
