"""Conflicts in the shipped scenarios, some of whose rules are bound at zero (flights)."""

from __future__ import annotations

import pytest

from optimize import Curve, InfeasiblePlan, ResponseCurves
from optimize.problem.needed_kpis import needed_kpis
from scenarios import Scenario, load_scenario
from scenarios.parts import rules
from scenarios.parts.rules import Rule
from tests.optimize.exact import allocate

BLACKOUT = rules.Flight(
    kind="blackout", name="dark in May", channels=("douyin",), months=("2026-05",)
)
PROMISE = rules.Commitment(name="added", channel="douyin", amounts={"2026-05": 90_000.0})
CASES: list[tuple[str, tuple[Rule, ...]]] = [
    ("b2b", (rules.TierShare(name="added", tier=3, least=0.6),)),
    ("b2b", (rules.Budget(name="added", share=1.5, sense="at_least"),)),
    ("b2b", (rules.RoiFloor(name="added", floor=20.0),)),
    ("b2b", (rules.KpiFloor(name="added", kpi="conversions", at_least=1e6),)),
    ("education", (rules.TierShare(name="added", tier=3, least=0.6),)),
    ("education", (rules.RoiFloor(name="added", floor=20.0),)),
    ("retail", (BLACKOUT, rules.TierShare(name="added", tier=3, least=0.5))),
    ("retail", (BLACKOUT, PROMISE)),
]  # fmt: skip


def made_up(scenario: Scenario) -> ResponseCurves:
    """Curves under which last year's money brings back three times itself."""
    kpis = sorted({*needed_kpis(scenario, None), "margin", "conversions", "new_customers"})
    spend = scenario.reference_plan.by_channel
    curves = [
        Curve(
            channel=name,
            kpi=kpi,
            family="hill",
            ceiling=(6.0 if kpi in ("margin", "revenue") else 0.1) * max(spend[name], 1e4) / 12,
            half=max(spend[name], 1e4) / 12,
            shape=0.9,
        )
        for name in scenario.plannable
        for kpi in kpis
    ]
    return ResponseCurves(tuple(curves), tuple(scenario.months))


def refusal(scenario: Scenario, given: tuple[Rule, ...]) -> InfeasiblePlan | None:
    """Why no plan keeps these rules, or None where one does."""
    asked = scenario.model_copy(update={"rules": given, "goals": ()})
    try:
        allocate(asked, made_up(asked), gap=1e-2, explain=False)
    except InfeasiblePlan as refused:
        return refused
    return None


@pytest.mark.parametrize(
    ("name", "added"), CASES, ids=lambda x: x if isinstance(x, str) else x[-1].kind
)
def test_an_impossible_rule_is_named_with_what_it_clashes_with(
    name: str, added: tuple[Rule, ...]
) -> None:
    scenario = load_scenario(name)
    every = (*scenario.rules, *added)
    refused = refusal(scenario, every)
    assert refused is not None
    conflict = tuple(rule for rule in every if rule.name in refused.conflict)
    assert refusal(scenario, conflict) is not None, f"{refused.conflict} hold together"
    # Without the budget the made-up curves end where no plan of that size was foreseen.
    for rule in (rule for rule in conflict if rule.kind != "budget"):
        rest = tuple(other for other in conflict if other is not rule)
        assert refusal(scenario, rest) is None, (
            f"{refused.conflict} without {rule.name} do not hold"
        )
    assert all(item["rule"] in {r.name for r in every} for item in refused.relaxation)
