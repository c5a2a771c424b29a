"""The frontier is what plans made one by one say, rising and bending, with its marginals."""

from typing import Any

import numpy as np
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize import AllocationError, frontier
from optimize.model.responses import Responses
from scenarios.parts import rules
from tests.optimize.exact import allocate
from tiermix.core.arrays import Floats

SCENARIO = make_scenario(6, 3).under(
    rules.TestFund(name="tests", share=0.1), rules.TierShare(name="one", tier=1, most=0.4)
)
CURVES = make_curves(SCENARIO)
FRONTIER = frontier(SCENARIO, CURVES, budgets=12)


def test_points_are_what_single_plans_are_worth() -> None:
    for point in FRONTIER.points[::5]:
        alone = allocate(SCENARIO, CURVES, budget=point.budget, gap=1e-6).objective
        assert point.value == pytest.approx(alone.value, rel=2e-4)
        assert point.lower <= point.value * (1 + 1e-9)
        assert alone.value <= point.upper * (1 + 1e-6)


def test_more_money_brings_more_and_ever_less_more() -> None:
    values = np.array([p.value for p in FRONTIER.points])
    marginals = np.array([p.marginal for p in FRONTIER.points])
    assert (np.diff(values) > 0).all()
    assert (np.diff(marginals) < 1e-3 * marginals[0]).all()
    assert FRONTIER.gap <= 1e-4


def test_marginals_are_the_slope_of_the_values() -> None:
    values = np.array([p.value for p in FRONTIER.points])
    budgets = np.array([p.budget for p in FRONTIER.points])
    slopes = (values[2:] - values[:-2]) / (budgets[2:] - budgets[:-2])
    assert [p.marginal for p in FRONTIER.points[1:-1]] == pytest.approx(slopes, rel=0.03)


def test_budgets_with_which_rules_cannot_be_kept_are_told() -> None:
    floor = rules.KpiFloor(name="floor", kpi="margin", at_least=FRONTIER.points[4].value)
    found = frontier(SCENARIO.under(*SCENARIO.rules, floor), CURVES, budgets=12)
    assert [p.status for p in found.points[:4]] == ["infeasible"] * 4
    assert all(p.status == "optimal" for p in found.points[5:])
    assert found.to_dict()["points"][0]["value"] is None


def test_integers_are_solved_one_by_one() -> None:
    scenario = make_scenario(3, 1, budget=300.0).under(rules.MinimumToWork(name="m", amount=80.0))
    curves = make_curves(scenario)
    point = frontier(scenario, curves, budgets=[100.0, 300.0]).points[1]
    assert point.value == pytest.approx(allocate(scenario, curves).objective.value, rel=1e-3)


@pytest.mark.parametrize("budgets", [[], [-1.0], [np.nan]])
def test_budgets_that_are_no_amounts_are_refused(budgets: list[float]) -> None:
    with pytest.raises(AllocationError, match="above 0"):
        frontier(SCENARIO, CURVES, budgets=budgets)


def test_it_reads_as_a_table() -> None:
    assert "marginal" in repr(FRONTIER)
    assert "<table>" in FRONTIER._repr_html_()


def test_the_budget_of_most_profit_is_where_the_last_unit_returns_what_it_costs() -> None:
    budgets = np.linspace(200.0, 2000.0, 19).tolist()
    found = frontier(SCENARIO, CURVES, budgets=budgets)
    until = found.pays_until
    assert until is not None
    profit = allocate(SCENARIO, CURVES, budget=budgets[-1], objective="profit")
    assert profit.media.total == pytest.approx(until, rel=0.05)
    assert found.to_dict()["pays_until"] == until


@pytest.mark.parametrize("objective", ["new_customers", "spend"])
def test_what_is_no_money_has_no_budget_of_most_profit(objective: str) -> None:
    assert frontier(SCENARIO, CURVES, budgets=[1000.0, 2000.0], objective=objective).cost is None


def test_the_price_of_a_budget_that_loses_money_says_so() -> None:
    rich = allocate(SCENARIO, CURVES, budget=1300.0)
    words = {price.rule: price.words for price in rich.shadow_prices}
    assert words["budget"].endswith(", which is less than it costs.")
    poor = allocate(SCENARIO, CURVES, budget=400.0)
    assert "less than it costs" not in "".join(price.words for price in poor.shadow_prices)


def test_a_slope_that_rises_in_its_last_digits_makes_no_program_with_integers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One such binary took all marginals of a frontier away: without duals they read 0."""
    exact = Responses._slopes

    def shaken(self: Responses, *of: Any) -> Floats:
        slopes = exact(self, *of)
        return slopes * (1 + 0.5 * (-1.0) ** np.arange(len(slopes)))

    monkeypatch.setattr(Responses, "_slopes", shaken)
    found = frontier(SCENARIO, CURVES, budgets=[300.0, 600.0, 1200.0])
    whole = [p.marginal for p in FRONTIER.points]
    assert all(0 < p.marginal < 2 * max(whole) for p in found.points)
