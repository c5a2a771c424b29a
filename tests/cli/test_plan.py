"""The command line around the plan: frontier, curves in and out, robust, pictures."""

import json
from pathlib import Path

import pandas as pd
import pytest

from optimize import Curve, ResponseCurves
from scenarios import MediaPlan
from tests.experiments.conftest import Call
from tests.scenes import base

# Five kinds of rules are enough to try the commands; the whole list costs seconds a plan.
FEW = "rules=[]"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A curves CSV for the shop's three channels."""
    scenario = base()
    spent = scenario.reference_plan.by_channel
    curves = tuple(
        Curve(name, "margin", "hill", 0.4 * money, money / 12, 0.9)
        for name, money in spent.items()
        if name in scenario.plannable
    )
    path = tmp_path_factory.mktemp("curves") / "curves.csv"
    ResponseCurves(curves, scenario.months).to_csv(path)
    return path


def test_the_frontier_has_the_keys_of_the_contract_and_a_picture(
    call: Call, shop: Path, table: Path, tmp_path: Path
) -> None:
    code, out, _ = call(
        "frontier", shop, "--budgets", "3", "--curves", table, "--set", FEW,
        "--out", tmp_path, "--json",
    )  # fmt: skip
    document = json.loads(out)
    assert code == 0
    assert len(document["points"]) == 3
    assert {"budget", "value", "lower", "upper", "marginal"} <= set(document["points"][0])
    values = [point["value"] for point in document["points"]]
    assert values == sorted(values)
    picture = Path(document["picture"]).read_text("utf-8")
    assert "vega" in picture.lower()
    assert 'src="http' not in picture
    assert "this budget" in picture
    assert list(pd.read_csv(document["csv"])["value"]) == pytest.approx(values)


def test_a_plan_writes_its_csv_and_picture(
    call: Call, shop: Path, table: Path, tmp_path: Path
) -> None:
    code, out, _ = call("plan", shop, "--curves", table, "--set", FEW, "--out", tmp_path, "--json")
    document = json.loads(out)
    assert code == 0
    assert (tmp_path / "plan.csv").read_text().startswith("channel,month,amount")
    assert Path(document["picture"]).exists()


def test_a_weighted_sum_with_spend_is_an_objective(call: Call, shop: Path, table: Path) -> None:
    asked = (
        "plan",
        shop,
        "--curves",
        table,
        "--set",
        FEW,
        "--calm",
        0,
        "--json",
        "--objective",
    )
    sums = [json.loads(call(*asked, what)[1]) for what in ("margin=1, spend=-1", "profit")]
    assert sums[0]["objective"]["name"] == "margin - spend"
    assert sums[0]["objective"]["value"] == pytest.approx(sums[1]["objective"]["value"])
    code, _, said = call(*asked, "margin=1,spend=less")
    assert code == 2
    assert "margin=1,spend=-1" in said


@pytest.mark.long
def test_a_plan_by_week_comes_with_the_months_that_a_market_takes(
    call: Call, shop: Path, table: Path, tmp_path: Path
) -> None:
    few = ("--set", FEW, "--out", tmp_path, "--json")
    code, out, _ = call("plan", shop, "--curves", table, "--weeks", *few)
    document = json.loads(out)
    assert code == 0
    scenario = base()
    plan = MediaPlan.from_csv(tmp_path / "plan.csv", scenario.plannable, scenario.months)
    weeks = pd.read_csv(document["weeks"])
    assert weeks["week"].nunique() in (52, 53)
    assert len(document["spend"]) == len(weeks)
    assert weeks["amount"].sum() == pytest.approx(plan.total)
    assert Path(document["picture"]).exists()


def test_weekly_parameters_of_another_tool_are_planned_on_and_told(
    call: Call, shop: Path, table: Path, tmp_path: Path
) -> None:
    names = list(dict.fromkeys(pd.read_csv(table)["channel"]))
    spent = base().reference_plan.by_channel
    file = tmp_path / "mmm.csv"
    rows = [
        {"channel": f"{name}_spend", "saturation_lam": 1.0, "saturation_beta": 0.3,
         "adstock_alpha": 0.9, "channel_scale": spent[name] / 52}
        for name in names
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(file, index=False)
    asked = ("plan", shop, "--curves", file, "--set", FEW, "--given", "l_max=8")
    scale = sum(spent.values()) / 10
    code, out, _ = call(*asked, "--given", f"target_scale={scale}", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["without_base"] == ["revenue", "margin"]
    assert any("same mean lag" in note for note in document["notes"])
    assert document["objective"]["gap"] <= 1e-4
    code, shown, _ = call(*asked, "--given", f"target_scale={scale}")
    assert "without a base" in shown
    assert "read as pymc-marketing" in shown
    code, _, said = call(*asked)
    assert (code, "target_scale" in said) == (2, True)
    code, _, said = call("plan", shop, "--set", FEW, "--given", "l_max=8")
    assert (code, "--curves" in said) == (2, True)


def test_robust_needs_draws_and_says_so(call: Call, shop: Path, table: Path) -> None:
    code, _, said = call("plan", shop, "--curves", table, "--set", FEW, "--robust")
    assert code == 2
    assert "draws" in said


@pytest.mark.long
def test_measured_curves_are_written_and_read_back(call: Call, tmp_path: Path) -> None:
    small = ("--customers", "300", "--workers", "1")
    code, out, _ = call("curves", "retail", *small, "--out", tmp_path, "--json")
    document = json.loads(out)
    assert code == 0
    csv = Path(document["csv"])
    assert csv.read_text().startswith("channel,kpi,family")
    code, out, _ = call("plan", "retail", "--curves", csv, "--set", FEW, "--json")
    assert code == 0
    assert json.loads(out)["objective"]["gap"] <= 1e-4
