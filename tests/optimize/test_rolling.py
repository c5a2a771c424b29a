"""Planning again: what has happened stays and carries over, ramps start from it, jumps cost."""

import numpy as np
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize import AllocationError, replan
from optimize import allocate as calm_plan
from optimize.model.response_model import ResponseModel
from scenarios import MediaPlan
from scenarios.parts import rules
from tests.optimize.exact import allocate

SCENARIO = make_scenario(3, 4, budget=1200.0)
CURVES = make_curves(SCENARIO, carry_over=0.4)
PLAN = allocate(SCENARIO, CURVES)


def spent(factor: float) -> MediaPlan:
    """The plan, of which the first two months turned out otherwise."""
    amounts = PLAN.media.amounts.copy()
    amounts[:, :2] *= factor
    return MediaPlan(PLAN.media.channels, PLAN.media.months, amounts)


def test_with_months_as_planned_the_rest_stays_as_it_was() -> None:
    again = replan(SCENARIO, CURVES, PLAN.media, PLAN.media, passed=2)
    assert again.objective.value == pytest.approx(PLAN.objective.value, rel=1e-4)
    assert again.media.amounts[:, :2] == pytest.approx(PLAN.media.amounts[:, :2])


def test_money_left_over_is_spent_later_and_carry_over_is_known() -> None:
    actual = spent(0.5)
    again = replan(SCENARIO, CURVES, PLAN.media, actual, passed=2)
    assert again.media.amounts[:, :2] == pytest.approx(actual.amounts[:, :2])
    assert again.media.total == pytest.approx(1200.0)
    response_model = ResponseModel(SCENARIO, CURVES)
    assert again.kpis["margin"] == pytest.approx(
        response_model.kpi("margin", again.media.amounts)[:-1].sum()
    )
    # A rest of the year scaled by hand is no better.
    rest = actual.amounts.copy()
    rest[:, 2:] *= (1200 - rest[:, :2].sum()) / rest[:, 2:].sum()
    assert response_model.kpi("margin", rest).sum() <= again.objective.upper * (1 + 1e-9)


def test_ramps_start_from_what_was_spent_and_do_not_judge_the_past() -> None:
    ramp = rules.Ramp(name="ramp", up=0.2)
    amounts = PLAN.media.amounts.copy()
    amounts[:, 0], amounts[:, 1] = 10.0, 60.0  # a jump that the ramp would have forbidden
    actual = MediaPlan(PLAN.media.channels, PLAN.media.months, amounts)
    again = replan(SCENARIO.under(ramp), CURVES, PLAN.media, actual, passed=2).media.amounts
    assert (again[:, 2] <= 1.2 * 60 * (1 + 1e-9)).all()
    assert (again[:, 3] <= 1.2 * again[:, 2] * (1 + 1e-9) + 1e-9).all()


def test_a_floor_in_a_month_that_is_over_is_no_reason_for_no_plan() -> None:
    floor = rules.KpiFloor(name="floor", kpi="margin", at_least=1e6, period="2026-01")
    actual = spent(0.5)
    assert replan(SCENARIO.under(floor), CURVES, PLAN.media, actual, passed=2).gap <= 1e-4


def test_stability_keeps_the_plan_where_it_was_and_half_of_it_lies_between() -> None:
    actual = spent(0.7)

    def moved(stability: float) -> float:
        again = replan(SCENARIO, CURVES, PLAN.media, actual, passed=2, stability=stability)
        return float(np.abs(again.media.amounts - PLAN.media.amounts)[:, 2:].sum())

    free, some, fixed = moved(0.0), moved(0.5 * PLAN.shadow_prices[0].price), moved(100.0)
    assert fixed == pytest.approx(0.0, abs=1e-3)
    assert fixed <= some <= free * (1 + 1e-6)
    assert free > 100.0


def test_months_that_cannot_have_passed_are_refused() -> None:
    with pytest.raises(AllocationError, match="fewer than 4 months"):
        replan(SCENARIO, CURVES, PLAN.media, PLAN.media, passed=4)


def test_months_that_have_passed_are_as_they_were_whatever_rules_say_of_running() -> None:
    amounts = PLAN.media.amounts.copy()
    amounts[:, 0], amounts[:, 1] = [0.0, 33.0, 1e-5], [70.0, 7.0, 100.0]
    actual = MediaPlan(PLAN.media.channels, PLAN.media.months, amounts)
    scenario = SCENARIO.under(
        rules.MinimumToWork(name="least", amount=40.0),
        rules.MoneySteps(name="steps", step=30.0),
        rules.FlightLength(name="flight", channels=("a",), months_on_end=3),
        rules.LiveChannels(name="few", most=2),
    )
    again = replan(scenario, CURVES, PLAN.media, actual, passed=2).media.amounts
    assert again[:, :2] == pytest.approx(amounts[:, :2], abs=1e-4)
    rest = again[:, 2:]
    assert ((rest < 1e-6) | (rest >= 40.0 - 1e-6)).all()
    assert rest / 30.0 == pytest.approx(np.round(rest / 30.0), abs=1e-6)
    assert (rest[0] > 1.0).all()  # it began in the second month, and goes on
    assert ((rest > 1.0).sum(axis=0) <= 2).all()


@pytest.mark.parametrize("passed", [1, 2, 3])
def test_a_calm_plan_that_is_followed_stays_to_the_last_cent(passed: int) -> None:
    plan = calm_plan(SCENARIO, CURVES).media
    again = replan(SCENARIO, CURVES, plan, plan, passed=passed)
    assert again.media == plan
    assert 0 <= again.objective.loss <= 1e-3


def test_a_signed_plan_that_breaks_a_rule_does_not_stay() -> None:
    cap = rules.ChannelBounds(name="cap", channels=("a",), period="2026-04", most=1.0)
    again = replan(SCENARIO.under(cap), CURVES, PLAN.media, PLAN.media, passed=2)
    assert again.media.of("a")[3] <= 1.0 + 1e-6


@pytest.mark.parametrize("factor", [0.0, 0.3, 1.4])
def test_calm_plans_come_from_any_months_that_have_passed(factor: float) -> None:
    """Money that passed months had beyond what rules allow for a month is no reason for none."""
    again = replan(SCENARIO, CURVES, PLAN.media, spent(factor), passed=2, stability=0.1)
    assert again.media.amounts[:, :2] == pytest.approx(spent(factor).amounts[:, :2])
