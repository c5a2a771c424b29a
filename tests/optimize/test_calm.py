"""Calm plans: nearly the best, steady from month to month, round, every rule kept."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import AllocationError, Calm, Plan, ResponseCurves, allocate, replan
from optimize.model.response_model import ResponseModel
from optimize.plans import rounding
from optimize.plans.calm import season
from optimize.problem.kept import broken_rules
from optimize.problem.task import Task, make_task
from scenarios import MediaPlan
from scenarios.parts import rules
from tests.optimize import exact
from tiermix.core.arrays import Floats

LASTING = {"carry_over": 0.985, "carry_per": "day"}
"""Months nearly stand in for one another: where programs land on corners."""
BUDGET = 12_000_000.0


@cache
def instance(seed: int = 0, months: int = 8) -> tuple[FakeScenario, ResponseCurves]:
    """Four channels whose months are worth different amounts, by luck."""
    scenario = make_scenario(4, months, BUDGET)
    curves = make_curves(scenario, seed=seed, **LASTING)
    luck = np.random.default_rng(seed)
    worth = dict(zip(scenario.months, luck.uniform(0.8, 1.2, months), strict=True))
    by_month = [
        replace(curve, month=month, ceiling=curve.ceiling * factor)
        for curve in curves.curves
        for month, factor in worth.items()
    ]
    return scenario, replace(curves, curves=tuple(by_month))


@cache
def best_of(seed: int = 0) -> Plan:
    return exact.allocate(*instance(seed))


@cache
def calm_of(seed: int = 0) -> Plan:
    return allocate(*instance(seed))


def task_of(scenario: FakeScenario, curves: ResponseCurves) -> Task:
    return make_task(ResponseModel(scenario, curves), budget=None, objective=None)


def change(scenario: FakeScenario, plan: Plan) -> float:
    """Money moved from month to month after season, as a share of the budget."""
    reference = np.array([scenario.reference_plan.of(name) for name in scenario.plannable])
    even: Floats = plan.spend.to_numpy() / season(reference)
    return float(np.abs(np.diff(even, axis=1)).sum() / scenario.budget)


@pytest.mark.parametrize("seed", range(3))
def test_a_tenth_of_a_percent_takes_most_of_the_change_away(seed: int) -> None:
    (scenario, _), best, calm = instance(seed), best_of(seed), calm_of(seed)
    assert change(scenario, calm) < 0.4 * change(scenario, best)
    lost = best.objective.value - calm.objective.value
    assert lost <= 1e-3 * abs(best.objective.value) * (1 + 1e-6)
    assert calm.objective.loss == pytest.approx(lost / abs(best.objective.value), abs=1e-6)


def test_amounts_are_round_and_the_years_money_is_whole() -> None:
    scenario, curves = instance()
    plan = allocate(scenario, curves, calm=Calm(step=5000.0))
    money = plan.media.amounts
    assert plan.step == 5000.0
    assert (money % 5000.0 == 0).all()
    assert money.sum() == BUDGET
    assert not broken_rules(task_of(scenario, curves), money)


def test_a_budget_between_two_steps_is_spent_to_the_last_unit() -> None:
    scenario, curves = instance()
    plan = allocate(scenario, curves, budget=BUDGET + 1234.56, calm=Calm(step=10_000.0))
    rest = plan.media.amounts % 10_000.0
    assert plan.media.total == pytest.approx(BUDGET + 1234.56, abs=1e-6)
    assert (rest > 0).sum() == 1


def test_certificate_and_prices_are_those_of_the_best_plan() -> None:
    best, calm = best_of(), calm_of()
    assert calm.objective.gap == best.objective.gap <= 1e-4
    assert calm.objective.upper == best.objective.upper
    assert calm.shadow_prices == best.shadow_prices
    assert calm.objective.lower <= calm.objective.value <= calm.objective.upper


def test_rules_hold_on_calm_plans_and_closed_months_stay_closed() -> None:
    scenario, curves = instance()
    names, months = scenario.plannable, scenario.months
    ruled = scenario.under(
        rules.Flight(kind="flight", name="only then", channels=(names[0],), months=months[2:6]),
        rules.Commitment(name="promised", channel=names[1], amounts={months[2]: 123_456.78}),
        rules.TierShare(name="tier", tier=1, least=0.3, most=0.5),
        rules.Ramp(name="ramp", up=0.4, down=0.3),
        rules.ChannelBounds(name="little", channels=(names[2],), most=654_321.0),
    )
    plan = allocate(ruled, curves)
    money = plan.spend
    assert not broken_rules(task_of(ruled, curves), money.to_numpy())
    assert money.loc[names[0], [*months[:2], *months[6:]]].sum() == 0.0
    assert money.loc[names[1], months[2]] == 123_456.78
    assert plan.step > 0


def test_nothing_is_left_between_nothing_and_a_working_amount() -> None:
    scenario, curves = instance()
    names, months = scenario.plannable, scenario.months
    promised = rules.Commitment(name="p", channel=names[0], amounts=dict.fromkeys(months[:4], 0.0))
    plan = allocate(scenario.under(promised), curves, calm=Calm(working=60_000.0))
    live = plan.media.amounts[plan.media.amounts > 0]
    assert live.min() >= 60_000.0 or plan.remarks


def test_where_rules_leave_no_round_plan_it_is_said() -> None:
    scenario, curves = instance(months=2)
    third = 100_000 / 3
    exactly = [
        rules.ChannelBounds(name=f"fix {name}", channels=(name,), least=third, most=third)
        for name in scenario.plannable
    ]  # fmt: skip
    plan = allocate(scenario.under(*exactly), curves)
    assert plan.step == 0.0
    assert any("not rounded" in remark for remark in plan.remarks)
    assert plan.spend.sum(axis=1).to_numpy() == pytest.approx(np.full(4, third))


def test_least_spend_keeps_its_target_when_rounded() -> None:
    scenario, curves = instance()
    most = calm_of().kpis["margin"]
    floor = rules.KpiFloor(name="enough", kpi="margin", at_least=0.9 * most)
    plan = allocate(scenario.under(floor), curves, objective="spend")
    assert plan.kpis["margin"] >= 0.9 * most * (1 - 1e-6)
    assert plan.objective.value <= plan.objective.upper * (1 + 1e-3)


def test_ranges_hold_the_plan_and_their_ends_lose_no_more() -> None:
    scenario, curves = instance()
    plan = calm_of()
    task = task_of(scenario, curves)
    for name, (low, high) in plan.ranges.items():
        year = plan.media.by_channel[name]
        assert low <= year + 1e-6 <= high + 2e-6
        ends = [end for end in (low, high) if abs(end - year) > 1e-3 * BUDGET]
        for end in ends:
            fixed = rules.ChannelBounds(name="end", channels=(name,), least=end, most=end)
            there = exact.allocate(scenario.under(fixed), curves, explain=False).objective.value
            assert there >= (1 - 0.0101) * task.value(plan.media.amounts)
            assert there <= (1 - 0.008) * plan.objective.upper or end < 1


def test_a_year_that_goes_as_signed_is_left_as_signed() -> None:
    scenario, curves = instance()
    plan = calm_of()
    again = replan(scenario, curves, plan.media, plan.media, passed=4)
    assert np.array_equal(again.media.amounts, plan.media.amounts)


def test_a_year_that_goes_otherwise_moves_no_more_than_it_has_to() -> None:
    scenario, curves = instance()
    plan = calm_of()
    amounts = plan.media.amounts.copy()
    amounts[:, :4] *= 0.5
    actual = MediaPlan(plan.media.channels, plan.media.months, amounts)
    calm = replan(scenario, curves, plan.media, actual, passed=4)
    jumpy = replan(scenario, curves, plan.media, actual, passed=4, calm=False)
    left = (BUDGET - amounts.sum() - plan.media.amounts[:, 4:].sum()) / BUDGET

    def moved(found: Plan) -> float:
        return float(np.abs(found.media.amounts - plan.media.amounts)[:, 4:].sum() / BUDGET)

    assert left - 1e-6 <= moved(calm) < moved(jumpy)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"loss": 0.0}, "no share"), ({"loss": 1.5}, "no share"), ({"step": -1.0}, "no amount"),
     ({"working": float("nan")}, "no amount")],
)  # fmt: skip
def test_what_is_no_calm_is_refused(wrong: dict[str, float], why: str) -> None:
    with pytest.raises(AllocationError, match=why):
        Calm(**wrong)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("loss", [1e-3, 1e-5])
def test_the_nearest_round_plan_is_the_same_where_rules_on_money_are_asked_first(
    seed: int, loss: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer rules leave no other choice nearer; where it costs too much, all of them are asked."""
    scenario, curves = instance(seed)
    ramped = replace(scenario, rules=(*scenario.rules, rules.Ramp(name="ramp", up=0.5, down=0.4)))
    quick = allocate(ramped, curves, calm=Calm(loss=loss))
    monkeypatch.setattr(rounding, "_by_money", lambda *_: None)
    whole = allocate(ramped, curves, calm=Calm(loss=loss))
    assert quick.step == whole.step > 0
    before, after = (plan.spend.to_numpy() for plan in (quick, whole))
    assert np.abs(before - after).sum() <= 2 * quick.step
    assert quick.objective.loss <= loss * (1 + 1e-6)
