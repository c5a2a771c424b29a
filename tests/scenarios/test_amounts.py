"""Budgets as people write them."""

import pytest

from scenarios import ScenarioError, budget_of, load_scenario


@pytest.mark.parametrize(
    ("text", "money"),
    [("24e6", 24e6), ("9.6m", 9.6e6), ("80%", 2.4e6), ("500k", 5e5), ("2400万", 24e6),
     ("1_000_000", 1e6), ("1.2亿", 1.2e8), ("-20%", 2.4e6), ("+5 %", 3.15e6)],
)  # fmt: skip
def test_budgets_are_read_as_they_are_said(text: str, money: float) -> None:
    assert budget_of(text, 3e6) == pytest.approx(money)


@pytest.mark.parametrize("text", ["", "much", "-5", "0", "nan", "%", "5 apples", "-100%"])
def test_what_is_no_money_is_refused(text: str) -> None:
    with pytest.raises(ScenarioError, match="no amount of money"):
        budget_of(text, 3e6)


def test_a_changed_budget_may_be_text() -> None:
    own = load_scenario("retail").budget
    assert load_scenario("retail", {"budget": "80%"}).budget == pytest.approx(0.8 * own)
    assert load_scenario("retail", {"budget": "9.6m"}).budget == 9.6e6
    with pytest.raises(ScenarioError, match="'much' is no amount of money"):
        load_scenario("retail", {"budget": "much"})
