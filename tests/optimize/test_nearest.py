"""The nearest plan within the rules on money, held against a plain program."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import InfeasiblePlan, nearest, rule_judge, rules_broken
from optimize.plans.nearest import STEEPEST, UNSPENT, money_moved
from scenarios import MediaPlan, load_scenario
from scenarios.parts import rules
from tests.optimize.plain_rules import PlainProgram
from tests.optimize.test_conflicts_checked import scene


def _plan(scenario: FakeScenario, amounts: object) -> MediaPlan:
    return MediaPlan(scenario.plannable, scenario.months, amounts)  # type: ignore[arg-type]


def _random_plan(scenario: FakeScenario, seed: int) -> MediaPlan:
    luck = np.random.default_rng([5, seed])
    shape = (len(scenario.plannable), len(scenario.months))
    return _plan(scenario, luck.gamma(0.5, scenario.budget / np.prod(shape), shape))


def _least_moved(scenario: FakeScenario, plan: MediaPlan) -> float:
    """½ (Σ|s − p| + |S − P|) by SciPy's own solver, from the definitions of the rules."""
    plain = PlainProgram(scenario)
    cells = int(np.prod(plain.shape))
    lines = [line for rule in scenario.rules for line in plain.lines(rule)]
    rows, low, high = (np.array(part) for part in zip(*lines, strict=True))
    rows = np.hstack([rows, np.zeros((len(rows), cells + 1))])
    aim = np.append(plan.amounts.ravel(), plan.total) / plain.unit
    away = np.vstack([np.eye(cells), np.ones(cells)])  # each cell, and all of them
    switches, size = np.zeros((cells + 1, cells)), -np.eye(cells + 1)
    above, below = np.hstack([away, switches, size]), np.hstack([away, switches, -size])
    costs = np.concatenate([np.zeros(2 * cells), np.full(cells + 1, 0.5)])
    top = np.concatenate([np.full(cells, np.inf), np.ones(cells), np.full(cells + 1, np.inf)])
    whole = np.concatenate([np.zeros(cells), np.ones(cells), np.zeros(cells + 1)])
    found = milp(
        costs,
        constraints=[
            LinearConstraint(rows, low, high),
            LinearConstraint(above, -np.inf, aim),
            LinearConstraint(below, aim, np.inf),
        ],
        bounds=Bounds(0.0, top),
        integrality=whole,
    )
    return float(found.fun) * plain.unit if found.status == 0 else float("nan")


def test_no_plan_within_the_rules_is_nearer_and_impossible_rules_are_refused() -> None:
    """All kinds of rules on money but steps, which the plain program has no room for here."""
    possible = 0
    for seed in range(22):
        scenario = scene(seed)
        steps = rules.MoneySteps
        scenario = scenario.under(*(r for r in scenario.rules if not isinstance(r, steps)))
        plan = _random_plan(scenario, seed)
        least = _least_moved(scenario, plan)
        if np.isnan(least):
            with pytest.raises(InfeasiblePlan, match="No plan keeps all rules"):
                nearest(scenario, plan)
            continue
        possible += 1
        found = nearest(scenario, plan)
        assert not rules_broken(scenario, found), seed
        moved = money_moved(plan, found)
        slack = 1e-6 * scenario.budget
        assert least - slack <= moved <= least * (1 + STEEPEST + UNSPENT + 3e-4) + slack, seed
    assert possible >= 3


@pytest.mark.parametrize("name", ["retail", "b2b", "smart_home_after"])
def test_a_plan_of_the_library_is_brought_within_the_rules_and_then_left_alone(name: str) -> None:
    scenario = load_scenario(name)
    shape = (len(scenario.plannable), len(scenario.months))
    even = MediaPlan(
        scenario.plannable, scenario.months, np.full(shape, scenario.budget / np.prod(shape))
    )
    assert rules_broken(scenario, even)
    found = nearest(scenario, even)
    assert not rules_broken(scenario, found)
    assert found.total == pytest.approx(scenario.budget, rel=1e-6)
    again = nearest(scenario, found)
    assert money_moved(found, again) < 1e-5 * scenario.budget


def test_what_is_moved_is_spread_and_money_stays_where_it_can() -> None:
    scenario = make_scenario(4, 3, 1200.0)
    cap = rules.ChannelBounds(name="cap", channels=("a",), most=150.0)
    even = _plan(scenario, np.full((4, 3), 100.0))
    found = nearest(scenario.under(cap), even)
    assert found.total == pytest.approx(1200.0)
    assert found.of("a") == pytest.approx([50.0] * 3, abs=10.0)
    for name in "bcd":
        assert found.of(name) == pytest.approx([100.0 + 150.0 / 9] * 3, abs=10.0)


def test_the_budget_is_kept_where_no_rule_names_it() -> None:
    scenario = make_scenario(2, 2, 400.0)
    found = nearest(scenario, _plan(scenario, np.full((2, 2), 200.0)))
    assert found.total == pytest.approx(400.0)
    (broken,) = rules_broken(scenario, _plan(scenario, np.full((2, 2), 200.0)))
    assert (broken.rule, broken.what, broken.by) == ("budget", "the budget", pytest.approx(400.0))


def test_rules_on_outcomes_are_judged_where_curves_are_given_and_left_out_otherwise() -> None:
    scenario = make_scenario(3, 3, 900.0)
    floor = rules.KpiFloor(name="floor", kpi="margin", at_least=1e9)
    harsh, plan = scenario.under(floor), scenario.reference_plan
    assert rules_broken(harsh, plan) == ()
    (broken,) = rules_broken(harsh, plan, make_curves(scenario))
    assert broken.rule == "floor"
    assert broken.by == pytest.approx(1e9 - broken.value)
    assert money_moved(plan, nearest(harsh, plan)) < 1e-3


@pytest.mark.parametrize(
    ("rule", "cell", "amount", "by", "what"),
    [
        (rules.TierShare(name="r", tier=1, least=0.5), ("a", 0), 100.0, 150.0, "minimum for tier"),
        (rules.ChannelBounds(name="r", channels=("b",), most=0.0), ("b", 0), 100.0, 300.0, "cap"),
        (rules.Ramp(name="r", channels=("a",), up=0.5), ("a", 1), 200.0, 50.0, "monthly rise"),
        (rules.MinimumToWork(name="r", amount=50.0), ("a", 0), 20.0, 30.0, "amount that works"),
        (
            rules.Flight(kind="blackout", name="r", channels=("a",), months=("2026-01",)),
            ("a", 0), 100.0, 100.0, "closed months",
        ),
        (
            rules.Commitment(name="r", channel="a", amounts={"2026-02": 130.0}),
            ("a", 1), 100.0, 30.0, "commitment to a in 2026-02",
        ),
        (rules.TestFund(name="r", share=0.5), ("c", 0), 100.0, 150.0, "held for tests"),
    ],
)  # fmt: skip
def test_by_how_much_a_rule_is_broken_is_money_and_says_of_what(
    rule: rules.Rule, cell: tuple[str, int], amount: float, by: float, what: str
) -> None:
    """Each channel has 100 a month over three months, but for one cell."""
    scenario = make_scenario(3, 3, 900.0).under(rules.Budget(name="all", share=2.0), rule)
    amounts = np.full((3, 3), 100.0)
    amounts["abc".index(cell[0]), cell[1]] = amount
    found = [b for b in rules_broken(scenario, _plan(scenario, amounts)) if b.rule == "r"]
    assert max(b.by for b in found) == pytest.approx(by)
    assert any(what in b.what for b in found)


def test_a_bound_at_zero_is_kept_by_nothing_and_broken_by_a_little() -> None:
    dark = rules.Flight(kind="blackout", name="dark", channels=("a",), months=("2026-01",))
    scenario = make_scenario(2, 2, 400.0).under(dark)
    amounts = np.array([[0.0, 199.0], [100.0, 100.0]])
    assert rules_broken(scenario, _plan(scenario, amounts)) == ()
    amounts[0, 0] = 0.01
    (broken,) = rules_broken(scenario, _plan(scenario, amounts))
    assert broken.rule == "dark"


def test_a_judge_of_many_plans_says_of_each_what_is_said_of_it_alone() -> None:
    scenario = make_scenario(2, 2, 400.0)
    plans = [_plan(scenario, np.full((2, 2), amount)) for amount in (200.0, 10.0, 300.0)]
    judge = rule_judge(scenario)
    assert [judge(plan) for plan in plans] == [rules_broken(scenario, plan) for plan in plans]
    assert [bool(judge(plan)) for plan in plans] == [True, False, True]
