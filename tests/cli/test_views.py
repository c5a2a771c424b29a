"""What each command prints, from real small runs: every figure and file of its document is there.

A view takes what it shows by key from the command's own document, so a key that is spelled
otherwise on one side fails here.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from attribution.samples import sample_log
from experiments.calibration.history import history_of
from scenarios import load_scenario
from sim import simulate
from tests.cli.conftest import Answer, Answers
from tiermix.cli.commands.run import told_regret

SMALL = ("--customers", "60", "--workers", "1", "--quiet")
TWICE = ("--replications", "2")
POWER = re.compile(r"(?<![\w/-])[\d.,]+[eE][+-]?\d+(?!\w)")
"""Folders and studies are named by hashes, in which 3e4 is no figure."""


def _row(answer: Answer, name: str) -> list[str]:
    """The cells of the row of that name; columns are two blanks apart at least."""
    (line,) = [line for line in answer.lines if re.match(rf"{re.escape(name)}(  |$)", line)]
    return re.split(r" {2,}", line)


def _says(answer: Answer, label: str, value: str) -> bool:
    return f"{label}: {value}" in answer.lines


CELL = {"scenario", "set", "strategy", "kpis", "against", "goals", "risk", "spend"}
STANDING = {"allowed", "can_be_followed", "rules_broken"}


@pytest.fixture(scope="module")
def planned(answer: Answers, shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """A plan on measured curves, by week."""
    folder = tmp_path_factory.mktemp("plan")
    cap = '[{"kind": "channel_bounds", "name": "most", "channels": ["video"], "most": 500000}]'
    rules = ("--set", f"rules={cap}", "--weeks")
    return answer("plan", shop, *rules, *SMALL, "--out", folder)


def test_run_prints_strategies_in_their_units_and_where_all_lies(
    answer: Answers, shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("run")
    asked = ("--strategies", "equal,last_year", *TWICE, *SMALL, "--out", out)
    told = answer("run", shop, *asked)
    document = told.document
    assert f"against {document['baseline']}" in told.lines[0]
    assert "spend (CNY)" in told.lines[0]
    for strategy in document["strategies"]:
        assert _row(told, strategy["name"])[1] == f"{strategy['spend']:,.0f}"
    assert _says(told, "best", document["best"])
    assert _says(told, "report", document["report"])
    assert document["mlflow"]["compare"] in told.text
    assert Path(document["report"]).exists()


def test_simulate_prints_counts_and_money(answer: Answers, shop: Path) -> None:
    told = answer("simulate", shop, *SMALL)
    assert re.search(r"^customers +60$", told.text, re.M)
    assert re.search(rf"^spend +¥{told.document['spend']:,.0f}$", told.text, re.M)
    assert told.document["out"] in told.text


def test_truth_prints_effects_in_the_unit_of_the_kpi(answer: Answers, shop: Path) -> None:
    told = answer("truth", shop, "--over", "tiers", "--kpi", "revenue", *SMALL)
    document = told.document
    assert "effect on revenue (CNY)" in told.lines[0]
    for row in document["effects"]:
        assert _row(told, row["unit"])[0] == row["unit"]
    assert document["baseline"]["name"] in told.text
    assert "all rows together: " in told.text


def test_attribute_prints_a_column_for_each_model(answer: Answers, tmp_path: Path) -> None:
    sample_log(50).write(tmp_path / "run")
    told = answer("attribute", tmp_path / "run", "--model", "first,markov")
    assert told.lines[0].split() == ["channel", "first", "markov"]
    assert f"from {told.document['journeys']:,.0f} journeys" in told.text


@pytest.mark.long
def test_validate_prints_regret_and_explains_its_columns(answer: Answers) -> None:
    few = ("--set", "rules=[]", "--set", "goals=[]")
    told = answer("validate", "retail", "--models", "first,last", *few, *TWICE, *SMALL)
    assert {row["model"] for row in told.document["models"]} == {"first", "last"}
    assert re.match(r"model +regret \(CNY\)", told.lines[0])
    assert {"(nothing)", "(even)", "(by spend)", "(last year)", "(oracle)"} <= {
        line.partition("  ")[0] for line in told.lines
    }
    assert "regret: margin lost by planning on the model's credit" in told.lines
    assert _says(told, "report", told.document["report"])
    assert told.document["mlflow"]["compare"] in told.text


def test_validate_prints_errors_along_a_sweep(answer: Answers, shop: Path) -> None:
    sweep = ("--dial", "selection", "--values", "0,1")
    told = answer("validate", shop, "--models", "first", *sweep, *TWICE, *SMALL)
    assert re.match(r"model +selection  misplaced \(%\)", told.lines[0])
    assert len([line for line in told.lines if line.startswith("first ")]) == 2


def test_curves_print_their_parameters_and_their_file(
    answer: Answers, shop: Path, tmp_path: Path
) -> None:
    told = answer("curves", shop, *SMALL, "--out", tmp_path)
    assert "half (CNY a month)" in told.lines[0]
    assert len(told.lines) == len(told.document["curves"]) + 4
    assert _says(told, "curves", told.document["csv"])


def test_plan_prints_money_its_worth_and_prices_in_words(planned: Answer) -> None:
    document = planned.document
    total = sum(cell["amount"] for cell in document["spend"])
    before = sum(document["last_year"].values())
    assert _row(planned, "all")[1:3] == [f"{before:,.0f}", f"{total:,.0f}"]
    for name, (least, most) in document["ranges"].items():
        assert _row(planned, name)[-2:] == [f"{least:,.0f}", f"{most:,.0f}"]
    assert "optimal: profit (CNY) " in planned.text
    for price in document["shadow_prices"]:
        if price["rule"] in document["binding"]:
            assert _row(planned, price["rule"])[1] == price["words"]
    for key, what in (("csv", "plan"), ("weeks", "weeks"), ("picture", "picture")):
        assert _says(planned, what, document[key])


def test_the_price_of_a_cap_reads_as_a_colleague_says_it(planned: Answer) -> None:
    assert "most" in planned.document["binding"]
    words = _row(planned, "most")[1]
    assert re.fullmatch(r"Raising the cap on video by ¥1 adds ¥[\d.,]+ profit\.", words)


def test_frontier_prints_a_row_for_each_budget(answer: Answers, shop: Path) -> None:
    told = answer("frontier", shop, "--budgets", "2", *SMALL)
    assert told.lines[0].startswith("budget (CNY)  profit (CNY)")
    for point in told.document["points"]:
        assert _row(told, f"{point['budget']:,.0f}")[-1].endswith(point["status"])
    assert _says(told, "picture", told.document["picture"])


def test_lift_prints_the_test_and_where_it_lies(answer: Answers, shop: Path) -> None:
    told = answer("lift", shop, "--channel", "video", *SMALL)
    title, *rows = told.document["summary"].splitlines()
    assert told.lines[0] == title
    for row in rows:
        name, text = row.split(maxsplit=1)
        assert _row(told, name)[1:] == [text]
    assert _says(told, "report", told.document["report"])
    assert told.document["mlflow"]["compare"] in told.text


@pytest.mark.long
def test_calibrate_prints_parameters_fit_and_files(
    answer: Answers, shop: Path, tmp_path: Path
) -> None:
    simulate(load_scenario(shop), seed=1, customers=300, workers=1, out=tmp_path / "log")
    weeks = tmp_path / "weeks.csv"
    history_of(tmp_path / "log").to_csv(weeks, index=False)
    size = ("--customers", "100", "--workers", "1", "--quiet", "--out", tmp_path / "own.yaml")
    told = answer("calibrate", weeks, "--scenario", shop, *size)
    for row in told.document["parameters"]:
        assert _row(told, row["name"])[0] == row["name"]
    title = "what channels brought in the last 52 weeks, as shares of orders"
    below = replace(told, text=told.text[told.text.index(title) :])
    for row in told.document["contributions"]:
        assert _row(below, row["channel"])[-1] == row["verdict"]
    assert "goodness of fit: chi-square " in told.text
    assert _says(told, "scenario", str(tmp_path / "own.yaml"))
    assert _says(told, "page", told.document["page"])


def test_plausibility_prints_figures_beside_their_ranges(answer: Answers, shop: Path) -> None:
    expected = '[{"figure": "cac", "low": 1, "high": 2, "source": "a guess", "why": "dear media"}]'
    told = answer("scenarios", "plausibility", shop, "--set", f"beliefs={expected}", *SMALL)
    (row,) = told.document["figures"]
    assert _row(told, "cac")[-2:] == [row["verdict"], "a guess"]
    assert "cac: dear media" in told.lines
    assert answer("scenarios", "believe", shop, "--set", f"beliefs={expected}", *SMALL) == told


@pytest.mark.long
def test_a_case_prints_published_beside_simulated(answer: Answers) -> None:
    told = answer("scenarios", "case", "smart_home", *TWICE, *SMALL)
    for row in told.document["figures"]:
        assert _row(told, row["figure"])[0] == row["figure"]
    assert "60 customers, 2 replications, 182 days" in told.lines


def test_the_library_is_printed_with_its_titles(answer: Answers) -> None:
    told = answer("scenarios", "list")
    assert _row(told, "retail")[0] == "retail"


@pytest.mark.parametrize("name", ["simulate", "truth", "validate", "run", "curves", "plan"])
def test_no_figure_is_a_power_of_ten(
    answer: Answers, shop: Path, planned: Answer, name: str
) -> None:
    asked = {
        "simulate": SMALL,
        "truth": ("--over", "tiers", "--kpi", "revenue", *SMALL),
        "validate": ("--models", "first", "--dial", "selection", "--values", "0,1", *TWICE, *SMALL),
        "run": ("--strategies", "equal,last_year", *TWICE, *SMALL),
        "curves": SMALL,
    }
    told = planned if name == "plan" else answer(name, shop, *asked[name])
    assert POWER.search(told.text.split("\nstudy: ")[0]) is None


@pytest.fixture(scope="module")
def compared(answer: Answers, shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """Two budgets of a small market."""
    out = tmp_path_factory.mktemp("compare")
    goal = '[{"name": "more orders", "kpi": "conversions", "change": 0.01}]'
    asked = ("--budget", "80%,3m", "--set", f"goals={goal}", "--strategies", "last_year,equal")
    return answer("compare", shop, *asked, *TWICE, *SMALL, "--out", out)


def test_compare_has_what_the_contract_names(compared: Answer) -> None:
    document = compared.document
    assert set(document["baseline"]) >= {"scenario", "set", "strategy"}
    assert [cell["strategy"] for cell in document["cells"]] == ["last_year", "equal"] * 2
    for cell in document["cells"]:
        assert set(cell) >= CELL | STANDING
        assert set(cell["risk"]) >= {"p5", "p50", "p95", "cvar", "all_goals"}
    assert [v["set"]["budget"] for v in document["variants"]] == [2.4e6, 3e6]
    first, *others = document["cells"]
    assert first["against"] == {}
    for cell in others:
        step, means = (
            cell["against"]["margin"],
            [c["kpis"]["margin"]["mean"] for c in (first, cell)],
        )
        assert step["difference"] == pytest.approx(means[1] - means[0])
        assert step["low"] <= step["difference"] <= step["high"]


def test_compare_prints_a_row_for_each_cell_and_where_all_lies(compared: Answer) -> None:
    document = compared.document
    assert "against budget 2,400,000 · last_year" in compared.text
    assert "more orders (%)" in compared.lines[0]
    rows = [line for line in compared.lines if line.startswith("budget ") and ":" not in line]
    assert len(rows) == 2 + len(document["cells"])
    assert f"report: {document['report']}" in compared.lines
    text = Path(document["report"]).read_text("utf-8")
    assert {f'id="{part}"' in text for part in ("answer", "cells", "goals", "risk", "plans")} == {
        True
    }
    for variant in document["variants"]:
        assert Path(variant["plan"]).read_text("utf-8").startswith("channel,month,amount")


def test_each_plan_of_compare_can_be_simulated(
    compared: Answer, shop: Path, answer: Answers
) -> None:
    plan = compared.document["variants"][1]["plan"]
    lived = answer(
        "simulate", shop, "--plan", plan, "--customers", "60", "--workers", "1", "--quiet"
    )
    assert lived.document["spend"] == pytest.approx(3e6, rel=1e-6)


def test_regret_that_chance_puts_below_nothing_is_told_as_nothing() -> None:
    told = [
        told_regret({"best_found": best, "mean": mean}, "profit")
        for best, mean in ((False, -812_117.0), (False, 5.0), (False, None), (True, -3.0))
    ]
    assert told == [0.0, 5.0, None, "the best found"]


def test_a_plan_that_is_simulated_is_held_against_the_rules(
    answer: Answers, shop: Path, tmp_path: Path
) -> None:
    scenario = load_scenario(shop)
    file = tmp_path / "double.csv"
    scenario.reference_plan.scaled_to(2.0 * scenario.budget).to_csv(file)
    rule = ("--set", 'rules=[{"kind": "budget", "name": "the year", "sense": "at_most"}]')
    told = answer("simulate", shop, "--plan", file, *rule, *SMALL, "--out", tmp_path / "run")
    broken = {rule["rule"]: rule["words"] for rule in told.document["rules_broken"]}
    words = f"the year: the budget is broken by ¥{scenario.budget:,.0f}"
    assert broken == {"the year": words}
    assert f"the plan breaks {words}" in told.lines
