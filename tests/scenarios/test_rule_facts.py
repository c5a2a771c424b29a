"""What is known of a rule is a fact of its class, and agrees with its fields."""

import pytest

from scenarios.parts.rules import RULES, Budget, Capacity, KpiFloor


@pytest.mark.parametrize("kind", RULES)
def test_numbers_that_a_sweep_moves_are_numbers_of_the_rule(kind: str) -> None:
    rule = RULES[kind]
    assert set(rule.numbers) <= set(rule.model_fields)
    for name in rule.numbers:
        kind_of = str(rule.model_fields[name].annotation)
        assert "float" in kind_of or "int" in kind_of


@pytest.mark.parametrize("kind", RULES)
def test_a_rule_is_on_outcomes_when_it_names_a_kpi(kind: str) -> None:
    rule = RULES[kind]
    assert rule.on_outcomes == bool({"kpi", "outcome"} & set(rule.model_fields))


def test_a_floor_keeps_its_kpi_up_and_a_capacity_keeps_it_down() -> None:
    floor = KpiFloor(name="orders", kpi="conversions", at_least=5)
    assert (floor.increases(), floor.decreases()) == (("conversions",), ())
    room = Capacity(name="desk", kpi="leads", at_most=5)
    assert (room.increases(), room.decreases()) == ((), ("leads",))


def test_a_floor_under_a_ratio_keeps_its_numerator_up_and_its_denominator_down() -> None:
    floor = KpiFloor(name="visits that buy", kpi="conversion_rate", at_least=0.02)
    assert (floor.increases(), floor.decreases()) == (("conversions",), ("visits",))
    assert not floor.obstacle()
    assert "ratio" in floor.model_copy(update={"probability": 0.9}).obstacle()


def test_only_a_budget_of_the_year_holds_the_budget() -> None:
    assert Budget(name="all").holds_budget
    assert not Budget(name="spring", period="Q1", amount=5).holds_budget
    assert [kind for kind, rule in RULES.items() if not rule.bounds_plans] == ["discount"]
