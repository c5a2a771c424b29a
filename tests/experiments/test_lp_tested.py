"""Lift tests of a planner: what they see, what they cost, and which channels are worth one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from experiments.comparison import tested
from experiments.comparison.strategies import STRATEGIES, last_year
from experiments.comparison.strategy import Choice, Knowledge, StrategyError
from experiments.comparison.tested import document_of_tests, lift_tests, value_of_testing
from experiments.planner_tests import held_out
from experiments.planner_tests.held_out import HeldOut, can_be_tested, hold_outs
from optimize import Curve, ResponseCurves, money_ranges
from scenarios import Scenario, load_scenario
from scenarios.parts import rules
from sim import Setting
from tests.experiments.made_up import comparison
from tests.scenes import plain_market

SEARCH = HeldOut("search", "conversions", 0.05, 0.01, 26, 0.1, 100.0)


@pytest.fixture(scope="module")
def retail() -> Scenario:
    return load_scenario("retail")


def _curves(scenario: Scenario, spread: dict[str, float]) -> ResponseCurves:
    """Linear curves near 1 a unit of money, each with its own spread over draws."""
    luck = np.random.default_rng(3)
    made = []
    for name in scenario.plannable:
        half = 1e7
        ceiling = half * (1 + spread.get(name, 0.0) * luck.uniform(-1.0, 1.0, 40))
        draws = np.column_stack([ceiling, np.full(40, half), np.ones(40)])
        made.append(Curve(name, "margin", "hill", half, half, 1.0, draws=draws))
    return ResponseCurves(tuple(made), scenario.months)


@pytest.mark.long
def test_a_channel_is_worth_a_test_by_its_uncertainty_times_the_money_that_may_move(
    retail: Scenario,
) -> None:
    spread = {"wechat": 0.2, "douyin": 0.2, "kol": 0.5, "seo": 0.9}
    worth = value_of_testing(retail, _curves(retail, spread))
    least, most = money_ranges(retail)["wechat"]
    # A uniform draw between −1 and 1 has a standard deviation of 1 / √3.
    assert worth["wechat"] == pytest.approx(0.2 / 3**0.5 * (most - least), rel=0.35)
    assert worth["douyin"] > worth["kol"] > worth["wechat"] > worth["forums"] == 0.0
    assert "seo" not in worth


def test_money_that_cannot_move_is_worth_no_test(retail: Scenario) -> None:
    fixed = rules.ChannelBounds(
        name="fixed", channels=("kol",), basis="last_year", least=0.0, most=0.0
    )
    data = retail.model_dump(mode="json")
    held = Scenario.model_validate(data | {"rules": [*data["rules"], fixed.model_dump()]})
    worth = value_of_testing(held, _curves(held, {"kol": 1.0, "wechat": 0.1}))
    assert worth["kol"] < 1e-3 * worth["wechat"]


def test_up_to_so_many_are_tested_those_worth_most_first(
    retail: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tested, "hold_outs", lambda drawn, names: tuple(names))
    curves = _curves(retail, {"wechat": 0.5, "douyin": 0.5, "kol": 0.5})
    knows = Knowledge(retail, {}, lambda: curves, drawn=object())  # type: ignore[arg-type]
    assert lift_tests(knows, 2) == ("douyin", "wechat")
    assert len(lift_tests(knows, 9)) == 3
    with pytest.raises(StrategyError, match="market to test in"):
        lift_tests(replace(knows, drawn=None))


def test_a_channel_without_money_in_the_weeks_of_tests_is_not_tested() -> None:
    b2b = load_scenario("b2b")
    assert "exhibitions" not in can_be_tested(b2b)
    assert "paid_search" in can_be_tested(b2b)


@pytest.mark.parametrize(
    ("outcomes", "held", "error"),
    [(1e6, 0.1, 1 / np.sqrt(9e4)), (40_000.0, 0.2, 1 / 80.0), (100.0, 0.5, 0.2)],
)
def test_as_few_people_are_held_out_as_tell_enough(
    retail: Scenario, outcomes: float, held: float, error: float
) -> None:
    assert held_out._design(retail.channel("douyin"), outcomes, 1.0) == pytest.approx((held, error))
    # By place the same people tell half as much; twice the dispersion is half the outcomes.
    _, by_place = held_out._design(retail.channel("wechat"), 100.0, 1.0)
    assert by_place == pytest.approx(0.4)
    assert held_out._design(retail.channel("douyin"), 2 * outcomes, 2.0)[1] == pytest.approx(error)


def test_a_test_sees_what_a_channel_brings_with_the_companys_chance_and_costs_margin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three media that act within days, one of them without effect."""
    monkeypatch.setattr(held_out, "SAMPLE", 3000)
    drawn = Setting(plain_market(), 3000, 4)
    found = {test.channel: test for test in hold_outs(drawn, drawn.scenario.plannable)}
    none = found.pop("radio")
    assert abs(none.share) < 4 * none.se
    for test in found.values():
        assert test.share > 4 * test.se
        assert test.cost > 0
        assert test.se > 0
    again = hold_outs(drawn, ["radio"])
    assert again == (none,)


def test_what_chance_adds_differs_between_markets_and_has_the_size_that_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = plain_market()
    sales = {"conversions": np.full(10, 20.0), "leads": np.zeros(10)}
    counts = held_out._Counts(sales, np.full(10, 1e3), 1.0)
    monkeypatch.setattr(held_out, "_lived", lambda setting, unfunded, window: [counts] * 2)
    tests = [hold_outs(Setting(scenario, 1000, seed), ["radio"])[0] for seed in range(400)]
    shares = np.array([test.share for test in tests])
    (se,) = {test.se for test in tests}
    assert shares.mean() == pytest.approx(0.0, abs=4 * se / 20)
    assert shares.std() == pytest.approx(se, rel=4 / np.sqrt(800))


def test_where_sales_are_too_few_what_leads_to_them_is_counted() -> None:
    few = {"conversions": np.full(10, 2.0), "leads": np.full(10, 500.0)}
    assert held_out._outcome(held_out._Counts(few, np.zeros(10), 1.0), 1.0) == "leads"
    assert held_out._outcome(held_out._Counts(few, np.zeros(10), 1.0), 1000.0) == "conversions"


def test_tests_and_their_cost_are_in_the_document() -> None:
    plan: Any = None
    choices = [Choice(plan, tests=(SEARCH,)), Choice(plan, tests=(SEARCH,)), Choice(plan)]
    told = document_of_tests(choices)
    assert told[0]["channel"] == "search"
    assert (told[0]["draws"], told[0]["cost"]) == (2, 100.0)
    tried = replace(comparison({"last_year": 1.0, "lp": 2.0}, worlds=4), tests={"lp": told})
    _, mine = tried.to_dict()["strategies"]
    assert mine["tests"] == told
    assert mine["tests_cost"] == pytest.approx(50.0)


def test_lp_tested_plans_on_what_its_tests_found(
    retail: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    curves = _curves(retail, {"seo": 0.1})

    def learned(lift: Any) -> ResponseCurves:
        asked.append(lift)
        return curves

    monkeypatch.setattr("experiments.comparison.strategies.lift_tests", lambda knows: (SEARCH,))
    money = [rule for rule in retail.rules if not rule.on_outcomes]
    scenario = retail.model_copy(update={"rules": tuple(money)})
    knows = Knowledge(scenario, {}, lambda: curves, explain=False, tested=learned)
    found = STRATEGIES["lp_tested"].plan(knows)
    assert asked == [{"search": (0.05, 0.01)}]
    assert found.tests == (SEARCH,)
    assert found.note.startswith("tested search, at the cost of ¥100 of last year's margin")
    assert found.media.hash != last_year(knows).media.hash
