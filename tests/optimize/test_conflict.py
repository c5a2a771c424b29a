"""No plan: a conflict that cannot be made smaller, and a relaxation that works."""

from typing import Any

import numpy as np
import pytest

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import InfeasiblePlan
from scenarios.parts import rules
from scenarios.parts.rules import Rule
from tests.optimize.exact import allocate


def refusal(scenario: FakeScenario, seed: int = 0) -> InfeasiblePlan:
    with pytest.raises(InfeasiblePlan) as error:
        allocate(scenario, make_curves(scenario, seed=seed))
    return error.value


def relaxed(rule: Rule, by: float) -> Rule:
    number = {"cac_cap": "cap", "kpi_floor": "at_least", "budget": "amount", "roi_floor": "floor",
              "tier_share": "least", "test_fund": "share"}[rule.kind]  # fmt: skip
    changes: dict[str, Any] = {number: (getattr(rule, number) or 0.0) + by * (1 + 1e-6)}
    return rule.model_copy(update=changes)


MONEY = rules.Budget(name="money", amount=900.0)
IMPOSSIBLE: list[tuple[Rule, ...]] = [
    (MONEY, rules.KpiFloor(name="floor", kpi="margin", at_least=3000.0)),
    (MONEY, rules.CacCap(name="cac", cap=1.0),
     rules.KpiFloor(name="floor", kpi="new_customers", at_least=60.0)),
    (MONEY, rules.TierShare(name="one", tier=1, least=0.6),
     rules.TierShare(name="two", tier=2, least=0.6),
     rules.Budget(name="some of it", amount=100.0, sense="at_least")),
    (MONEY, rules.TestFund(name="tests", share=0.5),
     rules.TierShare(name="one", tier=1, least=0.7),
     rules.Budget(name="all of it", amount=890.0, sense="at_least")),
]  # fmt: skip


@pytest.mark.parametrize("given", IMPOSSIBLE, ids=lambda rs: "+".join(r.name for r in rs))
def test_the_conflict_is_irreducible_and_the_relaxation_works(given: tuple[Rule, ...]) -> None:
    scenario = make_scenario(4, 2).under(*given, rules.Ramp(name="ramp", up=1.0))
    error = refusal(scenario)
    mine = {rule.name: rule for rule in scenario.rules}
    kept = [mine[name] for name in error.conflict]
    wide = rules.Budget(name="wide", amount=1e6)
    for dropped in kept:
        rest = [rule for rule in kept if rule is not dropped]
        # Whether there is a plan is the question, not how near the best it is.
        allocate(scenario.under(wide, *rest), make_curves(scenario), gap=1e-3, explain=False)
    by = {item["rule"]: item["by"] for item in error.relaxation}
    after = [relaxed(rule, by[rule.name]) if rule.name in by else rule for rule in scenario.rules]
    allocate(scenario.under(*after), make_curves(scenario))
    assert all(name in str(error) for name in error.conflict)


def test_several_conflicts_are_told() -> None:
    one = (
        rules.TierShare(name="a1", tier=1, least=0.6),
        rules.TierShare(name="a2", tier=2, least=0.6),
    )
    two = (
        rules.Commitment(name="b1", channel="c", amounts={"2026-01": 50.0}),
        rules.Flight(kind="blackout", name="b2", channels=("c",), months=("2026-01",)),
    )
    spend = rules.Budget(name="spend it", amount=100.0, sense="at_least")
    error = refusal(make_scenario(4, 2).under(*one, *two, spend))
    assert error.others
    assert set(error.conflict) in ({"a1", "a2", "spend it"}, {"b1", "b2"})


def test_a_rule_that_no_plan_can_keep_is_named_alone() -> None:
    floor = rules.Budget(name="less than nothing", amount=0.0)
    least = rules.Budget(name="something", amount=10.0, sense="at_least")
    error = refusal(make_scenario(2, 1).under(floor, least))
    assert set(error.conflict) == {"less than nothing", "something"}


def test_tight_but_possible_rules_are_not_called_impossible() -> None:
    scenario = make_scenario(4, 2)
    curves = make_curves(scenario)
    best = allocate(scenario, curves, gap=1e-7)
    floor = rules.KpiFloor(name="floor", kpi="margin", at_least=best.objective.value * (1 - 1e-6))
    plan = allocate(scenario.under(floor), curves)
    assert plan.objective.value >= best.objective.value * (1 - 2e-6)


def test_a_full_year_is_explained_by_the_rules_that_clash_and_no_others() -> None:
    scenario = make_scenario(12, 12, budget=1e6)
    names = [f"share {tier}" for tier in (1, 2, 3)]
    shares = [rules.TierShare(name=n, tier=t, least=0.4) for t, n in enumerate(names, 1)]
    others = [rules.Budget(name=f"b{i}", share=0.5, period=f"Q{i}") for i in range(1, 5)]
    spend = rules.Budget(name="spend it", share=0.9, sense="at_least")
    error = refusal(scenario.under(*shares, *others, spend, rules.Ramp(name="ramp", up=0.5)))
    assert set(error.conflict) == {*names, "spend it"}
    document = error.to_dict()
    assert document["status"] == "infeasible"
    assert np.isfinite([item["by"] for item in document["relaxation"]]).all()


def test_relaxed_numbers_stay_where_such_numbers_can_be() -> None:
    scenario = make_scenario(4, 2).under(
        rules.TestFund(name="tests", share=0.9),
        rules.TierShare(name="one", tier=1, least=0.9),
        rules.CacCap(name="cac", cap=0.5),
        rules.RoiFloor(name="roi", floor=50.0),
        rules.KpiFloor(name="floor", kpi="new_customers", at_least=1e4),
        rules.Budget(name="spend", share=1.0, sense="at_least"),
    )
    by = {item["rule"]: item["by"] for item in refusal(scenario).relaxation}
    assert by, "something has to give way"
    after = [relaxed(rule, by[rule.name]) if rule.name in by else rule for rule in scenario.rules]
    ends = {
        "test_fund": (0, 1),
        "tier_share": (0, 1),
        "cac_cap": (0, np.inf),
        "roi_floor": (-1, 99),
    }
    numbers = {"test_fund": "share", "tier_share": "least", "cac_cap": "cap", "roi_floor": "floor"}
    for rule in after:
        if rule.kind in ends:
            low, high = ends[rule.kind]
            assert low - 1e-4 <= getattr(rule, numbers[rule.kind]) <= high + 1e-4, rule
    allocate(scenario.under(*after), make_curves(scenario))
