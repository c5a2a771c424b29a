"""A file of one's own is what it was made from, with what was asked for, in another year."""

import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from scenarios import Scenario, ScenarioError, library_names, load_scenario, own_text
from scenarios.begun_later import Move
from scenarios.parts.festivals import spring_festival
from scenarios.years import FESTIVAL

STARTS = ("2026-04-01", "2026-10-01", "2027-01-01", "2027-07-01", "2025-06-01")


def _written(folder: Path, base: str, **asked: Any) -> tuple[str, Scenario]:
    """The text of a new file, and the scenario that it is."""
    file = folder / "mine.yaml"
    text = own_text(base, file=file, **asked)
    file.write_text(text, "utf-8")
    return text, load_scenario(file)


def _parts(scenario: Scenario) -> list[Any]:
    """What is bound to the calendar."""
    return [*scenario.seasons, *scenario.offers, *scenario.rivals]


@pytest.mark.parametrize("base", library_names())
def test_a_new_file_is_short_and_says_the_same(base: str, tmp_path: Path) -> None:
    text, mine = _written(tmp_path, base)
    assert len(text.splitlines()) < 60
    theirs = load_scenario(base)
    assert mine.name == "mine"
    assert mine.model_dump() == theirs.model_dump() | {"name": "mine"}


@pytest.mark.parametrize("base", library_names())
@pytest.mark.parametrize("start", STARTS)
def test_what_belongs_to_a_month_stays_in_it(base: str, start: str, tmp_path: Path) -> None:
    mine = _written(tmp_path, base, start=dt.date.fromisoformat(start))[1]
    theirs = load_scenario(base)
    assert str(mine.start) == start
    # Money: each month of the calendar has what it had.
    for one, other in ((mine.last_year, theirs.last_year), (mine.reference_plan, theirs.last_year)):
        for months in (one.by_month, other.by_month):
            assert len(months) == 12
        by_name = {month[5:]: money for month, money in one.by_month.items()}
        assert by_name == pytest.approx({m[5:]: x for m, x in other.by_month.items()})
    known = {(_timeless(x.name), x.start.month, x.start.day) for x in _parts(theirs)}
    for part in _parts(mine):
        if not FESTIVAL.search(part.name):
            assert (_timeless(part.name), part.start.month, part.start.day) in known
    counts = Counter(part.name for part in mine.seasons)
    assert max(counts.values()) == 1


def _timeless(name: str) -> str:
    return re.sub(r"20\d\d", "", name)


@pytest.mark.parametrize("base", library_names())
def test_the_spring_festival_moves_with_the_moon(base: str, tmp_path: Path) -> None:
    mine = _written(tmp_path, base, start=dt.date(2028, 1, 1))[1]
    for one, other in zip(load_scenario(base).seasons, mine.seasons, strict=True):
        if FESTIVAL.search(one.name):
            away = [
                (x.start - (spring_festival(x.start.year) or x.start)).days for x in (one, other)
            ]
            assert away[0] == away[1]
            assert (other.end - other.start) == (one.end - one.start)


@pytest.mark.parametrize(
    ("day", "years"),
    [
        ("2026-01-15", 1),  # before April: planned next year
        ("2026-04-01", 0),
        ("2026-12-31", 0),
        ("2025-03-31", 1),  # the history year as well
        ("2025-06-18", 0),
    ],
)
def test_a_day_moves_into_the_same_one_of_the_two_years(day: str, years: int) -> None:
    move = Move(dt.date(2026, 1, 1), dt.date(2026, 4, 1))
    assert move.years(dt.date.fromisoformat(day)) == years
    back = Move(move.new, move.old)
    there = dt.date.fromisoformat(day)
    there = there.replace(year=there.year + years)
    assert back.years(there) == -years


def test_what_was_bought_is_as_old_as_it_was(tmp_path: Path) -> None:
    mine = _written(tmp_path, "b2b", start=dt.date(2026, 4, 1))[1]
    for one, other in zip(load_scenario("b2b").investments, mine.investments, strict=True):
        months = 12 * (other.start.year - one.start.year) + other.start.month - one.start.month
        assert (months, one.start.day) == (3, other.start.day)


@pytest.mark.parametrize(
    ("base", "gone"),
    [
        ("retail", {"retargeting", "messages", "bilibili", "forums"}),
        ("smart_home_after", {"retargeting", "forums"}),
        ("education", {"retargeting", "forums"}),
    ],
)
def test_channels_that_are_not_kept_go_with_all_that_is_about_them(
    base: str, gone: set[str], tmp_path: Path
) -> None:
    kept = [name for name in load_scenario(base).plannable if name not in gone]
    text, mine = _written(tmp_path, base, channels=kept)
    assert list(mine.plannable) == kept
    assert set(mine.history.spend) <= set(kept)
    assert set(re.findall(r"^  (\w+): null$", text, re.MULTILINE)) == gone
    about = {belief.scope.removeprefix("channel:") for belief in mine.beliefs}
    assert not about & gone


def test_a_file_can_be_what_another_begins_with(tmp_path: Path) -> None:
    first = tmp_path / "first.yaml"
    first.write_text(own_text("retail", file=first, budget=2e7), "utf-8")
    (tmp_path / "below").mkdir()
    text, second = _written(tmp_path / "below", str(first), currency="EUR")
    assert "extends: ../first.yaml\n" in text
    assert (second.budget, second.currency) == (2e7, "EUR")


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="'seoo' is no channel to plan; did you mean 'seo'"):
        own_text("retail", file=tmp_path / "x.yaml", channels=["seoo"])
    with pytest.raises(ScenarioError, match="channels"):
        own_text("b2b", file=tmp_path / "x.yaml", channels=[])


def test_a_name_is_made_from_that_of_the_file() -> None:
    for file, name in (("My Shop 2027.yaml", "my_shop_2027"), ("我的店.yaml", "mine")):
        assert f"\nname: {name}\n" in own_text("retail", file=Path(file))
