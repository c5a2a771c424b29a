"""Rules on when channels run and in what steps, against trying every pattern; and in odd places."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.fakes import FakeChannel, FakeScenario, make_curves, make_scenario
from optimize import AllocationError, InfeasiblePlan, dial, weekly
from scenarios import MediaPlan
from scenarios.parts import rules
from scenarios.parts.rules import Rule
from tests.optimize.exact import allocate
from tiermix.core.arrays import Bools

SCENARIO = make_scenario(2, 4, budget=700.0)
CURVES = make_curves(SCENARIO, seed=5, kpis=("margin",))
SHORT = make_scenario(2, 3, budget=525.0)
CURVES_OF_SHORT = make_curves(SHORT, seed=5, kpis=("margin",))
AMOUNT = 120.0  # more than an even month: what runs is felt


def _runs(pattern: Bools) -> list[int]:
    """Lengths of flights of one channel, those that the year's end cuts as if they went on."""
    found = []
    for live, months in itertools.groupby(enumerate(pattern), key=lambda pair: pair[1]):
        if live:
            places = [place for place, _ in months]
            found.append(99 if places[-1] == len(pattern) - 1 else len(places))
    return found


Allowed = Callable[[Bools], bool]
PATTERNS: dict[str, tuple[Rule, Allowed]] = {
    "flight": (
        rules.FlightLength(name="r", months_on_end=2, amount=AMOUNT),
        lambda on: all(length >= 2 for row in on for length in _runs(row)),
    ),
    "at most": (
        rules.LiveChannels(name="r", most=1, amount=AMOUNT),
        lambda on: bool((on.sum(axis=0) <= 1).all()),
    ),
    "at least in a month": (
        rules.LiveChannels(name="r", least=2, amount=AMOUNT, months=("2026-03",)),
        lambda on: bool(on[:, 2].all()),
    ),
}


@pytest.mark.parametrize("case", list(PATTERNS))
def test_a_rule_on_running_matches_trying_every_pattern(case: str) -> None:
    rule, allowed = PATTERNS[case]
    made = allocate(SHORT.under(rule), CURVES_OF_SHORT, gap=1e-4)
    judged = [2] if isinstance(rule, rules.LiveChannels) and rule.months else [0, 1, 2]
    best = -np.inf
    for flat in itertools.product([False, True], repeat=2 * len(judged)):
        on = np.ones((2, 3), dtype=bool)
        on[:, judged] = np.array(flat).reshape(2, -1)
        if allowed(on) and AMOUNT * on[:, judged].sum() <= SHORT.budget:
            best = max(best, _value(on, judged))
    assert made.objective.value == pytest.approx(best, rel=1e-3)
    assert best <= made.objective.upper * (1 + 1e-6)
    spend = made.media.amounts
    assert allowed(spend > 1e-6)
    assert ((spend < 1e-6) | (spend >= AMOUNT * (1 - 1e-9)))[:, judged].all()


def _value(on: Bools, judged: list[int]) -> float:
    """The best plan of a pattern, by rules that need no integers."""
    bounds: list[Rule] = []
    for (c, m), live in np.ndenumerate(on):
        if m in judged:
            cell = {"channels": (SHORT.plannable[c],), "period": SHORT.months[m]}
            end = {"least": AMOUNT} if live else {"most": 0.0}
            bounds.append(rules.ChannelBounds(name=f"{c} {m}", **cell, **end))
    return allocate(SHORT.under(*bounds), CURVES_OF_SHORT, explain=False).objective.value


def test_steps_of_money_match_trying_every_number_of_steps() -> None:
    scenario = make_scenario(3, 1, budget=300.0)
    curves = make_curves(scenario, seed=4, kpis=("margin",))
    made = allocate(scenario.under(rules.MoneySteps(name="r", step=40.0)), curves, gap=1e-6)
    worth = [lambda n, c=c: float(curves.curves["abc".index(c)].value(40.0 * n)[0]) for c in "abc"]
    best = max(
        sum(f(n) for f, n in zip(worth, steps, strict=True))
        for steps in itertools.product(range(8), repeat=3)
        if 40.0 * sum(steps) <= 300.0
    )
    assert made.objective.value == pytest.approx(best, rel=1e-6)
    steps = made.media.amounts / 40.0
    assert steps == pytest.approx(np.round(steps), abs=1e-6)


def test_weeks_are_live_by_month_and_months_are_in_steps() -> None:
    scenario = make_scenario(2, 2, budget=400.0).under(
        rules.MoneySteps(name="steps", step=50.0), rules.LiveChannels(name="few", most=1)
    )
    plan = allocate(*weekly(scenario, make_curves(scenario, kpis=("margin",))), gap=1e-2)
    monthly = plan.monthly.amounts
    assert monthly / 50.0 == pytest.approx(np.round(monthly / 50.0), abs=1e-6)
    assert ((monthly > 1e-6).sum(axis=0) <= 1).all()


def test_a_ramp_lets_a_small_channel_move_by_a_share_of_itself_only() -> None:
    scenario = make_scenario(2, 3, budget=600.0)
    small = MediaPlan(("a", "b"), scenario.last_year.months, np.array([[10.0] * 3, [190.0] * 3]))
    scenario = FakeScenario(scenario.channels, small, 600.0, scenario.months)
    curves = make_curves(scenario, seed=1, kpis=("margin",))
    rule = rules.Ramp(name="r", up=0.0, down=0.0, step_share=0.5, from_last_year=True)
    spend = allocate(scenario.under(rule), curves).media.amounts
    moves = np.abs(np.diff(np.column_stack([[10.0, 190.0], spend]), axis=1))
    assert (moves <= np.array([[5.0], [95.0]]) * (1 + 1e-6)).all()
    assert moves[0].max() == pytest.approx(5.0, rel=1e-4)


def _with_a_new_channel() -> FakeScenario:
    scenario = make_scenario(2, 4, budget=800.0)
    last = np.vstack([scenario.last_year.amounts, np.zeros(4)])
    plan = MediaPlan(("a", "b", "新渠道"), scenario.last_year.months, last)
    return FakeScenario(
        (*scenario.channels, FakeChannel("新渠道", tier=3)), plan, 800.0, scenario.months
    )


def test_a_launch_starts_in_its_month_with_its_budget_under_bounds_on_last_year() -> None:
    start = rules.Launch(
        name="上线", channel="新渠道", start="2026-02", learning=60.0, learning_months=2, most=90.0
    )
    calm = rules.ChannelBounds(name="calm", basis="last_year", least=-0.5, most=0.5)
    scenario = _with_a_new_channel().under(start, calm)
    spend = allocate(scenario, make_curves(scenario, seed=2, kpis=("margin",))).media
    new = spend.of("新渠道")
    assert new[0] == pytest.approx(0.0, abs=1e-9)
    assert 60.0 * (1 - 1e-9) <= new[1:3].sum() <= 90.0 * (1 + 1e-9)
    assert (spend.of("a").sum(), spend.of("b").sum()) <= (600.0, 600.0)


def test_a_change_on_nothing_holds_a_channel_that_is_named_at_nothing() -> None:
    start = rules.Launch(name="launch", channel="新渠道", start="2026-02", learning=60.0)
    calm = rules.ChannelBounds(name="calm", channels=("新渠道",), basis="last_year", most=0.5)
    scenario = _with_a_new_channel().under(start, calm)
    with pytest.raises(InfeasiblePlan) as refused:
        allocate(scenario, make_curves(scenario, seed=2, kpis=("margin",)))
    assert sorted(refused.value.conflict) == ["calm", "launch"]


def test_a_conflict_of_counts_says_by_how_many_they_would_have_to_change() -> None:
    scenario = SCENARIO.under(
        rules.LiveChannels(name="both", least=2),
        rules.Flight(kind="blackout", name="dark", channels=("a",), months=("2026-03",)),
        rules.LiveChannels(name="few", most=2),
    )
    with pytest.raises(InfeasiblePlan) as refused:
        allocate(scenario, CURVES)
    assert sorted(refused.value.conflict) == ["both", "dark"]
    words = [item["words"] for item in refused.value.relaxation]
    assert words == ["lower both by 1 channel, from 2 channels to 1 channel"]


def test_what_is_live_by_custom_does_not_give_way() -> None:
    """An amount that the rule does not name is no number of its own; once "by ¥1.75 to ¥0"."""
    scenario = SCENARIO.under(
        rules.LiveChannels(name="all", least=2),
        rules.ChannelBounds(name="none", channels=("a",), most=0.0, period="2026-02"),
    )
    with pytest.raises(InfeasiblePlan) as refused:
        allocate(scenario, CURVES)
    assert all("all by ¥" not in item["words"] for item in refused.value.relaxation)


def test_a_flight_that_cannot_be_as_long_says_how_long_it_can_be() -> None:
    scenario = SCENARIO.under(
        rules.FlightLength(name="long", channels=("a",), months_on_end=3, amount=50.0),
        rules.Flight(kind="flight", name="window", channels=("a",), months=("2026-01", "2026-02")),
        rules.ChannelBounds(name="some", channels=("a",), least=200.0),
        rules.Commitment(name="closed", channel="a", amounts={"2026-03": 0.0}),
    )
    with pytest.raises(InfeasiblePlan) as refused:
        allocate(scenario, CURVES)
    assert {"long", "some"} <= set(refused.value.conflict)
    (item,) = refused.value.relaxation
    assert item["words"] == "lower long by 1 month, from 3 months to 2 months"


def test_a_dial_over_how_many_are_live_plans_each_number() -> None:
    scenario = SCENARIO.under(rules.LiveChannels(name="few", most=2))
    turned = dial(scenario, CURVES, "few", [0, 1, 2], number="most")
    values = [point.value for point in turned.points]
    assert values[0] == pytest.approx(0.0, abs=1e-6)
    assert values[0] < values[1] < values[2]
    with pytest.raises(AllocationError, match=r"cannot have most 1\.5"):
        dial(scenario, CURVES, "few", [1.5], number="most")


def test_what_lies_outside_the_year_is_refused_by_name() -> None:
    launch = rules.Launch(name="late", channel="a", start="2026-03", learning=1.0)
    for rule, words in (
        (launch, "late: learning_months: 3 months from 2026-03 on do not fit"),
        (launch.model_copy(update={"channel": "z"}), "channel 'z' cannot be planned"),
        (rules.LiveChannels(name="n", most=1, months=("2027-01",)), "month '2027-01' cannot"),
    ):
        with pytest.raises(AllocationError, match=words):
            allocate(SCENARIO.under(rule), CURVES)
