"""Each page on extending Tiermix does what it says, with as many files as it says."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from optimize import Curve, ResponseCurves
from scenarios import load_scenario
from tests.docs.follow import apply, changed, copy_of_the_house, python, type_commands
from tests.docs.pages import PAGES
from tests.experiments.made_up import story

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


@pytest.mark.long
def test_the_count_of_the_page_is_on_the_scorecard_of_every_channel(house: Path) -> None:
    apply(_page("count"), house)
    (said,) = type_commands(_page("count"), house)
    card = json.loads(said)["scorecard"]
    led = {scope: kpis["click_throughs"]["value"] for scope, kpis in card.items()
           if scope.startswith("channel:")}  # fmt: skip
    assert sum(led.values()) == pytest.approx(card["all"]["click_throughs"]["value"])
    assert 0 < sum(led.values()) < card["all"]["visits"]["value"]
    # Nobody is led anywhere by coming straight to the site.
    assert led["channel:direct"] == 0 < max(led.values())


@pytest.mark.long
def test_the_rule_of_the_page_binds_a_plan_and_its_golden_file_is_read(house: Path) -> None:
    apply(_page("rule"), house)
    _curves().to_csv(house / "curves.csv")
    *_, said = type_commands(_page("rule"), house)
    golden = (house / "tests" / "golden" / "month_share.lp").read_text("utf-8")
    assert golden.count("c_u_rules") == 3
    assert "| `most` |" in (house / "docs/reference/scenarios.md").read_text("utf-8")
    plan = json.loads(said)
    by_month: Counter[str] = Counter()
    for cell in plan["spend"]:
        by_month[cell["month"]] += cell["amount"]
    largest = max(by_month.values()) / by_month.total()
    assert largest == pytest.approx(0.085, rel=1e-6)
    assert "no_peak" in plan["binding"]


def _curves() -> ResponseCurves:
    """Curves of retail's channels that are worth twice as much in June."""
    scenario = load_scenario("retail")
    spent = scenario.reference_plan.by_channel
    curves = tuple(
        Curve(name, "margin", "hill", worth * spent[name], spent[name] / 12, 0.9, month=month)
        for name in scenario.plannable
        for month in scenario.months
        for worth in [0.8 if month.endswith("-06") else 0.4]
    )
    return ResponseCurves(curves, scenario.months)


def test_the_command_of_the_page_is_listed_and_says_the_same_twice(house: Path) -> None:
    apply(_page("command"), house)
    words, said = type_commands(_page("command"), house)
    spend = {row["channel"]: row["amount"] for row in json.loads(said)["spend"]}
    assert spend == dict(load_scenario("retail").last_year.by_channel)
    assert all(f"{name} " in words for name in spend)
    told = "import sys; sys.argv[1:] = ['--help']; from tiermix.cli.main import app; app()"
    assert "Show how much money each channel got last year." in python(told, house)


@pytest.mark.parametrize(
    ("name", "words"),
    [("first-screen", r"Years at a loss.*?(\d+) of 8"), ("section", r"the worst world.*?([\d.]+)")],
)
@pytest.mark.long
def test_what_a_page_adds_to_the_report_is_in_it(name: str, words: str, house: Path) -> None:
    apply(_page(name), house)
    type_commands(_page(name), house)
    report = (house / "report.html").read_text("utf-8")
    made_up = story().values("margin")[story().shown]
    (found,) = re.findall(words, report)
    told = {"first-screen": sum(made_up < 12e6), "section": round(made_up.min() / 1e6, 1)}
    assert float(found) == told[name]


LETTERS = """
import json
from sim.engine.counts import channel_counts, row_kinds
from tests.contracts.few_days import busy, simulation_of

scenario = busy()
post = [channel.name for channel in scenario.channels].index("letters")
simulation = simulation_of(scenario, 150, "batch")
simulation.advance(31)
world, market, rows = simulation.world, simulation.market, simulation.take_rows()
seen = rows[(rows["channel"] == post) & (rows["kind"] == row_kinds.IMPRESSION)]
print(json.dumps({
    "letters": int(market.by_month[0, channel_counts.IMPRESSIONS, post]),
    "each": float(world.weight * 0.1 * world.price[post, 0]),
    "paid": float(market.ledger[post].sum()),
    "days": sorted({int(time) % 7 for time in seen["time"]}),
    "known": [bool(simulation.population[person].linked) for person in seen["customer"]],
}))
"""
"""Letters of January and their weekdays, what each and all cost, whether who got one is known."""


@pytest.mark.long
def test_the_delivery_of_the_page_is_lived_and_paid_in_the_scene(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    apply(_page("delivery"), house)
    *_, said = type_commands(_page("delivery"), house)
    assert int(said.split()[0]) > 0
    assert ", post |" in (house / "docs/reference/scenarios.md").read_text("utf-8")
    assert "| post | recognised" in (house / "docs/background/model.md").read_text("utf-8")
    post = json.loads(python(LETTERS, house))
    assert post["letters"] > 10
    assert post["days"] == [0]
    assert post["known"]
    assert all(post["known"])
    # A fixed price: that of an auction moves with the money and with whoever can be reached.
    assert post["paid"] == pytest.approx(post["letters"] * post["each"])


def test_a_change_that_no_longer_fits_is_found() -> None:
    assert changed("a\nb\nc\n", " a\n-b\n+d\n") == "a\nd\nc\n"
    with pytest.raises(AssertionError, match="0 times"):
        changed("a\nc\n", " a\n-b\n+d\n")
