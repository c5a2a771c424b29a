"""Hostile values anywhere: refused in a sentence that names the field, or a market that lives."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios import Scenario, ScenarioError
from scenarios.load import build_scenario
from sim import Setting
from sim.setup.communities import Community
from tests.scenarios.test_schema import DATA, INF, NAN

HOSTILE: list[Any] = [
    None, NAN, INF, -INF, -1, 0, 1, 1e-300, 1e-6, 5.0, 1e6, 1e300, 2**70, "", "nobody",
    "x" * 10_000,
    "\ud800", "2024-02-29", "0001-01-01", "9999-12-31", [], {}, [None], {"name": "x"}, True,
]  # fmt: skip


def _places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: Any = []
    if isinstance(data, dict):
        items = data.items()
    elif isinstance(data, list):
        items = enumerate(data)
    return [p for key, inner in items for p in ((*path, key), *_places(inner, (*path, key)))]


PLACES = _places({key: value for key, value in DATA.items() if key not in ("rules", "goals")})


def _put(data: Any, path: tuple[Any, ...], value: Any) -> None:
    """Set a value, or repeat an item of a list; places that an earlier change took are left."""
    for step in path[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return
    if value == "twice" and isinstance(data, list) and len(data) > path[-1]:
        data.append(copy.deepcopy(data[path[-1]]))
    elif isinstance(data, dict) or (isinstance(data, list) and len(data) > path[-1]):
        data[path[-1]] = value


def refused_or_lives(changes: list[tuple[tuple[Any, ...], Any]]) -> bool:
    """Whether the market was refused; one that is not has to live thirty days."""
    data = copy.deepcopy(DATA)
    for path, value in changes:
        _put(data, path, copy.deepcopy(value))
    try:
        scenario = build_scenario(data, {}, "made.yaml")
    except ScenarioError as error:
        return str(error).startswith("made.yaml: ")
    assert len(scenario.hash) == 16
    thirty_days(scenario)
    return False


def thirty_days(scenario: Scenario) -> None:
    """A month of fifty people, with their desk."""
    setting, few = Setting(scenario, 50, 5, logging=True), Community(0, 0, 50)
    simulation = setting.born(few)
    simulation.advance(30)
    simulation.check()
    assert simulation.market.day == 30


change = st.tuples(st.sampled_from(PLACES), st.sampled_from([*HOSTILE, "twice"]))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(change, min_size=1, max_size=2))
def test_hostile_values_are_refused_or_do_no_harm(changes: list[Any]) -> None:
    refused_or_lives(changes)


@pytest.mark.parametrize("needs", [0.0, 1e-6])
def test_a_month_without_needs_is_lived(needs: float) -> None:
    """Its desk once expected thousands of millions of requests, and no memory was enough."""
    season = DATA["seasons"][0]
    assert not refused_or_lives([(("seasons", 0), {**season, "needs": needs})])


@pytest.mark.long
def test_every_field_takes_hostile_values() -> None:
    """One at a time, each field another third of them; what lives is fewer than what is refused."""
    values = [*HOSTILE, "twice"]
    outcomes = [
        refused_or_lives([(path, value)])
        for n, path in enumerate(PLACES)
        for value in values[n % 3 :: 3]
    ]
    assert any(outcomes)
    assert not all(outcomes)
