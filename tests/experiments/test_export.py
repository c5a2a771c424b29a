"""Tables for other tools: read back by our readers, they say what the market's own tables say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attribution import Last
from experiments import Asked, check_formats, check_table, export_run, read_test
from experiments.benchmark.suite import markets_folder
from experiments.export.tools import FORMATS
from experiments.field_test.regions import RegionTable
from experiments.study import StudyError
from journeys import JourneyLog
from scenarios import MediaPlan, load_scenario
from sim import Run, simulate

SEED, CUSTOMERS = 3, 600


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A market with a rival, hand-offs and three regions, written for every tool."""
    scenario = load_scenario(markets_folder() / "rival_shock.yaml")
    out = tmp_path_factory.mktemp("run") / "out"
    found = simulate(scenario, seed=SEED, customers=CUSTOMERS, workers=1, out=out)
    written = export_run(found, FORMATS, workers=1)
    assert {file.stem for file in written} == {*FORMATS, "truth", "truth_by_week"}
    return found


@pytest.fixture(scope="module")
def weeks(run: Run) -> pd.DataFrame:
    """Both years' aggregates by whole week: what the export has to add up to."""
    both = pd.concat([run.history.aggregates, run.aggregates])
    by_week = both.groupby(["week", "channel"])[["spend", "conversions", "revenue"]].sum()
    return by_week.loc[sorted(both["week"].unique())[:104]]


def folder(run: Run) -> Path:
    return run.folder / "export"


@pytest.mark.parametrize("tool", ["mmm", "meridian", "robyn"])
def test_a_table_of_weeks_is_understood_and_adds_up(run: Run, weeks: pd.DataFrame, tool) -> None:
    found = check_table(folder(run) / f"{tool}.csv")
    document = found.to_dict()
    assert document["periods"] == 104
    roles = {column["name"]: column for column in document["columns"]}
    ours = {name.replace("_", " ") for name in run.scenario.plannable}
    assert {c["channel"] for c in roles.values() if c["channel"]} == ours
    assert any(c["control"] for c in roles.values())
    assert not [d for d in document["doubts"] if d["severity"] == "stop"]
    history = pd.read_csv(_written(found, run.folder.parent / f"{tool}.csv"))
    spend = history[history["channel"] != "total"].groupby("channel")["spend"].sum()
    known = weeks["spend"].groupby("channel", observed=True).sum()
    for name in run.scenario.plannable:
        assert spend[name.replace("_", " ")] == pytest.approx(known[name], rel=1e-6)
    total = history[history["channel"] == "total"]
    assert total["revenue"].sum() == pytest.approx(weeks["revenue"].sum(), rel=1e-6)


def _written(found, file: Path) -> Path:
    file.write_text(found.history, "utf-8")
    return file


def test_the_table_of_pymc_is_understood_once_its_columns_are_told(
    run: Run, weeks: pd.DataFrame
) -> None:
    told = ["orders=y", *(f"spend.{name}={name}" for name in run.scenario.plannable)]
    found = check_table(folder(run) / "pymc.csv", columns=(",".join(told),), order_value=100.0)
    assert found.to_dict()["periods"] == 104
    table = pd.read_csv(folder(run) / "pymc.csv")
    assert table["y"].sum() == pytest.approx(weeks["conversions"].sum())


def test_geos_add_up_to_the_market_and_their_people_to_its_size(
    run: Run, weeks: pd.DataFrame
) -> None:
    table = pd.read_csv(folder(run) / "mmm.csv")
    assert table.groupby("date")["orders"].sum().to_numpy() == pytest.approx(
        weeks["conversions"].groupby("week").sum().to_numpy()
    )
    people = table.groupby("geo")["population"].first()
    assert len(people) == 24
    assert people.sum() == pytest.approx(run.scenario.market_size)
    during = table[table["date"].between("2026-05-06", "2026-08-19")]["control.rival"]
    assert (during == 1).all()
    assert (table[table["date"] < "2026-04-20"]["control.rival"] == 0).all()


def test_the_geo_panel_is_read_as_a_test_of_regions(run: Run, weeks: pd.DataFrame) -> None:
    asked = Asked(treated="north-01,middle-11", start="2026-03-04")
    found = read_test(folder(run) / "geolift.csv", asked)
    assert isinstance(found, RegionTable)
    assert (len(found.regions), len(found.dates), found.before) == (24, 104, 61)
    assert np.sum(found.outcome) == pytest.approx(weeks["conversions"].sum())


def test_the_events_of_ga4_give_the_credit_of_the_log(run: Run) -> None:
    theirs = Last().fit(JourneyLog.open(folder(run) / "ga4.csv")).credit_["conversions"]
    visits = run.log.touches[run.log.touches["kind"] == "visit"]
    ours = Last().fit(JourneyLog(visits, run.log.conversions)).credit_["conversions"]
    assert theirs["paid_search / simulated"] == ours["paid_search"]
    assert theirs["direct"] >= ours["direct"]  # what came without any visit is direct there
    orders = (run.log.conversions["kind"] == "order").sum()
    assert theirs.sum() == orders


def test_the_truth_is_the_same_year_without_the_channels_money(run: Run) -> None:
    """By a program of its own: `simulate` with a plan that gives the channel nothing."""
    table = pd.read_csv(folder(run) / "truth_by_week.csv", parse_dates=["week"])
    plan, name = run.scenario.reference_plan, "paid_search"
    amounts = plan.amounts.copy()
    amounts[plan.channels.index(name)] = 0.0
    without = simulate(
        run.scenario,
        plan=MediaPlan(plan.channels, plan.months, amounts),
        seed=SEED,
        customers=CUSTOMERS,
        workers=1,
    ).aggregates
    step = run.aggregates.groupby("week")["conversions"].sum()
    step -= without.groupby("week")["conversions"].sum()
    mine = table[table["channel"] == name].set_index("week")["orders"]
    assert mine.to_numpy() == pytest.approx(step.reindex(mine.index).to_numpy())
    summed = pd.read_csv(folder(run) / "truth.csv").set_index("channel")
    assert summed.loc[name, "orders"] == pytest.approx(mine.sum())
    assert summed.loc[name, "orders"] > 3 * summed.loc[name, "orders_se"] > 0
    ledger = run.ledger[run.ledger["date"] < "2026-12-30"]
    spent = ledger.groupby("channel", observed=True)["spend"].sum()[name]
    assert summed.loc[name, "spend"] == pytest.approx(spent)
    assert summed.loc[name, "roi"] == pytest.approx(summed.loc[name, "revenue"] / spent)


def test_a_run_takes_the_place_of_one_that_was_exported(run: Run, tmp_path: Path) -> None:
    scenario, out = run.scenario, tmp_path / "again"
    first = simulate(scenario, seed=1, customers=100, workers=1, out=out)
    export_run(first, ["ga4"], workers=1)
    simulate(scenario, seed=2, customers=100, workers=1, out=out)
    assert not (out / "export").exists()


def test_an_unknown_tool_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(StudyError, match="'lightweight' is not known; use some of mmm"):
        check_formats(["mmm", "lightweight"])


def test_revenue_per_conversion_is_finite_where_nothing_was_sold(run: Run) -> None:
    table = pd.read_csv(folder(run) / "meridian.csv")
    assert np.isfinite(table["revenue_per_conversion"]).all()
    assert (table["conversions"] == 0).any()
