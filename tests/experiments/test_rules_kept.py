"""Which rules a strategy keeps: on money by its plan, on outcomes by what was lived."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from experiments.comparison import feasible
from experiments.comparison.lived_rules import Lived, NotJudged, lived
from experiments.comparison.rules_kept import BrokenRule, Standing, _worst, standings
from experiments.comparison.strategies import STRATEGIES
from experiments.comparison.strategy import Choice, Knowledge
from optimize import InfeasiblePlan, ResponseCurves
from scenarios import Scenario, load_scenario
from scenarios.parts import rules
from sim import Scorecard
from tests.experiments.made_up import comparison

GOALS = pd.DataFrame(columns=["strategy", "world", "goal", "kpi", "actual", "target", "met"])
BROKEN = Standing((BrokenRule("caps", 5.0, "CNY", "caps: the cap on seo is broken by ¥5", 2),))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("retail")


@pytest.fixture(scope="module")
def money(scenario: Scenario) -> Scenario:
    """Retail under its rules on money alone."""
    return under(scenario, *(rule for rule in scenario.rules if not rule.on_outcomes))


def under(scenario: Scenario, *given: rules.Rule) -> Scenario:
    return scenario.model_copy(update={"rules": tuple(given)})


def _choice(scenario: Scenario, name: str) -> Choice:
    knows = Knowledge(scenario, {"paid_search": 1.0}, lambda: ResponseCurves((), ()))
    return STRATEGIES[name].plan(knows)


def test_a_plan_that_breaks_rules_on_money_is_told_with_the_worst_bound(money: Scenario) -> None:
    choices = {name: [_choice(money, name)] * 2 for name in ("equal", "equal_within_rules")}
    found = standings(money, choices, [[None, None]] * 2, GOALS)  # type: ignore[list-item]
    (rule,) = found["equal"].broken
    assert (rule.rule, rule.draws) == ("no channel moves too far", 2)
    # A twelfth of 30 million on forums, which may have 2 · 500 thousand.
    assert rule.by == pytest.approx(1.5e6)
    assert "the cap on forums is broken by ¥1,500,000, and 7 other bounds" in rule.words
    assert not found["equal"].allowed
    assert found["equal_within_rules"].allowed


def test_one_draw_whose_plan_breaks_a_rule_is_enough_and_is_counted(money: Scenario) -> None:
    mine = [_choice(money, "last_year"), _choice(money, "equal")]
    found = standings(money, {"x": mine}, [[None], [None]], GOALS)["x"]  # type: ignore[list-item]
    assert found.broken[0].draws == 1
    assert found.broken[0].words.endswith(", in 1 of 2 draws")
    assert json.dumps(found.to_dict())


def test_every_rival_within_the_rules_keeps_those_on_money(money: Scenario) -> None:
    rivals = [name for name in STRATEGIES if name.endswith("_within_rules")]
    assert len(rivals) == 4
    for name in rivals:
        choice = _choice(money, name)
        found = standings(money, {name: [choice]}, [[None]], GOALS)  # type: ignore[list-item]
        assert found[name].allowed, found[name].broken


def _rows(values: list[float], bound: float, direction: int = -1) -> list[list[Lived]]:
    return [[Lived("margin", value, bound, direction, 0.0)] for value in values]


@pytest.mark.parametrize(
    ("values", "direction", "kept", "broken"),
    [
        ([90.0, 91.0, 89.0, 90.0], -1, 0, True),
        ([90.0, 130.0, 70.0, 100.0], -1, 2, False),
        ([99.0, 50.0, 98.0, 99.0, 99.0], -1, 0, True),
        ([99.0, 50.0, 98.0], -1, 0, False),
        ([110.0, 111.0, 109.0], -1, 3, False),
        ([110.0, 111.0, 109.0], 1, 0, True),
    ],
)
def test_a_rule_on_outcomes_is_broken_where_the_mean_is_outside_by_more_than_chance(
    scenario: Scenario, values: list[float], direction: int, kept: int, broken: bool
) -> None:
    found = _worst(scenario, "floor", _rows(values, 100.0, direction), None)
    assert (found.kept, found.draws, found.broken) == (kept, len(values), broken)
    assert f"kept in {kept} of {len(values)} draws" in found.words


def test_a_plan_that_lies_at_its_bound_is_rarely_called_a_breach(scenario: Scenario) -> None:
    luck = np.random.default_rng(1)
    draws = luck.normal(100.0, 5.0, (1000, 8))
    called = [_worst(scenario, "x", _rows(list(row), 100.0), None).broken for row in draws]
    # Student's 5 % and what the draws' signs add, at most 0.5 ** 8.
    assert np.mean(called) == pytest.approx(0.052, abs=4 * np.sqrt(0.05 * 0.95 / 1000))


def test_many_periods_share_the_chance_of_being_called_a_breach(scenario: Scenario) -> None:
    luck = np.random.default_rng(2)
    called = []
    for _ in range(300):
        months = luck.normal(100.0, 5.0, (8, 12))
        rows = [[Lived("leads", x, 100.0, 1, 0.0) for x in row] for row in months]
        called.append(_worst(scenario, "x", rows, None).broken)
    assert np.mean(called) < 0.1 + 4 * np.sqrt(0.1 * 0.9 / 300)


def test_a_floor_with_a_probability_asks_for_the_share_of_draws(scenario: Scenario) -> None:
    six_of_ten = [101.0] * 6 + [99.0] * 4
    assert not _worst(scenario, "x", _rows(six_of_ten, 100.0), 0.8).broken
    assert _worst(scenario, "x", _rows([101.0] * 3 + [99.0] * 7, 100.0), 0.8).broken


class _Card:
    """A scorecard with figures made up."""

    def __init__(self, year: Any) -> None:
        self.year = year

    def estimates(self, scope: str) -> dict[str, tuple[float, float]]:
        return dict(self.year[scope])


@pytest.mark.parametrize(
    ("rule", "scope", "value", "outside"),
    [
        (rules.CacCap(name="r", cap=40.0), "all", 50.0, 10.0),
        (rules.CacCap(name="r", cap=40.0, period="Q2"), "quarter:Q2", 50.0, 10.0),
        (rules.RoiFloor(name="r", floor=3.0), "all", 2.0, 1.0),
        (rules.KpiFloor(name="r", kpi="margin", at_least=200.0), "all", 300.0, -100.0),
        (rules.KpiFloor(name="r", kpi="margin", at_least=400.0, tier=2), "tier:2", 300.0, 100.0),
        (
            rules.Capacity(name="r", kpi="leads", at_most=7.0, period="2026-03"),
            "month:2026-03", 9.0, 2.0,
        ),
    ],
)  # fmt: skip
def test_what_was_lived_is_held_against_the_bound_in_its_scope(
    scenario: Scenario, rule: rules.Rule, scope: str, value: float, outside: float,
) -> None:  # fmt: skip
    figures = {"spend": (100.0, 0.0), "new_customers": (2.0, 0.1), "margin": (300.0, 3.0)}
    year: Any = {scope: figures | {"leads": (9.0, 1.0)}}
    (found,) = lived(rule, scenario, cast(Scorecard, _Card(year)))
    assert (found.value, found.outside) == (value, outside)


def test_what_the_market_has_no_figure_for_is_said_and_not_judged(scenario: Scenario) -> None:
    floor = rules.KpiFloor(name="by month", kpi="margin", at_least=1.0, tier=2, period="month")
    with pytest.raises(NotJudged):
        lived(floor, scenario, None)  # type: ignore[arg-type]
    asked = under(scenario, floor)
    choices = {"last_year": [_choice(asked, "last_year")]}
    found = standings(asked, choices, [[None]], GOALS)["last_year"]  # type: ignore[list-item]
    assert found.unjudged == ("by month",)
    assert found.allowed


def test_a_goal_that_is_a_rule_is_judged_by_its_own_rows(scenario: Scenario) -> None:
    goals = [g.model_copy(update={"as_rule": g.name == "CAC below 95"}) for g in scenario.goals]
    asked = under(scenario).model_copy(update={"goals": tuple(goals)})
    rows = [("s", w, "CAC below 95", "cac", 100.0 + w, 95.0, False) for w in range(3)]
    rows += [("s", w, "CAC below 95 %", "cac", 1.0, 95.0, True) for w in range(3)]
    choices = {"s": [_choice(asked, "last_year")] * 3}
    table = pd.DataFrame(rows, columns=GOALS.columns)
    found = standings(asked, choices, [[None]] * 3, table)["s"]  # type: ignore[list-item]
    (rule,) = found.lived
    assert (rule.value, rule.bound, rule.kept, rule.broken) == (101.0, 95.0, 0, True)
    assert [r.rule for r in found.broken] == ["CAC below 95"]


def test_the_best_is_allowed_and_can_be_followed_and_the_best_of_all_stands_beside() -> None:
    means = {"last_year": 1000.0, "equal": 1200.0, "lp": 1100.0, "lp_known_curves": 1300.0}
    tried = replace(comparison(means, within=1.0), standings={"equal": BROKEN})
    document = tried.to_dict()
    assert (document["best"], document["best_of_all"]) == ("lp", "lp_known_curves")
    assert document["certainty"]["best_followable"] == "equal"
    assert document["certainty"]["runner_up"] == "last_year"
    more = document["certainty"]["knowing_more"]
    assert more is not None
    assert more["strategy"] == "lp_known_curves"
    assert more["low"] < 200 < more["high"]
    by_name = {entry["name"]: entry for entry in document["strategies"]}
    assert [by_name[n]["allowed"] for n in means] == [True, False, True, True]
    assert [by_name[n]["can_be_followed"] for n in means] == [True, True, True, False]
    assert by_name["equal"]["rules_broken"][0]["words"].startswith("caps: the cap on seo")


def test_where_nothing_is_allowed_there_is_no_best() -> None:
    tried = comparison({"last_year": 1000.0, "equal": 1200.0})
    tried = replace(tried, standings={"last_year": BROKEN, "equal": BROKEN})
    assert tried.recommended() is None
    assert (tried.to_dict()["best"], tried.shown) == (None, "equal")


def test_who_kept_last_years_plan_in_every_draw_is_not_the_best() -> None:
    means = {"last_year": 1000.0, "lp": 1000.1, "lp_known_curves": 1000.2}
    nothing = Standing(fallback_draws=12, draws=12)
    tried = replace(
        comparison(means, within=0.01), standings={"lp": nothing, "lp_known_curves": nothing}
    )
    assert tried.to_dict()["best"] == "last_year"
    assert tried.knowing_more() is None


def test_rules_on_money_that_cannot_hold_are_refused_before_anything_is_simulated(
    scenario: Scenario,
) -> None:
    least = rules.Budget(name="spend more", share=2.0, sense="at_least")
    with pytest.raises(InfeasiblePlan, match="spend more") as refused:
        feasible.check_money_rules(under(scenario, *scenario.rules, least))
    assert {"annual budget", "spend more"} == set(refused.value.conflict)
    assert refused.value.to_dict()["relaxation"]


def test_a_refusal_comes_home_from_a_worker_whole() -> None:
    refused = InfeasiblePlan("no", ["a"], [{"rule": "a", "by": 1.0, "words": "w"}], True)
    again = pickle.loads(pickle.dumps(refused))
    assert again.to_dict() == refused.to_dict()


def test_estimates_decide_only_where_they_refuse_in_every_draw(scenario: Scenario) -> None:
    plan, refused = scenario.reference_plan, InfeasiblePlan("no plan", ["a"], [], False)
    no, yes = Choice(plan, fallback=True, refused=refused), Choice(plan)
    feasible.check_estimates({"lp": [no, yes], "last_year": [yes, yes]}, None)
    feasible.check_estimates({"lp": [no, no]}, ResponseCurves((), ()))
    feasible.check_estimates({"lp": [no, no], "lp_robust": [no, yes]}, None)
    with pytest.raises(InfeasiblePlan, match="no plan"):
        feasible.check_estimates({"lp": [no, no], "last_year": [yes, yes]}, None)
