"""A plan as a workbook: it is read back as it was, edits count, and names start no formula."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from experiments import write_plan_workbook
from optimize import Plan, ResponseCurves, allocate, linear_curves
from scenarios import PlanError, Scenario, load_scenario, read_plan
from tiermix.core.tables.sheets import Formula, Sheet, write_workbook


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("retail", {"rules": []})


@pytest.fixture(scope="module")
def curves(scenario: Scenario) -> ResponseCurves:
    plan = scenario.reference_plan
    slopes = {"margin": {c: 1.0 + 0.1 * k for k, c in enumerate(scenario.plannable)}}
    level = {"margin": 1e6}
    return linear_curves(scenario, plan, slopes, level, plan)


@pytest.fixture(scope="module")
def plan(scenario: Scenario, curves: ResponseCurves) -> Plan:
    return allocate(scenario, curves, objective="margin", budget=0.5 * scenario.budget)


def back(file: Path, scenario: Scenario) -> Any:
    return read_plan(file, scenario.plannable, scenario.months, scenario.other_names)


def test_a_workbook_is_read_back_as_the_plan_it_was(
    tmp_path: Path, scenario: Scenario, curves: ResponseCurves, plan: Plan
) -> None:
    file = write_plan_workbook(tmp_path / "plan.xlsx", plan, scenario, curves)
    assert back(file, scenario) == plan.monthly
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["answer", "plan", "goals", "prices", "curves", "assumptions"]
    page = book["plan"]
    assert [cell.value for cell in page[1]][:6] == [
        "channel", "name", "tier", "last year", "plan", "change",
    ]  # fmt: skip
    assert page["E2"].value == "=SUM(G2:R2)"
    rows = len(scenario.plannable)
    assert page.cell(rows + 2, 5).value == f"=SUM(E2:E{rows + 1})"
    assert [cell.value for cell in page[1]][-4:] == ["Q1", "Q2", "Q3", "Q4"]
    told = {row[0].value: row[1].value for row in book["answer"].iter_rows()}
    assert told["certificate"].startswith("within")


def test_months_that_were_edited_count_and_sums_that_do_not_follow_are_refused(
    tmp_path: Path, scenario: Scenario, curves: ResponseCurves, plan: Plan
) -> None:
    file = write_plan_workbook(tmp_path / "plan.xlsx", plan, scenario, curves)
    book = openpyxl.load_workbook(file)
    page = book["plan"]
    page["G2"] = 12345.5
    book.save(file)
    found = back(file, scenario)
    assert found.amounts[0, 0] == 12345.5
    page["E2"] = 1.0
    book.save(file)
    with pytest.raises(PlanError, match="row 2: plan of this row is 1, and its amounts add up to"):
        back(file, scenario)
    page["E2"], page["G2"] = "=SUM(G2:R2)", "=1+2"
    book.save(file)
    with pytest.raises(PlanError, match="the formula '=1\\+2' has no value"):
        back(file, scenario)


def test_a_workbook_that_swells_is_refused_before_it_is_opened(
    tmp_path: Path, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sheet `plan` was looked for before its size was."""
    file = write_workbook(tmp_path / "x.xlsx", [Sheet("plan", ("a",), [(1,)]), Sheet("b", (), [])])
    opened: list[object] = []
    monkeypatch.setattr("tiermix.core.tables.workbook.SWELL", 10)
    monkeypatch.setattr("openpyxl.load_workbook", lambda *told, **_: opened.append(told))
    with pytest.raises(PlanError, match="unpacked"):
        back(file, scenario)
    assert not opened


def test_names_start_no_formula(tmp_path: Path) -> None:
    names = ["=cmd()", "+1", "-1", "@x", "a\x07b"]
    sheet = Sheet("a/b:c", ("=head", "n"), [(name, 1.5) for name in names])
    file = write_workbook(tmp_path / "names.xlsx", [sheet])
    page = openpyxl.load_workbook(file).worksheets[0]
    assert page.title == "a b c"
    cells = [row[0] for row in page.iter_rows()]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == ["=head", "=cmd()", "+1", "-1", "@x", "ab"]
    assert all(cell.quotePrefix for cell in cells[:5])


def test_figures_that_are_none_are_left_empty(tmp_path: Path) -> None:
    rows = [(float("nan"), None, float("inf"), Formula("=1+1"))]
    file = write_workbook(tmp_path / "x.xlsx", [Sheet("x", ("a", "b", "c", "d"), rows)])
    page = openpyxl.load_workbook(file).worksheets[0]
    assert [cell.value for cell in page[2]] == [None, None, None, "=1+1"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_a_spreadsheet_that_saves_it_leaves_the_plan_as_it_was(
    tmp_path: Path, scenario: Scenario, curves: ResponseCurves, plan: Plan
) -> None:
    file = write_plan_workbook(tmp_path / "plan.xlsx", plan, scenario, curves)
    out = tmp_path / "saved"
    command = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert back(out / "plan.xlsx", scenario) == plan.monthly
