"""Each page on extending Tiermix does what it says, with as many files as it says."""

import json
import re
from pathlib import Path

import pytest

from scenarios import load_scenario
from tests.docs.follow import apply, changed, copy_of_the_house, python, type_commands
from tests.docs.pages import PAGES

OVERVIEW = PAGES["docs/how-to/extend.md"].read_text("utf-8")
# What the overview promises, by page.
FILES = {
    page: int(count)
    for count, page in re.findall(r"\| (\d+): .*\(extend/([\w-]+)\.md\) \|", OVERVIEW)
}
PATHS = "path,conversions,value,nulls\na > b > c,3,30,0\na > b,1,10,5\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return copy_of_the_house(tmp_path)


def _page(name: str) -> str:
    return f"docs/how-to/extend/{name}.md"


def test_the_overview_names_every_page_and_each_is_there() -> None:
    assert {_page(name) for name in FILES} == {p for p in PAGES if "/extend/" in p}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_page_touches_as_many_files_as_the_overview_says(name: str, house: Path) -> None:
    assert len(apply(_page(name), house)) == FILES[name]


def test_the_model_of_the_page_can_be_typed_imported_and_passes_the_checks(house: Path) -> None:
    apply(_page("model"), house)
    (house / "paths.csv").write_text(PATHS, "utf-8")
    (said,) = type_commands(_page("model"), house)
    credit = {row["channel"]: row["conversions"] for row in json.loads(said)["models"][1]["credit"]}
    # The middle of three is the second, the middle of two the first.
    assert {name: count for name, count in credit.items() if count} == {"a": 1, "b": 3}
    check = "from attribution import Middle, check_attribution_model; "
    assert python(check + "check_attribution_model(Middle()); print(Middle.__module__)", house) == (
        "attribution.middle\n"
    )


@pytest.mark.long
def test_the_strategy_of_the_page_is_compared_without_a_change_of_ours(tmp_path: Path) -> None:
    assert apply(_page("strategy"), tmp_path) == ["mine.py"]
    (said,) = type_commands(_page("strategy"), tmp_path)
    found = {row["name"]: row for row in json.loads(said)["strategies"]}
    assert set(found) == {"last_year", "more_search"}
    assert found["more_search"]["kpis"]["conversions"] != found["last_year"]["kpis"]["conversions"]


@pytest.mark.long
def test_the_kpi_of_the_page_is_on_the_scorecard(house: Path) -> None:
    apply(_page("kpi"), house)
    (said,) = type_commands(_page("kpi"), house)
    card = json.loads(said)["scorecard"]["all"]
    value = card["revenue"]["value"] / card["conversions"]["value"]
    assert card["order_value"]["value"] == pytest.approx(value)


def test_the_command_of_the_page_is_listed_and_says_the_same_twice(house: Path) -> None:
    apply(_page("command"), house)
    words, said = type_commands(_page("command"), house)
    spend = {row["channel"]: row["amount"] for row in json.loads(said)["spend"]}
    assert spend == dict(load_scenario("retail").last_year.by_channel)
    assert all(f"{name} " in words for name in spend)
    told = "import sys; sys.argv[1:] = ['--help']; from tiermix.cli.main import app; app()"
    assert "Show how much money each channel got last year." in python(told, house)


def test_a_change_that_no_longer_fits_is_found() -> None:
    assert changed("a\nb\nc\n", " a\n-b\n+d\n") == "a\nd\nc\n"
    with pytest.raises(AssertionError, match="0 times"):
        changed("a\nc\n", " a\n-b\n+d\n")
