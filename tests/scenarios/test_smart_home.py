"""The smart-home pair: equal but for integration, and the same history byte for byte."""

from typing import Any

import numpy as np
import pytest

from scenarios import Scenario, load_scenario
from scenarios.parts.content import Content
from sim import Arm, Setting

PAIR = ("smart_home_before", "smart_home_after")
DIALS = {"resolution", "personalisation", "discipline", "seamless"}
TOLD = {"name", "title", "title_zh", "about", "candidates"}


@pytest.fixture(scope="module")
def pair() -> list[Scenario]:
    return [load_scenario(name) for name in PAIR]


@pytest.fixture(scope="module")
def lives(pair: list[Scenario]) -> list[tuple[Any, Any]]:
    """YearlyCounts of one community's history and planned year in both worlds."""
    found = []
    for scenario in pair:
        setting = Setting(scenario, 1200, 3, logging=True)
        history, snapshot = setting.history(setting.layout.communities[0])
        found.append((history, setting.planned(snapshot, Arm(scenario.reference_plan))))
    return found


def _fields(scenario: Scenario) -> dict[str, Any]:
    return scenario.model_dump(mode="json")


def test_the_pair_differs_in_integration_alone(pair: list[Scenario]) -> None:
    before, after = (_fields(scenario) for scenario in pair)
    differs = {name for name in before if before[name] != after[name]}
    assert differs - TOLD == {"integration", "investments", "automation", "content"}
    dials = {k for k, x in before["integration"].items() if x != after["integration"][k]}
    assert dials == DIALS
    assert all(after["integration"][dial] > before["integration"][dial] for dial in dials)


def test_money_and_plan_are_equal(pair: list[Scenario]) -> None:
    before, after = pair
    assert before.reference_plan.hash == after.reference_plan.hash
    assert before.budget == after.budget
    assert not before.investments


def test_what_is_new_starts_with_the_planned_year(pair: list[Scenario]) -> None:
    before, after = pair
    old = {rule.name for rule in before.automation.rules}
    new = [rule for rule in after.automation.rules if rule.name not in old]
    assert len(new) >= 5
    assert after.automation.rules[: len(old)] == before.automation.rules
    assert all(rule.since == after.start for rule in new)
    assert all(investment.start == after.start for investment in after.investments)


def test_every_dial_was_before_what_it_is_in_the_other_scenario(pair: list[Scenario]) -> None:
    before, after = pair
    told = {k: x for i in after.investments for k, x in i.before.items()}
    assert told == {dial: getattr(before.integration, dial) for dial in DIALS}


def test_content_of_the_history_is_equal_and_costs_no_more_afterwards(
    pair: list[Scenario],
) -> None:
    """One film adapted to every channel takes the place of what each team made."""
    before, after = (scenario.content for scenario in pair)
    start = pair[0].start
    old, other = ([a for a in content.assets if a.release < start] for content in (before, after))
    assert old == other
    assert 0 < _cost(after) <= _cost(before)


def _cost(content: Content) -> float:
    return sum(a.cost * (1 + content.adapt_cost * len(a.adapted_to)) for a in content.assets)


def test_the_history_is_the_same_to_the_last_byte(lives: list[tuple[Any, Any]]) -> None:
    one, other = (history for history, _ in lives)
    assert len(one.rows) > 5000
    assert one.rows.tobytes() == other.rows.tobytes()
    for book in ("channel", "people", "end_states", "reached", "ledger", "weekly"):
        np.testing.assert_array_equal(getattr(one, book), getattr(other, book))


def test_the_planned_year_is_another_one(lives: list[tuple[Any, Any]]) -> None:
    """And the difference begins with integration: spend by plan stays the same to the cent."""
    one, other = (planned for _, planned in lives)
    assert one.rows.tobytes() != other.rows.tobytes()
    names = [channel.name for channel in load_scenario(PAIR[0]).channels]
    for name in ("seo", "platform_shop", "wechat", "short_video", "xiaohongshu", "kol", "forums"):
        c = names.index(name)
        np.testing.assert_array_equal(one.ledger[c], other.ledger[c])
