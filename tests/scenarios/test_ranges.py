"""Every number of a scenario has two ends; what lies beyond them is refused, not simulated."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from scenarios import ScenarioError, load_scenario
from scenarios.checks.ranges import LARGEST, RANGES, outside
from scenarios.data import ScenarioData

UNKNOWN_UNIT = {("Investment", "before"), ("Candidate", "changes"), ("Commitment", "amounts")}
"""Figures of fields that are named elsewhere, and are checked as those."""


def _models(kind: Any, found: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind.__name__ not in found:
            found[kind.__name__] = kind
            for field in kind.model_fields.values():
                _models(field.annotation, found)
    else:
        for inner in get_args(kind):
            _models(inner, found)
    return found


def _numbers(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The numbers in a field's JSON Schema, those of its lists and mappings included."""
    if schema.get("type") in ("number", "integer") and "enum" not in schema:
        yield schema
    for key in ("anyOf", "prefixItems"):
        for inner in schema.get(key, []):
            yield from _numbers(inner)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _numbers(schema[key])


def _open_ended() -> Iterator[tuple[str, str]]:
    """Part and field of each number that its own field does not bound on both sides."""
    ends = [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")]
    for name, model in _models(ScenarioData, {}).items():
        for field, schema in model.model_json_schema().get("properties", {}).items():
            for number in _numbers(schema):
                if not all(any(key in number for key in end) for end in ends):
                    yield name, field


def test_each_number_is_bounded_by_its_field_or_by_the_table() -> None:
    found = set(_open_ended())
    assert len(found) > 60
    assert sorted(where for where in found - UNKNOWN_UNIT if where[1] not in RANGES) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("discount_rate", 1e9),
        ("discount_rate", 10),  # in percent
        ("horizon_years", 1e9),
        ("market_size", 1e11),
        ("channels.douyin.unit_cost", 1e12),
        ("channels.douyin.goodwill_seen", -1e4),
        ("personas.*.base_utility", 900),
        ("behaviour.goodwill_half_life", 1e13),
        ("desk.hourly_wage", 1e11),
        ("search.competitor_utility", -200),
    ],
)
def test_nonsense_is_refused_with_field_value_and_range(path: str, value: float) -> None:
    with pytest.raises(ScenarioError, match=r"lies outside .* to .*change it") as caught:
        load_scenario("retail", {path: value})
    assert path.rpartition(".")[2] in str(caught.value)
    assert f"{value:g}" in str(caught.value)


def test_rules_and_goals_have_ranges_too() -> None:
    mad = {"kind": "money_steps", "name": "steps", "step": 1e30}
    with pytest.raises(ScenarioError, match=r"rules\.steps\.step: 1e\+30 lies outside"):
        load_scenario("retail", {"rules": [mad]})


def test_the_table_says_low_before_high_and_what_it_does_not_know_has_a_limit() -> None:
    assert all(low < high for low, high in RANGES.values())
    assert "lies outside" in outside("nobody", 2 * LARGEST)
    assert "too near to 0" in outside("budget", 1e-300)
    assert outside("budget", 0.0) == ""
