"""Pages of one chart: a scenario's text stays text, and a browser runs no script but ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import pytest
from markupsafe import Markup

from experiments.report.charts.plan import save_chart
from experiments.report.frame import document
from optimize import Curve, ResponseCurves
from scenarios import load_scenario
from sim import simulate
from tests.browser import chromium
from tiermix.cli.commands import data, frontier, plan
from tiermix.cli.inputs import CurvesSource

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ATTACK = "</script><script>window.PWN=1</script>"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of some commands and of any one chart, of names that would be script."""
    folder = tmp_path_factory.mktemp("pages")
    rule = {"kind": "budget", "name": ATTACK, "sense": "at_most"}
    scenario = load_scenario("retail", {"rules": [rule]})
    _curves(folder / "curves.csv")
    known = CurvesSource(folder / "curves.csv")
    ways = {"budget": None, "objective": None, "robust": False}
    where = plan.Place(folder, None, False)
    made = plan.job(scenario, known, False, None, ways, {}, plan.CALM, None, where)
    traced = frontier.job(scenario, 2, known, None, 60.0, folder, None, {"seed": 1})
    chart = alt.Chart(pd.DataFrame({"a": [ATTACK], "b": [1.0]})).mark_bar().encode(x="b", y="a")
    alone = save_chart(chart, folder / "alone.html", ATTACK)
    checked = Path(data.job(_table(folder / "table.csv"), folder / "data")["page"])
    drawn = {"plan": Path(made["picture"]), "frontier": Path(traced["picture"])}
    return {**drawn, "chart": alone, "data": checked}


def _table(path: Path) -> Path:
    """A company's table of a channel that would be script, and of one with unit costs."""
    rows = [
        f"2025-W{n:02d},{n * n % 17},{n},{100 + n},{900 + n},{50 + n},{5000 + n}"
        for n in range(1, 40)
    ]
    head = f"week,{ATTACK} spend,tv spend,tv clicks,tv impressions,orders,revenue"
    path.write_text("\n".join([head, *rows]), "utf-8")
    return path


def _curves(path: Path) -> None:
    scenario = load_scenario("retail")
    spent = scenario.reference_plan.by_channel
    curves = tuple(
        Curve(name, "margin", "hill", 0.4 * spent[name], spent[name] / 12, 0.9)
        for name in scenario.plannable
        if spent[name]
    )
    ResponseCurves(curves, scenario.months).to_csv(path)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def _sheet(browser: Browser, complaints: list[str]) -> Page:
    sheet = browser.new_context(offline=True).new_page()
    sheet.on("console", lambda message: complaints.append(message.text))
    sheet.on("pageerror", lambda error: complaints.append(str(error)))
    return sheet


@pytest.mark.parametrize("name", ["plan", "frontier", "chart", "data"])
def test_no_text_of_a_scenario_closes_a_script(pages: dict[str, Path], name: str) -> None:
    text = pages[name].read_text("utf-8")
    assert "<script>window.PWN" not in text
    assert "Content-Security-Policy" in text
    assert "window.PWN" in text or name == "frontier"


def test_a_run_in_a_notebook_shows_its_currency_as_text() -> None:
    scenario = load_scenario("retail", {"currency": "<i>"})
    shown = simulate(scenario, seed=1, customers=300, workers=1)._repr_html_()
    assert "&lt;i&gt;" in shown
    assert "<i>" not in shown


@pytest.mark.parametrize("name", ["plan", "frontier", "chart", "data"])
def test_pages_are_drawn_under_their_policy_without_a_menu(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    complaints: list[str] = []
    sheet = _sheet(browser, complaints)
    sheet.goto(pages[name].as_uri())
    sheet.wait_for_function("document.documentElement.dataset.drawn", timeout=30_000)
    assert sheet.locator(".chart svg path").count() > 1
    assert sheet.locator(".vega-actions, details").count() == 0
    assert sheet.evaluate("window.PWN") is None
    assert complaints == []


def test_a_browser_runs_no_script_that_is_not_ours(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(document("x", Markup("<script>window.PWN=1</script>")), "utf-8")
    complaints: list[str] = []
    sheet = _sheet(browser, complaints)
    sheet.goto(page.as_uri())
    assert sheet.evaluate("window.PWN") is None
    assert any("Content Security Policy" in line for line in complaints)


def test_charts_do_not_wait_for_a_grammar_of_addresses() -> None:
    """JupyterLab brings it, and jsonschema prepares it for a second wherever it finds it."""
    asked = "import sys, experiments.report.charts.common; print('rfc3987_syntax' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "False"
