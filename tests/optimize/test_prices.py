"""Prices against finite differences of the whole optimisation."""

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize import Curve, Plan, ResponseCurves
from scenarios.parts import rules
from scenarios.parts.rules import Rule
from tests.optimize.exact import allocate

SCENARIO = make_scenario(5, 3)
CURVES = make_curves(SCENARIO, seed=3)
BEST = allocate(SCENARIO, CURVES)
CUSTOMERS = BEST.kpis["new_customers"]

CASES: dict[str, tuple[Callable[[float], Rule], float, float]] = {
    "budget": (lambda x: rules.Budget(name="r", amount=x), 900.0, 1.0),
    "quarter": (lambda x: rules.Budget(name="r", amount=x, period="2026-01"), 250.0, 1.0),
    "tier most": (lambda x: rules.TierShare(name="r", tier=1, most=x), 0.2, 0.01),
    "tier least": (lambda x: rules.TierShare(name="r", tier=3, least=x), 0.4, 0.01),
    "channel most": (
        lambda x: rules.ChannelBounds(name="r", channels=("a",), most=x),
        0.5 * BEST.media.by_channel["a"], 1.0,
    ),
    "channel on last year": (
        lambda x: rules.ChannelBounds(name="r", channels=("b",), basis="last_year", most=x),
        -0.5, 0.01,
    ),
    "tests": (lambda x: rules.TestFund(name="r", share=x), 0.5, 0.01),
    "cac": (lambda x: rules.CacCap(name="r", cap=x), 0.9 * 900 / CUSTOMERS, 1.0),
    "roi": (lambda x: rules.RoiFloor(name="r", floor=x), 1.1 * BEST.kpis["roi"], 0.01),
    "floor": (
        lambda x: rules.KpiFloor(name="r", kpi="new_customers", at_least=x), 1.01 * CUSTOMERS, 1.0,
    ),
    "ramp up": (lambda x: rules.Ramp(name="r", up=x, from_last_year=True), 0.05, 0.01),
    "ramp down": (lambda x: rules.Ramp(name="r", down=x, from_last_year=True), 0.1, 0.01),
    "promise": (
        lambda x: rules.Commitment(name="r", channel="a", amounts={"2026-02": x}), 150.0, 1.0,
    ),
    "group most": (
        lambda x: rules.GroupBounds(name="r", channels=("a", "b"), most=x),
        0.8 * sum(BEST.media.by_channel[name] for name in "ab"), 1.0,
    ),
    "group share": (
        lambda x: rules.GroupBounds(name="r", channels=("a", "c"), basis="share", least=x),
        1.2 * sum(BEST.media.by_channel[name] for name in "ac") / 900, 0.01,
    ),
    "group on last year": (
        lambda x: rules.GroupBounds(
            name="r", channels=("a", "d"), basis="last_year", most=x, period="2026-02"
        ),
        0.7 * sum(BEST.media.by_channel[name] for name in "ad") / 360 - 1, 0.01,
    ),
    "learning": (
        lambda x: rules.Launch(
            name="r", channel="a", start="2026-01", learning=x, learning_months=2
        ),
        1.4 * BEST.media.of("a")[:2].sum(), 1.0,
    ),
    "cost of learning": (
        lambda x: rules.Launch(
            name="r", channel="a", start="2026-01", learning=1.0, learning_months=1, most=x
        ),
        0.7 * BEST.media.of("a")[0], 1.0,
    ),
    "ramp with a free step": (
        lambda x: rules.Ramp(name="r", up=x, step_share=0.02, from_last_year=True), 0.05, 0.01,
    ),
    "channel least": (
        lambda x: rules.ChannelBounds(name="r", channels=("a",), least=x),
        1.5 * BEST.media.by_channel["a"], 1.0,
    ),
}  # fmt: skip


def value(make: Callable[[float], Rule], number: float) -> float:
    made = allocate(SCENARIO.under(make(number)), CURVES, gap=1e-7, explain=False)
    return made.objective.value


@pytest.mark.parametrize("case", list(CASES))
def test_a_price_is_what_a_small_step_changes(case: str) -> None:
    make, number, size = CASES[case]
    plan = allocate(SCENARIO.under(make(number)), CURVES)
    prices = [p for p in plan.shadow_prices if p.rule == "r" and p.binds]
    assert len(prices) == 1, plan.shadow_prices
    step = max(0.002 * abs(number), 0.1 * size)
    difference = (value(make, number + step) - value(make, number - step)) / (2 * step) * size
    assert prices[0].unique
    assert prices[0].price == pytest.approx(difference, rel=0.01)


def test_a_rule_that_does_not_bind_costs_nothing_and_says_so() -> None:
    plan = allocate(SCENARIO.under(rules.CacCap(name="loose", cap=1e6)), CURVES)
    (price,) = (p for p in plan.shadow_prices if p.rule == "loose")
    assert price.price == 0.0
    assert "does not bind" in price.words
    assert "loose" not in plan.binding


def test_a_price_that_is_not_unique_says_so() -> None:
    scenario = make_scenario(1, 1, budget=100.0)
    kink = Curve("a", "margin", "points", 1.0, points=((0.0, 100.0, 300.0), (0.0, 300.0, 400.0)))
    plan = allocate(scenario, ResponseCurves((kink,), scenario.months))
    (price,) = plan.shadow_prices
    assert not price.unique
    assert (price.least, price.most) == pytest.approx((0.5, 3.0), rel=1e-3)
    assert "not unique" in price.words


def test_two_rules_that_say_the_same_share_a_price_that_is_not_unique() -> None:
    cap = rules.ChannelBounds(name="cap", least=0.0, most=900.0, basis="money")
    plan = allocate(make_scenario(1, 1, budget=900.0).under(cap), make_curves(make_scenario(1, 1)))
    budget = next(p for p in plan.shadow_prices if p.rule == "budget")
    assert not budget.unique
    assert np.isclose(budget.least, 0.0, atol=1e-6)


def test_money_in_a_closed_month_is_worth_what_the_first_unit_would_bring() -> None:
    curves = make_curves(SCENARIO, seed=3, shape=(1.0, 1.0))
    closed = rules.Flight(kind="blackout", name="r", channels=("a",), months=("2026-02",))
    plan = allocate(SCENARIO.under(closed), curves)
    (price,) = (p for p in plan.shadow_prices if p.rule == "r")

    def opened(most: float) -> float:
        ajar = rules.ChannelBounds(name="r", channels=("a",), most=most, period="2026-02")
        return allocate(SCENARIO.under(ajar), curves, gap=1e-8).objective.value

    assert price.price == pytest.approx((opened(0.2) - opened(0.0)) / 0.2, rel=0.01)


WHOLE: dict[str, tuple[Callable[[float], Rule], float]] = {
    # Times an even month of 100: a working amount above what the channel would have.
    "works": (lambda x: rules.MinimumToWork(name="r", channels=("a",), amount=x), 1.3),
    "flight": (
        lambda x: rules.FlightLength(name="r", channels=("a",), months_on_end=3, amount=x), 1.3,
    ),
    "live": (
        lambda x: rules.LiveChannels(name="r", channels=("a", "b"), least=2, amount=x), 1.3,
    ),
    "steps": (lambda x: rules.MoneySteps(name="r", channels=("a",), step=x), 0.7),
}  # fmt: skip


@pytest.mark.parametrize("case", list(WHOLE))
def test_with_integers_a_price_holds_for_the_integers_that_the_plan_has(case: str) -> None:
    scenario = make_scenario(3, 3, budget=900.0)
    curves = make_curves(scenario, seed=2)
    make, number = WHOLE[case]

    def plan(amount: float, explain: bool = False) -> Plan:
        return allocate(scenario.under(make(amount)), curves, gap=1e-6, explain=explain)

    number *= 100.0
    made, step = plan(number, explain=True), 0.2
    (price,) = (p for p in made.shadow_prices if p.rule == "r" and p.binds)
    difference = plan(number + step).objective.value - plan(number - step).objective.value
    assert price.price == pytest.approx(difference / (2 * step), rel=0.01)


@pytest.mark.parametrize(
    ("rule", "unit"),
    [
        (rules.LiveChannels(name="r", most=1), "channels"),
        (rules.FlightLength(name="r", months_on_end=3, amount=170.0), "months"),
    ],
)
def test_what_counts_whole_things_has_no_price_and_does_not_say_that_it_is_not_felt(
    rule: Rule, unit: str
) -> None:
    scenario = make_scenario(3, 3, budget=900.0)
    plan = allocate(scenario.under(rule), make_curves(scenario, seed=2), gap=1e-3)
    words = [price.words for price in plan.shadow_prices if price.rule == "r"]
    assert any(f"counts whole {unit}" in said or "least amount" in said for said in words), words
    assert not any("does not bind" in said or "by 1 " in said for said in words)
