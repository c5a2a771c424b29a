"""Curves are measured of what the plan needs, and what cannot be measured is refused before."""

import pytest

from experiments.curves import CURVE_KPIS, check_plannable, curve_kpis, measure_curves
from optimize import AllocationError, allocate
from optimize.model.response_model import ResponseModel
from scenarios import Scenario, load_scenario
from scenarios.parts.goals import Goal
from scenarios.parts.rules import Capacity, KpiFloor, Rule
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
