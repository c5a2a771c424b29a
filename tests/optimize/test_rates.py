"""Prices that rise with spend: plans pay them, certificates hold, and what falls is refused."""

import numpy as np
import pytest

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import AllocationError, Curve, InfeasiblePlan, ResponseCurves, forecast, weekly
from optimize.model.price_cards import Card
from optimize.model.response_model import ResponseModel
from optimize.problem.task import make_task
from scenarios import MediaPlan
from scenarios.parts import rules
from tests.optimize.exact import allocate
from tests.optimize.peer import best_of
from tiermix.core.arrays import Floats


def carded(*channels: str, factor: float = 2.0, above: float = 50.0) -> rules.SpendPrice:
    return rules.SpendPrice(
        name="card", channels=channels, above=(above, 3 * above), factor=(factor, 2 * factor)
    )


def test_money_above_each_step_buys_less() -> None:
    card = Card(np.array([50.0, 150.0]), np.array([1.0, 0.5, 0.25]))
    spend, month = np.array([40.0, 50.0, 90.0, 250.0]), np.ones(4)
    assert card.volume(spend, month) == pytest.approx([40, 50, 70, 50 + 50 + 25])
    assert card.slope(spend, month) == pytest.approx([1, 0.5, 0.5, 0.25])
    assert card.volume(spend / 4, month / 4) == pytest.approx(card.volume(spend, month) / 4)


def test_a_channel_stops_at_the_step_where_the_next_unit_no_longer_pays() -> None:
    scenario = make_scenario(1, 1, budget=1000.0).under(carded("a"))
    curve = ResponseCurves((Curve("a", "margin", "hill", 400.0, 100.0, 1.0),), scenario.months)
    plan = allocate(scenario, curve, objective="profit")
    # ceiling · half / (half + 50)² is 1.78 for a unit of volume, and 0.89 at twice the price.
    assert plan.media.total == pytest.approx(50.0, rel=1e-3)
    assert plan.objective.value == pytest.approx(400 * 50 / 150 - 50, rel=1e-4)


def by_hand(curves: ResponseCurves, spend: Floats) -> float:
    """Margin of two channels in one month, of which `a` has the card."""
    a = min(spend[0], 50) + min(max(spend[0] - 50, 0), 100) / 2 + max(spend[0] - 150, 0) / 4
    return sum(
        float(curve.value(x)[0]) for curve, x in zip(curves.curves, (a, spend[1]), strict=True)
    )


def test_no_point_of_a_dense_grid_is_better() -> None:
    scenario = make_scenario(2, 1, budget=300.0).under(carded("a"))
    curves = make_curves(scenario, seed=2, kpis=("margin",))
    plan = allocate(scenario, curves, gap=1e-6)
    best = max(by_hand(curves, np.array([x, 300 - x])) for x in np.linspace(0, 300, 6001))
    assert plan.objective.value == pytest.approx(by_hand(curves, plan.media.amounts[:, 0]))
    assert best <= plan.objective.upper * (1 + 1e-9)
    assert plan.objective.value >= best * (1 - 1e-6)
    assert plan.media.of("a").sum() < allocate(scenario.under(), curves).media.of("a").sum()


@pytest.mark.parametrize("seed", range(3))
def test_no_peer_beats_the_bound_with_carry_over_between_months(seed: int) -> None:
    scenario = make_scenario(3, 3).under(carded("a", "b", factor=1.3))
    curves = make_curves(scenario, seed=seed, carry_over=0.9, carry_per="day")
    plan = allocate(scenario, curves)
    response_model = ResponseModel(scenario, curves)
    task = make_task(response_model, budget=None, objective=None)
    peer, _ = best_of(task, 2, seed)
    assert plan.gap <= 1e-4
    assert plan.objective.value == pytest.approx(task.value(response_model.spend_of(plan.media)))
    assert peer <= plan.objective.upper * (1 + 1e-6)
    assert plan.objective.lower <= plan.objective.value * (1 + 1e-9)


def test_the_slope_of_the_true_curves_knows_the_card() -> None:
    scenario = make_scenario(2, 2).under(carded("a", factor=1.5))
    response_model = ResponseModel(scenario, make_curves(scenario, carry_over=0.3))
    spend, months = np.array([[40.0, 90.0], [60.0, 170.0]]), np.ones(3)
    slope = response_model.slope(response_model.effects["margin"], spend, months)
    for c, m in np.ndindex(2, 2):
        step = np.zeros((2, 2))
        step[c, m] = 1e-4
        change = response_model.kpi("margin", spend + step) - response_model.kpi(
            "margin", spend - step
        )
        assert slope[c, m] == pytest.approx(change.sum() / 2e-4, rel=1e-4)


def test_what_a_dearer_card_takes_is_a_finite_difference() -> None:
    scenario = make_scenario(2, 1, budget=300.0)
    curves = make_curves(scenario, seed=2, kpis=("margin",))

    def under(factor: float) -> FakeScenario:
        card = rules.SpendPrice(name="card", channels=("a",), above=(50.0,), factor=(factor,))
        return scenario.under(card)

    (price,) = (p for p in allocate(under(1.5), curves).shadow_prices if p.rule == "card")
    low, high = (allocate(under(f), curves, gap=1e-8).objective.value for f in (1.49, 1.51))
    assert price.price < 0
    assert price.price == pytest.approx((high - low) / 2, rel=0.02)


def test_a_card_is_part_of_the_conflict_that_it_makes() -> None:
    scenario = make_scenario(2, 1, budget=300.0)
    curves = make_curves(scenario, seed=2, kpis=("margin",))
    card = carded("a", "b")
    dear, cheap = (
        allocate(scenario.under(*given), curves).objective.value for given in ((card,), ())
    )
    floor = rules.KpiFloor(name="floor", kpi="margin", at_least=0.5 * (dear + cheap))
    with pytest.raises(InfeasiblePlan) as refused:
        allocate(scenario.under(card, floor), curves)
    assert set(refused.value.conflict) == {"budget", "card", "floor"}
    assert refused.value.relaxation


def test_where_less_is_wanted_dear_money_is_no_way_to_buy_less() -> None:
    card = carded("a", "b", above=40.0)
    cap = rules.Capacity(name="desk", kpi="leads", at_most=1e9)
    spent = rules.Budget(name="all of it", sense="exactly")
    free = make_scenario(2, 1, budget=200.0)
    curves = make_curves(free, seed=3, kpis=("margin", "leads"))
    response_model = ResponseModel(free.under(card), curves)
    grid = [np.array([[x], [200 - x]]) for x in np.linspace(0, 200, 401)]
    leads = np.array([response_model.kpi("leads", s)[0] for s in grid])
    level = float(np.quantile(leads, 0.3))
    tight = cap.model_copy(update={"at_most": level})
    plan = allocate(free.under(card, tight, spent), curves)
    assert response_model.kpi("leads", plan.media.amounts)[0] <= level * (1 + 1e-6)
    best = max(
        float(response_model.kpi("margin", s)[0])
        for s, y in zip(grid, leads, strict=True)
        if y <= level
    )
    assert best <= plan.objective.upper * (1 + 1e-9)
    assert plan.objective.value >= best * (1 - 2e-3)


def test_weeks_have_steps_of_their_own_length() -> None:
    scenario = make_scenario(2, 2).under(carded("a"))
    curves = make_curves(scenario)
    plan = MediaPlan(scenario.plannable, scenario.months, [[120.0, 30.0], [80.0, 90.0]])
    assert forecast(*weekly(scenario, curves), plan) == pytest.approx(
        forecast(scenario, curves, plan)
    )
    month, week = allocate(scenario, curves), allocate(*weekly(scenario, curves))
    assert week.objective.value == pytest.approx(month.objective.value, rel=2e-4)


def test_prices_that_fall_and_two_cards_are_refused() -> None:
    scenario = make_scenario(2, 1)
    curves = make_curves(scenario)
    with pytest.raises(AllocationError, match="fall below"):
        allocate(scenario.under(carded("a", factor=0.8)), curves)
    other = rules.SpendPrice(name="other", above=(5.0,), factor=(2.0,))
    with pytest.raises(AllocationError, match="two price cards"):
        allocate(scenario.under(carded("a"), other), curves)
