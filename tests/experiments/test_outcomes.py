"""What a company counts: orders, revenue alone, leads alone, or any count under its own name."""

from pathlib import Path

import pytest

from experiments.calibration.history import read_history
from experiments.company_data.result import CheckedTable
from experiments.company_data.run import check_table
from experiments.onboarding.answers import Answers
from experiments.onboarding.questions import settle
from experiments.own_scenario.run import scenario_from_table
from experiments.publish.own_scenario import publish_own_scenario
from experiments.report import onboarding
from scenarios import Scenario, load_scenario
from tests.experiments.test_table_shapes import moving
from tiermix.core.errors import TiermixError


def written(folder: Path, name: str, *outcomes: str) -> Path:
    """Sixty weeks of one channel and of so many columns of outcomes, each 100 and more."""
    rows = [",".join(["week", "tv_spend", *outcomes])]
    for n in range(60):
        week = f"{2024 + n // 52}-W{n % 52 + 1:02d}"
        rows.append(",".join(map(str, [week, moving(n, 1), *(100 + n % 7 for _ in outcomes)])))
    path = folder / f"{name}.csv"
    path.write_text("\n".join(rows), "utf-8")
    return path


def own(table: CheckedTable, folder: Path) -> Scenario:
    """The scenario of a table, as its file is read again."""
    made = scenario_from_table(table, market_size=50000)
    said = publish_own_scenario(made, table, folder / "own.yaml")
    return load_scenario(said["scenario"])


def test_leads_alone_are_counted_at_what_one_is_worth(tmp_path: Path) -> None:
    table = check_table(written(tmp_path, "leads", "leads"), order_value=40)
    assert table.counted == "leads"
    assert any("leads are what is counted, at 40 each" in doubt.says for doubt in table.doubts)
    (tmp_path / "history.csv").write_text(table.history, "utf-8")
    history = read_history(tmp_path / "history.csv", None)
    assert history.conversions[:3].tolist() == [100, 101, 102]
    assert history.revenue[:3].tolist() == [4000, 4040, 4080]
    assert history.unused == ()
    scenario = own(table, tmp_path)
    assert (scenario.outcome, scenario.counted) == ("leads", "conversions (leads)")


def test_any_count_keeps_its_own_name(tmp_path: Path) -> None:
    file = written(tmp_path, "app", "Installs")
    table = check_table(file, columns=["orders=Installs"], order_value=3)
    assert table.counted == "Installs"
    assert own(table, tmp_path).outcome == "Installs"


@pytest.mark.parametrize(
    ("columns", "said"),
    [(("orders",), ()), (("revenue",), ()), (("y",), ("orders=y",)), (("订单数",), ())],
)
def test_orders_and_revenue_alone_are_orders(
    tmp_path: Path, columns: tuple[str, ...], said: tuple[str, ...]
) -> None:
    table = check_table(written(tmp_path, "plain", *columns), columns=said, order_value=50)
    assert table.counted == "orders"
    assert own(table, tmp_path).outcome == "orders"


def test_revenue_alone_becomes_orders_at_what_one_is_worth(tmp_path: Path) -> None:
    table = check_table(written(tmp_path, "money", "revenue"), order_value=50)
    (tmp_path / "history.csv").write_text(table.history, "utf-8")
    history = read_history(tmp_path / "history.csv", None)
    assert history.conversions[:2].tolist() == [2.0, 2.02]
    assert history.revenue[:2].tolist() == [100, 101]


def test_leads_beside_revenue_are_not_taken_for_orders(tmp_path: Path) -> None:
    table = check_table(written(tmp_path, "both", "leads", "revenue"), order_value=50)
    assert table.counted == "orders"
    assert "leads" in table.history.splitlines()[0].split(",")


@pytest.mark.parametrize(("outcome", "word"), [("leads", "a lead"), ("revenue", "an order")])
def test_what_one_is_worth_is_asked_in_one_sentence(
    tmp_path: Path, outcome: str, word: str
) -> None:
    with pytest.raises(TiermixError, match=f"alone.*say what {word} is worth, as.*60"):
        settle(written(tmp_path, outcome, outcome), {}, Answers(), assume=True)


def test_pages_say_what_is_counted() -> None:
    plan = {"objective": {"value": 1e6, "name": "profit"}, "currency": "EUR", "outcome": "leads"}
    card = {"level": "ok", "says": "the fitted market agrees with the history"}
    said = onboarding._said({"plan": plan, "health": card})  # type: ignore[typeddict-item]
    assert "of profit a year in the fitted market, which counts leads." in said
    plain = onboarding._said({"plan": {**plan, "outcome": "orders"}, "health": card})  # type: ignore[typeddict-item]
    assert "counts" not in plain


def test_controls_are_told_to_have_no_effect_before_a_fit(tmp_path: Path) -> None:
    file = written(tmp_path, "priced", "orders", "revenue", "control.price")
    made = scenario_from_table(check_table(file), market_size=50000)
    row = next(row for row in made.assumed if row["field"] == "controls")
    assert (row["value"], row["because"]) == ("price", "no effect yet: calibrate fits them")
    assert "control.price" in made.history.splitlines()[0]


def test_no_market_lives_by_its_name_for_what_is_counted() -> None:
    one, other = load_scenario("retail"), load_scenario("retail", {"outcome": "leads"})
    assert one.market_hash == other.market_hash
    assert one.hash != other.hash
