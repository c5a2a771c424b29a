"""How much to spend: by profit, by the last unit's return, by the return on all money."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import (
    AllocationError,
    Curve,
    ResponseCurves,
    frontier,
    marginal_roi,
    with_target_roi,
)
from optimize import allocate as calm_plan
from scenarios import load_scenario
from tests.optimize.exact import allocate

CEILINGS, HALVES = (900.0, 500.0, 260.0), (60.0, 40.0, 90.0)


@pytest.fixture
def market() -> FakeScenario:
    return make_scenario(channels=3, months=4, budget=6000.0)


@pytest.fixture
def curves(market: FakeScenario) -> ResponseCurves:
    """A x / (h + x) a month, whose slope A h / (h + x)² says what each amount is worth."""
    made = [
        Curve(name, "margin", "hill", ceiling, half, 1.0)
        for name, ceiling, half in zip(market.plannable, CEILINGS, HALVES, strict=True)
    ]
    return ResponseCurves(tuple(made), market.months)


def best_budget(months: int, returns: float) -> float:
    """Money until the last unit returns so much, channel by channel."""
    amounts = [
        max((a * h / returns) ** 0.5 - h, 0.0) for a, h in zip(CEILINGS, HALVES, strict=True)
    ]
    return months * sum(amounts)


def test_profit_spends_until_the_last_unit_returns_what_it_costs(
    market: FakeScenario, curves: ResponseCurves
) -> None:
    known = best_budget(4, 1.0)
    assert known < 0.5 * market.budget
    plan = allocate(market, curves, objective="profit")
    assert plan.media.total == pytest.approx(known, rel=0.02)
    assert plan.kpis["profit"] == pytest.approx(plan.kpis["margin"] - plan.media.total)
    # The calm plan stays within what it may give up, and near the best budget too.
    calm = calm_plan(market, curves, objective="profit")
    assert calm.media.total == pytest.approx(known, rel=0.05)
    spent = allocate(market, curves, objective="margin").media.total
    assert spent == pytest.approx(market.budget)


@pytest.mark.parametrize("asked", [-0.5, 0.0, 0.4, 2.0])
def test_the_last_unit_returns_what_was_asked(
    market: FakeScenario, curves: ResponseCurves, asked: float
) -> None:
    plan = allocate(market, curves, objective=marginal_roi(asked))
    assert plan.media.total == pytest.approx(best_budget(4, 1 + asked), rel=0.02)


def test_the_budget_of_most_profit_is_where_the_frontier_ends_to_pay(
    market: FakeScenario, curves: ResponseCurves
) -> None:
    known = best_budget(4, 1.0)
    by_margin = frontier(
        market, curves, budgets=np.linspace(0.5, 1.5, 9) * known, objective="margin"
    )
    by_profit = frontier(
        market, curves, budgets=np.linspace(0.5, 1.5, 9) * known, objective="profit"
    )
    assert by_margin.pays_until == pytest.approx(known, rel=0.03)
    assert by_profit.pays_until == pytest.approx(known, rel=0.13)
    assert by_profit.points[-1].value == pytest.approx(by_profit.points[4].value, rel=1e-3)


def test_a_target_return_is_reached_and_no_more_than_that() -> None:
    scenario = load_scenario("retail").model_copy(update={"rules": ()})
    made = [
        Curve(name, "margin", "hill", 0.4 * money, money / 12, 0.9)
        for name, money in scenario.reference_plan.by_channel.items()
    ]
    curves = ResponseCurves(tuple(made), scenario.months)
    for asked in (1.5, 1.8):
        question = with_target_roi(scenario, asked)
        plan = allocate(question, curves, explain=False)
        assert plan.kpis["roi"] == pytest.approx(asked, rel=1e-3)
        assert plan.media.total < scenario.budget
    twice = with_target_roi(question, 1.0)
    assert [rule.name for rule in twice.rules] == ["target ROI", "target ROI 2"]


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_a_return_that_nothing_has_is_refused(wrong: float) -> None:
    with pytest.raises(AllocationError, match="above −1"):
        marginal_roi(wrong)
    with pytest.raises(AllocationError, match="above −1"):
        with_target_roi(load_scenario("retail"), wrong)


def test_a_profit_of_next_to_nothing_is_measured_against_the_money(
    market: FakeScenario,
) -> None:
    """Relative to itself no gap would ever be small enough."""
    poor = [
        Curve(name, "margin", "hill", 2.0 * half, half, 1.0)
        for name, half in zip(market.plannable, (500.0, 400.0, 300.0), strict=True)
    ]
    curves = ResponseCurves(tuple(poor), market.months)
    plan = allocate(market, curves, objective="profit")
    assert plan.status == "optimal"
    assert plan.gap <= 1e-4


def test_what_channels_do_not_use_is_told(market: FakeScenario, curves: ResponseCurves) -> None:
    year = market.last_year.by_channel["a"]
    capped = replace(curves, usage={"a": ((year, 0.9 * year), (2 * year, year))})
    assert capped.spent_of("a", 0.5 * year) == pytest.approx(0.45 * year)
    assert capped.spent_of("a", 1.5 * year) == pytest.approx(0.95 * year)
    assert capped.spent_of("a", 3 * year) == pytest.approx(1.1 * year)
    assert capped.spent_of("b", year) == year
    plan = calm_plan(market, capped, objective="margin")
    money = plan.media.by_channel["a"]
    assert plan.unused == {"a": pytest.approx(money - capped.spent_of("a", money))}
    assert plan.to_dict()["unused"] == [{"channel": "a", "amount": plan.unused["a"]}]
    assert calm_plan(market, curves, objective="margin").unused == {}


def test_the_error_of_the_level_is_part_of_the_forecast(
    market: FakeScenario, curves: ResponseCurves
) -> None:
    drawn = tuple(
        replace(c, draws=np.tile([c.ceiling, c.half, c.shape], (40, 1))) for c in curves.curves
    )
    sure = replace(curves, curves=drawn)
    unsure = replace(sure, level_error={"margin": 50.0})
    narrow, wide = (calm_plan(market, c, objective="margin") for c in (sure, unsure))
    low, high = narrow.intervals["margin"]
    assert high - low == pytest.approx(0.0, abs=1e-6)
    low, high = wide.intervals["margin"]
    assert high - low == pytest.approx(2 * 1.645 * 50.0, rel=0.08)
    assert low < wide.kpis["margin"] < high
    for end, other in zip(wide.intervals["profit"], (low, high), strict=True):
        assert end == pytest.approx(other - wide.media.total)


def test_a_ratio_to_what_may_be_nothing_has_no_interval(market: FakeScenario) -> None:
    made = make_curves(market, seed=1)
    drawn = [replace(c, draws=np.tile([c.ceiling, c.half, c.shape], (40, 1))) for c in made.curves]
    unsure = replace(made, curves=tuple(drawn), level_error={"new_customers": 1e6})
    plan = calm_plan(market, unsure, objective="margin")
    assert "cac" in plan.kpis
    assert "cac" not in plan.intervals
    assert "margin" in plan.intervals
