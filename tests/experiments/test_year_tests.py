"""Lift tests of the lived year: what knowing is worth, which are begun, and what they find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from experiments.planner_tests import held_out, worth, year_tests
from experiments.planner_tests.held_out import HeldOut
from experiments.planner_tests.worth import ChannelKnown, part_learned
from experiments.planner_tests.year_tests import (
    TestResult,
    TestsOfYear,
    YearTest,
    chosen_tests,
    with_tests,
)
from optimize import Curve, ResponseCurves
from scenarios import MediaPlan, Scenario, load_scenario
from tests.scenes import plain_market

YEARLY = 2.4e6
Curves = Callable[[dict[str, float]], ResponseCurves]


@pytest.fixture(scope="module")
def retail() -> Scenario:
    return load_scenario("retail")


@pytest.fixture
def free(retail: Scenario, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """Retail with a test fund and no other rule; each channel may have none or twice its money."""
    rules = tuple(rule for rule in retail.rules if rule.kind == "test_fund")
    scenario = retail.model_copy(update={"rules": rules})
    ends = dict.fromkeys(scenario.plannable, (0.0, 2 * YEARLY))
    monkeypatch.setattr(worth, "ranges_of", lambda asked: ends)
    return scenario


@pytest.fixture
def plan(retail: Scenario) -> MediaPlan:
    shape = (len(retail.plannable), 12)
    return MediaPlan(retail.plannable, retail.months, np.full(shape, YEARLY / 12))


def known(scenario: Scenario, spread: dict[str, float]) -> ResponseCurves:
    """Nearly straight curves that pay 1 a unit in the mean, with a spread, and orders to match."""
    luck, half = np.random.default_rng(3), 1e12
    made = []
    for name in scenario.plannable:
        pays = np.maximum(1 + spread.get(name, 0.0) * luck.standard_normal(40), 0.0)
        for kpi, unit in (("margin", 1.0), ("conversions", 0.01)):
            draws = np.column_stack([unit * half * pays, np.full(40, half), np.ones(40)])
            ceiling = float(draws[:, 0].mean())
            made.append(Curve(name, kpi, "hill", ceiling, half, 1.0, draws=draws))
    base = {"conversions": np.full(12, 60_000.0), "margin": np.full(12, 1e7)}
    return ResponseCurves(tuple(made), scenario.months, base=base)


def test_what_knowing_is_worth_is_the_unit_normal_loss_of_all_that_may_move(
    free: Scenario, plan: MediaPlan
) -> None:
    """A straight curve takes the least or the most: E max(0, r − H) − max(0, E r − H), by money."""
    spread = 0.3
    channel = ChannelKnown(free, known(free, {"kol": spread}), "kol", plan)
    curves = channel.curves.get("kol", "margin", free.months[0])
    assert curves is not None
    assert curves.draws is not None
    pays = curves.draws[:, 0] / curves.draws[:, 1]
    for hurdle in (0.8, 1.0, 1.5):
        most = 2 * YEARLY - YEARLY / 2  # half of the year's money is spent
        over = np.maximum(pays - hurdle, 0.0).mean() - max(float(pays.mean()) - hurdle, 0.0)
        assert channel.worth_knowing("margin", hurdle, range(6, 12)) == pytest.approx(
            over * most, rel=1e-3
        )
    assert ChannelKnown(free, known(free, {}), "kol", plan).worth_knowing(
        "margin", 1.0, range(6, 12)
    ) == pytest.approx(0.0, abs=1e-3)


def test_a_test_saves_nothing_where_it_is_rough_and_all_where_it_is_sure() -> None:
    assert part_learned(0.02, 0.02) == 0.5
    assert part_learned(0.02, 1e-9) == pytest.approx(1.0)
    assert part_learned(0.02, 10.0) < 1e-4
    assert part_learned(0.0, 0.01) == 0.0


def test_those_are_tested_that_are_worth_more_than_they_cost_most_per_unit_first(
    free: Scenario, plan: MediaPlan
) -> None:
    """Two of the test fund, which lies in tier 3, and two beside it; what is known is left."""
    spread = {"wechat": 0.2, "douyin": 0.4, "kol": 0.6, "forums": 0.5, "local_life": 0.3}
    found = chosen_tests(free, known(free, spread), plan, 3, 3, 1.0, TestsOfYear())
    assert {one.channel for one in found} == {"douyin", "kol", "forums", "local_life"}
    gains = [one.worth / max(one.cost, 1e-9 * one.worth) for one in found]
    assert gains == sorted(gains, reverse=True)
    assert all(one.worth > one.cost for one in found)
    assert all(one.months == tuple(free.months[3:6]) for one in found)
    assert not chosen_tests(free, known(free, {}), plan, 3, 3, 1.0, TestsOfYear())


def test_no_test_whose_result_would_come_too_late_or_that_was_made(
    free: Scenario, plan: MediaPlan
) -> None:
    curves = known(free, {"kol": 0.6})
    made = chosen_tests(free, curves, plan, 3, 3, 1.0, TestsOfYear())
    assert [one.channel for one in made] == ["kol"]
    assert not chosen_tests(free, curves, plan, 3, 3, 1.0, TestsOfYear(running=made))
    assert chosen_tests(free, curves, plan, 6, 3, 1.0, TestsOfYear())
    assert not chosen_tests(free, curves, plan, 9, 3, 1.0, TestsOfYear())
    assert not chosen_tests(free, curves, plan, 6, 6, 1.0, TestsOfYear())


def test_the_test_fund_is_not_overspent(free: Scenario, plan: MediaPlan) -> None:
    """A test's money is what tier 3 gets in it; a fund that holds one test pays one."""
    curves = known(free, {"forums": 0.5, "local_life": 0.5})
    (fund,) = (rule for rule in free.rules if rule.kind == "test_fund")
    both = chosen_tests(free, curves, plan, 3, 3, 1.0, TestsOfYear())
    assert {one.channel for one in both} == {"forums", "local_life"}
    one_test = 1.01 * max(one.money for one in both) / free.budget
    small = free.model_copy(update={"rules": (fund.model_copy(update={"share": one_test}),)})
    (made,) = chosen_tests(small, curves, plan, 3, 3, 1.0, TestsOfYear())
    known_one = replace(TestsOfYear(), running=(made,))
    assert not chosen_tests(small, curves, plan, 6, 3, 1.0, known_one)


def test_a_running_test_is_kept_by_the_plans_that_follow(free: Scenario, plan: MediaPlan) -> None:
    (test,) = chosen_tests(free, known(free, {"kol": 0.6}), plan, 3, 3, 1.0, TestsOfYear())
    lowered = with_tests(plan, [test])
    assert lowered.of("kol")[3:6] == pytest.approx((1 - test.held) * plan.of("kol")[3:6])
    assert lowered.of("kol")[6:] == pytest.approx(plan.of("kol")[6:])
    kept = TestsOfYear(running=(test,)).kept_by(free, lowered)
    (promised,) = (rule for rule in kept.rules if rule.kind == "commitment")
    assert promised.amounts == pytest.approx(
        dict(zip(test.months, lowered.of("kol")[3:6].tolist(), strict=True))
    )
    assert TestsOfYear().kept_by(free, lowered) is free


def test_a_test_is_read_when_its_months_are_over_in_the_market_that_is_lived(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A channel without effect shows none; one that acts shows what its money was missed for."""
    monkeypatch.setattr(held_out, "SAMPLE", 3000)
    market = plain_market()
    months = tuple(market.months[1:4])
    tests = tuple(
        YearTest(name, months, 0.2, 1.0, 1.0, 1.0, 0.0, 0.01) for name in market.plannable
    )
    lowered = with_tests(market.reference_plan, tests)
    running = TestsOfYear(running=tests)
    assert running.with_results(market, market, lowered, 3, 4) == running
    over = running.with_results(market, market, lowered, 4, 4)
    assert not over.running
    found = {one.found.channel: one.found for one in over.results}
    none = found.pop("radio")
    assert abs(none.share) < 4 * none.se
    assert all(one.share > 4 * one.se and one.held == 0.2 for one in found.values())
    assert over.lift["radio"] == (none.share, none.se, year_tests.WEEKS, 1.0)
    assert over.tried == set(market.plannable)


def test_a_result_is_told_with_its_error() -> None:
    test = YearTest("kol", ("2026-04", "2026-05", "2026-06"), 0.1, 1.0, 1.0, 2.0, 1.0, 0.01)
    one = TestResult(test, HeldOut("kol", "conversions", 0.031, 0.008, 12, 0.1, 5.0))
    assert one.words == "its test from 2026-04 to 2026-06 found 3.1% ± 0.8% of orders"
    assert one.to_dict()["months"] == ["2026-04", "2026-05", "2026-06"]
