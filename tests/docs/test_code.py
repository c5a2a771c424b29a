"""The code on every page runs as it is printed, and leaves behind what the page promises."""

import functools
import inspect
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim import CommunityHandle, Market
from tests.docs.pages import PAGES, has_python, run

Names = dict[str, Any]


def _events(folder: Path, names: Names) -> None:
    """The reader's own table, which the page takes for granted."""
    from attribution.samples import sample_log

    log = sample_log(100)
    names["events"] = pd.concat([log.touches, log.conversions])
    names["events"].to_parquet(folder / "events.parquet")


def _run_folder(folder: Path, names: Names) -> None:
    """A year of few customers in few communities, where the page has one that was simulated."""
    from scenarios import load_scenario
    from sim import simulate

    (out,) = re.findall(
        r'history_of\("([^"]+)"\)', PAGES["docs/how-to/calibrate.md"].read_text("utf-8")
    )
    simulate(load_scenario("retail"), seed=1, customers=500, out=folder / out)


def _curves(folder: Path, names: Names) -> None:
    """Curves as `tiermix curves` writes them, measured on few customers."""
    from experiments import measure_curves
    from scenarios import load_scenario

    curves = measure_curves(load_scenario("retail"), customers=400, workers=1)
    curves.to_csv(folder / "curves.csv")


def _own_test(folder: Path, names: Names) -> None:
    """A geo test as the page has it, with its two treated cities."""
    rng, days = np.random.default_rng(1), pd.date_range("2025-01-01", periods=105)
    common = 1 + 0.1 * rng.random(len(days))
    cities = ["chicago", "portland", *(f"city {n}" for n in range(10))]
    rows = [
        {"location": city, "Y": 1000 * x * (1 + 0.02 * rng.standard_normal()), "date": day.date()}
        for city in cities
        for day, x in zip(days, common, strict=True)
    ]
    pd.DataFrame(rows).to_csv(folder / "geo.csv", index=False)


NEEDS: dict[str, Callable[[Path, Names], None]] = {
    "docs/how-to/calibrate.md": _run_folder,
    "docs/how-to/field-test.md": _own_test,
    "docs/reference/allocation.md": _curves,
    "docs/reference/attribution.md": _events,
}
# Figures that nobody reads in a test are of fewer customers.
FEWER = {"customers=2000": "customers=100"}
SMALLER: dict[str, dict[str, str]] = {
    "README.md": FEWER,
    "docs/how-to/calibrate.md": {
        'load_scenario("retail"))': 'load_scenario("retail"), customers=200, replications=2)'
    },
    "docs/how-to/lift.md": FEWER,
    "docs/how-to/truth.md": FEWER,
    "docs/reference/allocation.md": {
        "measure_curves(scenario)": "measure_curves(scenario, customers=400, workers=1)"
    },
}
LONG = {
    "docs/how-to/benchmark.md",
    "docs/how-to/calibrate.md",
    "docs/how-to/validate.md",
    "docs/reference/allocation.md",
}
# Pages on extending Tiermix, and tutorials, are followed in `test_extend` and `test_tutorials`.
FOLLOWED = re.compile("/(extend|tutorials)/")
WITH_CODE = [page for page in PAGES if has_python(page) and not FOLLOWED.search(page)]


@functools.cache
def _ran(page: str) -> Names:
    names: Names = {}
    with tempfile.TemporaryDirectory() as name:
        if need := NEEDS.get(page):
            need(Path(name), names)
        run(page, Path(name), SMALLER.get(page, {}), names)
    return names


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[pytest.mark.long] if page in LONG else []) for page in WITH_CODE],
)
def test_the_code_of_a_page_runs(page: str) -> None:
    assert _ran(page)


def test_a_block_that_fails_is_found(tmp_path: Path) -> None:
    with pytest.raises(ModuleNotFoundError):
        run("README.md", tmp_path, {"from sim import simulate": "from simm import simulate"}, {})


def test_what_is_said_of_pages_is_said_of_pages_that_are_there() -> None:
    assert {*NEEDS, *SMALLER, *LONG} <= set(WITH_CODE)


# --- what pages promise -----------------------------------------------------------------------


def test_the_truth_of_the_page_has_a_row_for_each_channel() -> None:
    names = _ran("docs/how-to/truth.md")
    assert len(names["found"].table) == 12
    assert names["people"].table["unit"].tolist() == ["douyin"]


def test_the_page_about_truth_explains_every_effect() -> None:
    from sim.truth.estimands import ESTIMANDS

    page = PAGES["docs/how-to/truth.md"].read_text("utf-8")
    told = set(re.findall(r"\| `(\w+)` \|", page)) | set(re.findall(r"^`(\w+)` ", page, re.M))
    assert told >= set(ESTIMANDS)


def test_the_lift_test_of_the_page_bends_credit() -> None:
    names = _ran("docs/how-to/lift.md")
    assert names["test"].lifts["channel"].tolist() == ["xiaohongshu"]
    assert "xiaohongshu" in names["model"].credit_.index


@pytest.mark.long
def test_the_plan_of_the_page_keeps_the_budget() -> None:
    names = _ran("docs/reference/allocation.md")
    assert names["plan"].media.total <= names["scenario"].budget * (1 + 1e-9)


@pytest.mark.long
def test_the_calibration_of_the_page_gives_a_scenario() -> None:
    found = _ran("docs/how-to/calibrate.md")["found"]
    assert {"estimate", "low", "high"} <= set(found.parameters[0])
    assert found.scenario.channels


def test_the_page_about_attribution_names_every_model() -> None:
    from attribution import MODELS

    page = PAGES["docs/reference/attribution.md"].read_text("utf-8")
    assert [name for name in MODELS if f"`{name}`" not in page] == []


def test_the_page_about_validation_names_every_sweep() -> None:
    from experiments.validation.sweeps import SWEEPS

    page = PAGES["docs/how-to/validate.md"].read_text("utf-8")
    assert [name for name in SWEEPS if f"`{name}`" not in page] == []


# --- a process of one's own -------------------------------------------------------------------

OWN_PROCESS = "docs/how-to/own-process.md"


def test_a_market_stands_where_the_page_left_it() -> None:
    names = _ran(OWN_PROCESS)
    assert names["seen"].year.days == 90
    assert names["market"].over
    assert names["pressed"].over


def test_the_review_moves_money_and_keeps_the_budget() -> None:
    names = _ran(OWN_PROCESS)
    scenario = names["scenario"]
    market = Market(scenario, seed=1, customers=500)
    names["reviewed"](market)
    assert market.plan != scenario.reference_plan
    assert market.plan.total == pytest.approx(scenario.reference_plan.total)
    month = scenario.months[0]
    assert market.plan.by_month[month] == pytest.approx(scenario.reference_plan.by_month[month])


def test_the_outage_costs_and_delivers_nothing() -> None:
    names = _ran(OWN_PROCESS)
    for seen in (names["down"], names["run"].planned):
        spend, touches = seen.ledger, seen.log.touches
        spent = spend[spend["channel"] == "douyin"].groupby(spend["date"].dt.month)["spend"].sum()
        assert spent[5] == 0 < spent[4]
        mine = touches[(touches["channel"] == "douyin") & (touches["kind"] == "impression")]
        shown = mine["time"].dt.month.value_counts()
        assert shown.get(5, 0) == 0 < shown[4]
    pd.testing.assert_frame_equal(
        names["down"].ledger.query("date < '2026-06-01'").reset_index(drop=True),
        names["run"].ledger.query("date < '2026-06-01'").reset_index(drop=True),
    )


def test_the_rivals_act() -> None:
    names = _ran(OWN_PROCESS)
    assert any(
        simulation.market["outside_search"] > 0 for simulation in names["pressed"]._simulations
    )
    assert names["market"]._simulations[0].market["outside_search"] != 0


@pytest.mark.parametrize("noun", [CommunityHandle, Market])
def test_the_page_about_processes_names_every_public_method(noun: type) -> None:
    public = [n for n, _ in inspect.getmembers(noun) if not n.startswith("_")]
    known = set(re.findall(r"\w+", PAGES[OWN_PROCESS].read_text("utf-8")))
    assert [name for name in public if name not in known] == []
