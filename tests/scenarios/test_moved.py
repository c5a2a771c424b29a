"""A scenario moved by whole years is the same market, its festivals where they are then."""

import datetime as dt
from pathlib import Path

import pytest

from scenarios import library_names, load_scenario, moved, moved_text
from scenarios.parts.festivals import spring_festival
from tiermix.core.errors import ScenarioError


@pytest.mark.parametrize("name", library_names())
def test_every_scenario_of_the_library_can_be_moved_and_back(name: str, tmp_path: Path) -> None:
    """Their dated parts lay outside the years of any other start, and were refused one by one."""
    here = load_scenario(name)
    for year in (2016, 2020, 2029):
        there = moved(here, year)
        assert there.start == here.start.replace(year=year)
        assert moved(there, here.start.year).hash == here.hash
        assert len(there.seasons) == len(here.seasons)
    file = tmp_path / "there.yaml"
    file.write_text(moved_text(name, 2020), "utf-8")
    assert load_scenario(file).hash == moved(here, 2020).hash


def test_festivals_keep_their_distance_and_names_their_years() -> None:
    here, there = load_scenario("retail"), moved(load_scenario("retail"), 2020)
    for one, other in zip(here.seasons, there.seasons, strict=True):
        year = one.start.year
        if "Spring Festival" in one.name:
            old, new = spring_festival(year), spring_festival(year - 6)
            assert old is not None
            assert new is not None
            assert other.start - new == one.start - old
            assert other.end - other.start == one.end - one.start
        else:
            assert other.start == one.start.replace(year=year - 6)
        assert other.name == one.name.replace(str(year), str(year - 6))
    assert there.seasons[0].start == dt.date(2019, 1, 22)
    assert {b.figure for b in there.beliefs if "coupons" in b.figure} == {
        "price_elasticity@618 coupons 2020"
    }
    assert [b.source for b in there.beliefs] == [b.source for b in here.beliefs]


def test_months_of_rules_move_too() -> None:
    rule = {"kind": "commitment", "name": "promised", "channel": "kol", "sense": "at_least",
            "amounts": {"2026-03": 1000}}  # fmt: skip
    there = moved(load_scenario("retail", {"rules": [rule]}), 2024)
    assert there.model_dump(mode="json")["rules"][0]["amounts"] == {"2024-03": 1000.0}


def test_a_leap_day_is_the_day_before() -> None:
    season = {"name": "leap", "start": "2024-02-29", "end": "2024-02-29", "needs": 1.1}
    parts = {"start": "2024-01-01", "seasons": [season], "history.variation": 0.1}
    bare = {key: [] for key in ("rivals", "shocks", "offers", "investments", "content.assets")}
    bare |= {"beliefs": [], "candidates": []}
    there = moved(load_scenario("retail", {**bare, **parts}), 2025)
    assert there.seasons[0].start == dt.date(2025, 2, 28)


@pytest.mark.parametrize("year", [1800, 2045])
def test_a_year_beyond_the_table_of_festivals_is_one_sentence(year: int) -> None:
    with pytest.raises(ScenarioError, match=f"cannot be moved to {year}"):
        moved(load_scenario("retail"), year)
