"""The report on the smart-home case: changes, intervals, reasons, costs, directions."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.cases.smart_home import (
    COLUMNS,
    FIGURES,
    HALF_YEAR,
    PAIR,
    Figure,
    change,
    half_years,
    smart_home_case,
    smart_home_report,
    sums_of,
)
from scenarios import load_scenario
from sim import Market, Setting
from tests.experiments.conftest import Call

SALES = Figure("sales", lambda x: x["sales"])
NAMES = [figure.name for figure in FIGURES]


@pytest.fixture(scope="module")
def report() -> pd.DataFrame:
    return smart_home_case(1500, 6, 1).table.set_index("figure")


# ---- arithmetic


@pytest.mark.parametrize("worlds", [1, 3])
def test_what_grows_by_the_same_share_everywhere_has_no_error(worlds: int) -> None:
    luck = np.random.default_rng(4)
    before = [{"sales": luck.uniform(1, 9, 6)} for _ in range(worlds)]
    after = [{"sales": 1.3 * one["sales"]} for one in before]
    found = change(SALES, before, after)
    assert found.value == pytest.approx(0.3)
    assert found.se == pytest.approx(0.0, abs=1e-12)


def test_the_error_is_the_jackknife_over_worlds() -> None:
    """Efron and Stein 1981: sqrt((n − 1) / n · Σ (θ_(i) − mean)²), here written out."""
    before, after = [2.0, 3.0, 5.0], [3.0, 3.0, 7.0]
    found = change(
        SALES, *([{"sales": np.array([x, x])} for x in side] for side in (before, after))
    )
    left = [(sum(after) - a) / (sum(before) - b) - 1 for a, b in zip(after, before, strict=True)]
    expected = np.sqrt(2 / 3 * sum((x - np.mean(left)) ** 2 for x in left))
    assert found.value == pytest.approx(13 / 10 - 1)
    assert found.se == pytest.approx(expected)


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.1, 0.3, ""), (0.3, 0.5, "more"), (-0.1, 0.1, "less")]
)
def test_a_size_that_is_off_gets_its_reason(low: float, high: float, said: str) -> None:
    figure = Figure("x", SALES.of, 0.25, above="more", below="less")
    assert figure.comment(low, high) == said


def test_every_published_size_has_a_reason_for_both_sides() -> None:
    sized = [figure for figure in FIGURES if figure.published]
    assert [figure.published for figure in sized] == [0.40, 1.0, 0.25, 0.25, 0.50]
    assert all(figure.above and figure.below for figure in sized)


def test_costs_beside_media_are_systems_content_and_desk() -> None:
    """Of half a year: systems by the day, films on their day of release, agents by the hour."""
    before, after = (load_scenario(name) for name in PAIR)
    years = half_years([Setting(one, 200, 5) for one in (before, after)], 1)
    costs = [sums_of(year)["overheads"].sum() for year in years]
    systems = sum(i.yearly_cost for i in after.investments) / 365 * HALF_YEAR
    desk = after.desk.agents * after.desk.hourly_wage * 12 * HALF_YEAR
    films = 2 * 150_000 * (1 + 3 * 0.1)
    siloed = 150_000 + 60_000 + 40_000 + 150_000
    assert costs == [pytest.approx(desk + siloed), pytest.approx(systems + desk + films)]


# ---- the market


def test_half_a_year_is_what_a_company_would_observe() -> None:
    """The book at day 182 is that of a market that is stepped there."""
    scenario = load_scenario(PAIR[1])
    ours = sums_of(half_years([Setting(scenario, 200, 5)], 1)[0])
    theirs = Market(scenario, 5, 200).advance(HALF_YEAR).observe().scorecard.sums("all")
    assert ours["revenue"].sum() > 0
    for name, values in theirs.items():
        np.testing.assert_array_equal(ours[name], values, err_msg=name)


@pytest.mark.long
def test_the_report_has_a_row_for_every_figure(report: pd.DataFrame) -> None:
    assert list(report.reset_index().columns) == list(COLUMNS)
    assert list(report.index) == NAMES
    assert (report["low"] <= report["change"]).all()
    assert (report["change"] <= report["high"]).all()
    expected = report["after"] / report["before"] - 1
    np.testing.assert_allclose(report["change"], expected, rtol=1e-9)


@pytest.mark.long
def test_every_direction_is_as_published(report: pd.DataFrame) -> None:
    assert (report.loc[report["published"].notna(), "change"] > 0).all()
    sure = ["email click rate", "all sales", "felt consistency"]
    assert (report.loc[sure, "low"] > 0).all()


@pytest.mark.long
def test_spend_is_equal_but_for_what_is_paid_per_event(report: pd.DataFrame) -> None:
    assert abs(report.loc["media spend", "change"]) < 0.03


@pytest.mark.long
def test_the_result_shows_changes_in_percent_and_its_old_name_works() -> None:
    case = smart_home_case(100, 1, 1)
    assert "email click rate" in repr(case)
    assert "+100\u00a0%" in repr(case)  # published
    assert "<table" in case._repr_html_()
    with pytest.warns(DeprecationWarning, match="smart_home_case"):
        table = smart_home_report(100, 1, 1)
    assert table.attrs == {"customers": 100, "replications": 1, "seed": 1}
    pd.testing.assert_frame_equal(table, case.table)


# ---- the command


@pytest.mark.long
def test_the_command_gives_the_report(call: Call) -> None:
    size = ("--customers", "100", "--replications", "2", "--workers", "1", "--quiet")
    code, out, _ = call("scenarios", "case", "smart_home", *size, "--json")
    document: dict[str, Any] = json.loads(out)
    assert code == 0
    assert document["case"] == "smart_home"
    assert (document["customers"], document["replications"], document["days"]) == (100, 2, 182)
    assert [row["figure"] for row in document["figures"]] == NAMES
    assert all(set(COLUMNS) <= set(row) for row in document["figures"])
    code, out, _ = call("scenarios", "case", "smart_home", *size)
    assert code == 0
    assert all(name in out for name in NAMES)


def test_a_case_that_is_not_known_is_refused(call: Call) -> None:
    code, out, _ = call("scenarios", "case", "smart_hut")
    assert (code, out) == (2, "")
