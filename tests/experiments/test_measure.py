"""Curves are measured of what the plan needs, and what cannot be measured is refused before."""

import numpy as np
import pytest

from experiments.curves import (
    CURVE_KPIS,
    check_plannable,
    curve_arms,
    curve_kpis,
    measure_curves,
    trial_spend,
)
from optimize import AllocationError, allocate
from optimize.model.response_model import ResponseModel
from scenarios import Scenario, load_scenario
from scenarios.parts.goals import Goal
from scenarios.parts.rules import Capacity, KpiFloor, Launch, Rule
from tests.experiments.conftest import Call


def under(name: str, *rules: Rule, **changes: object) -> Scenario:
    scenario = load_scenario(name)
    return scenario.model_copy(update={"rules": (*scenario.rules[:1], *rules), **changes})


def test_rules_goals_and_the_objective_name_what_is_measured() -> None:
    scenario = under("retail", goals=())
    assert curve_kpis(scenario) == CURVE_KPIS
    assert curve_kpis(scenario, "visits") == (*CURVE_KPIS, "visits")
    rate = KpiFloor(name="rate", kpi="conversion_rate", at_least=0.01)
    goal = Goal(name="talk", kpi="mentions", level=5.0)
    more = under("retail", Capacity(name="desk", at_most=9e9), rate, goals=(goal,))
    assert set(curve_kpis(more)) == {*CURVE_KPIS, "leads", "visits", "mentions"}


@pytest.mark.long
def test_a_capacity_on_leads_is_planned_on_curves_measured_for_it() -> None:
    free = under("b2b", goals=())
    small = {"customers": 400, "workers": 1, "multipliers": (0.0, 1.8)}
    scenario = under("b2b", Capacity(name="desk", kpi="leads", at_most=1e9), goals=())
    curves = measure_curves(scenario, **small)  # type: ignore[arg-type]
    assert "leads" in curves.kpis
    usual = allocate(free, curves, explain=False, gap=1e-3)
    most = max(usual.by_month["leads"])
    cap = Capacity(name="desk", kpi="leads", at_most=0.97 * most)
    plan = allocate(under("b2b", cap, goals=()), curves, explain=False, gap=0.02)
    response_model = ResponseModel(scenario, curves)
    leads = response_model.kpi("leads", response_model.spend_of(plan.media))[:-1]
    assert leads.max() <= 0.97 * most * (1 + 1e-6)


def test_a_new_channel_is_tried_with_the_budget_of_its_launch() -> None:
    new = Launch(name="new", channel="forums", start="2026-03", learning=9e4, learning_months=3)
    known = load_scenario("retail")
    spent = {name: sum for name, sum in known.history.spend.items() if name != "forums"}
    history = known.history.model_copy(update={"spend": spent})
    launched = under("retail", new, goals=(), history=history)
    assert trial_spend(launched)["forums"].tolist() == [0, 0, 3e4, 3e4, 3e4, *[0] * 7]
    money = known.last_year.by_channel
    tier = [money[name] for name in spent if known.tier_of(name) == known.tier_of("forums")]
    alone = under("retail", goals=(), history=history)
    assert trial_spend(alone)["forums"] == pytest.approx(np.full(12, np.median(tier) / 12))
    plans = [arm.plan for arm in curve_arms(launched, (0.0, 1.8))]
    tried = [plan.by_channel["forums"] for plan in plans if plan and plan.by_channel["forums"]]
    assert tried == pytest.approx([9e4, 1.8 * 9e4])
    assert len(plans) == 1 + 2 * 12


@pytest.mark.long
def test_a_new_channel_can_be_planned_on_curves_measured_for_it() -> None:
    new = Launch(name="new", channel="forums", start="2026-03", learning=9e4, learning_months=3)
    known = load_scenario("retail")
    spent = {name: sum for name, sum in known.history.spend.items() if name != "forums"}
    history = known.history.model_copy(update={"spend": spent})
    scenario = under("retail", new, goals=(), history=history)
    curves = measure_curves(scenario, customers=400, workers=1)
    assert "forums" not in curves.untried
    spend = allocate(scenario, curves, explain=False, gap=1e-3).media.of("forums")
    assert spend[:2].sum() == pytest.approx(0.0, abs=1e-6)
    assert spend[2:5].sum() >= 9e4 * (1 - 1e-9)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (KpiFloor(name="seen", kpi="reach", at_least=1e6), "curves for reach"),
        (Capacity(name="talks", kpi="opportunities", at_most=10.0), "curves for opportunities"),
        (KpiFloor(name="clicks", kpi="click_rate", at_least=0.1), "clicks: click_rate is a ratio"),
    ],
)
def test_what_experiments_cannot_give_is_refused_before_them(
    rule: Rule, words: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AllocationError, match=words):
        check_plannable(under("retail", rule))

    def never(*_: object, **__: object) -> None:
        raise AssertionError("experiments were paid for")

    monkeypatch.setattr("experiments.curves.simulate_histories", never)
    given = rule.model_dump_json(exclude_none=True)
    code, _, said = call("plan", "retail", "--set", f"rules=[{given}]", "--quiet")
    assert code == 2, said
    assert words.split(": ")[0] in said
