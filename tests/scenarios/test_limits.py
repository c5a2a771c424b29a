"""What the schema allows is what the compiled records have room for."""

import numpy as np
import pytest

from scenarios import Scenario, library_names, load_scenario
from scenarios.checks.dates import last_day
from sim.engine import state as s
from tiermix.core import limits


def _most(schema: dict[str, object], *path: str) -> int:
    found: object = schema
    for step in path:
        assert isinstance(found, dict)
        found = found[step]
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize(
    ("part", "field", "most", "record", "room"),
    [
        ("", "channels", limits.CHANNELS, s.WORLD["tier"].shape[0], 0),
        ("", "personas", limits.PERSONAS, s.WORLD["utility"].shape[0], 0),
        ("", "shops", limits.SHOPS, s.WORLD["commission"].shape[0], 1),
        ("", "variants", limits.VARIANTS, s.WORLD["variant_wait"].shape[0], 0),
        ("Content", "assets", limits.ASSETS, s.WORLD["asset_home"].shape[0], 0),
        ("Content", "formats", limits.FORMATS, s.WORLD["format_fit"].shape[0], 1),
        ("Automation", "rules", limits.AUTOMATION_RULES, s.WORLD["rule_when"].shape[0], 0),
    ],
)
def test_the_records_hold_as_many_parts_as_the_schema_allows(
    part: str, field: str, most: int, record: int, room: int
) -> None:
    schema = Scenario.model_json_schema()
    where = ("$defs", part) if part else ()
    assert _most(schema, *where, "properties", field, "maxItems") == most
    assert record == most + room


def test_people_and_desks_have_room_for_what_checks_allow() -> None:
    assert np.zeros(1, s.PERSON)["need_ends"].shape[1] == limits.OPEN_NEEDS
    assert np.zeros(1, s.MARKET)["ask_time"].shape[1] == limits.REQUESTS_A_DAY


@pytest.mark.parametrize("name", library_names())
def test_the_days_of_the_records_hold_both_years_and_the_longest_tail(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.day_of(last_day(scenario)) + 1 <= 366 + 365 + 365 <= limits.MARKET_DAYS
    assert limits.MARKET_DAYS % 7 == 0
