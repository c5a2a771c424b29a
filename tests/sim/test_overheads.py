"""Money beside media: what is due when, that it is in profit, and that no luck is in it."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from scenarios import Scenario
from sim import Run, simulate
from sim.output.overheads import KINDS, overheads
from tests.scenes import DIRECT, market, media, shopper

CALLS = {"name": "calls", "tier": 1, "delivery": "desk", "ownership": "owned"}


def costly(**fields: object) -> Scenario:
    """An asset in each year, two investments, and a desk that works Monday to Friday."""
    made = {
        "content": {
            "adapt_cost": 0.25,
            "assets": [
                {"name": "film", "made_for": "media", "adapted_to": ["wall"],
                 "release": "2025-12-31", "cost": 800.0},
                {"name": "paper", "made_for": "media", "adapted_to": ["wall", "radio"],
                 "release": "2026-04-10", "cost": 1000.0},
            ],
        },
        "investments": [
            {"name": "profiles", "start": "2026-07-01", "yearly_cost": 36_500.0},
            {"name": "rules", "start": "2024-03-01", "yearly_cost": 7_300.0},
        ],
        "desk": {"channel": "calls", "agents": 100_000, "hourly_wage": 6e-4, "opens": 9.0,
                 "closes": 17.5, "weekdays": 5},
    }  # fmt: skip
    return market(
        DIRECT,
        CALLS,
        media(),
        media("wall"),
        media("radio"),
        people=shopper(),
        **(made | {"defaults": {"communities": 8}} | fields),
    )


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate(costly(), seed=1, customers=101, workers=1)


def test_each_thing_is_due_when_it_should_be(run: Run) -> None:
    paid = {name: rows.set_index("date")["amount"] for name, rows in run.costs.groupby("name")}
    assert set(paid) == {"paper", "profiles", "rules", "calls"}
    assert paid["paper"].to_dict() == {pd.Timestamp("2026-04-10"): 1000.0 * (1 + 2 * 0.25)}
    assert len(paid["profiles"]) == 184
    assert np.allclose(paid["profiles"], 100.0)
    assert paid["profiles"].index[0] == pd.Timestamp("2026-07-01")
    assert paid["rules"].sum() == pytest.approx(7_300.0)
    working = [d for d in pd.date_range("2026-01-01", "2026-12-31") if d.dayofweek < 5]
    assert list(paid["calls"].index) == working
    assert np.allclose(paid["calls"], 3 * 8.5 * 20.0)


def test_the_history_year_has_costs_of_its_own(run: Run) -> None:
    before = run.history.costs
    assert before.groupby("name")["amount"].sum().to_dict() == pytest.approx(
        {"film": 1000.0, "rules": 7_300.0, "calls": 261 * 3 * 8.5 * 20.0}
    )
    assert before["date"].max() < pd.Timestamp(run.scenario.start)
    assert set(run.costs["kind"]) == set(KINDS)


def test_a_whole_year_costs_what_it_says_in_a_leap_year_too() -> None:
    data = costly().model_dump(mode="json") | {"start": "2028-01-01"}
    data["content"]["assets"] = []
    scenario = Scenario.model_validate(data)
    found = {o.name: o for o in overheads(scenario, planned=True)}
    assert len(found["rules"].amounts) == 366
    assert found["rules"].amounts.sum() == pytest.approx(7_300.0)
    weekdays = sum((dt.date(2028, 1, 1) + dt.timedelta(d)).weekday() < 5 for d in range(366))
    assert found["calls"].amounts.sum() == pytest.approx(weekdays * 3 * 8.5 * 20.0)


def test_tables_lie_in_the_run_folder(run: Run) -> None:
    for year, folder in ((run.planned, run.folder), (run.history, run.folder / "history")):
        frame = pd.read_parquet(folder / "costs.parquet")
        assert list(frame.columns) == ["date", "kind", "name", "amount"]
        pd.testing.assert_frame_equal(frame, year.costs, check_dtype=False)


def test_profit_is_margin_less_media_less_overheads_in_every_period(run: Run) -> None:
    card = run.scorecard
    month = run.costs["date"].dt.strftime("%Y-%m")
    for scope in ("all", *(f"month:{m}" for m in run.scenario.months)):
        mine = month == scope[6:] if scope != "all" else month != ""
        expected = card.value("margin", scope) - card.value("spend", scope)
        expected -= run.costs["amount"][mine].sum()
        assert card.value("profit", scope) == pytest.approx(expected, rel=1e-12)
    quarters = sum(card.value("profit", f"quarter:Q{q}") for q in range(1, 5))
    assert quarters == pytest.approx(card.value("profit"), rel=1e-12)


def test_overheads_are_no_error(run: Run) -> None:
    """Communities differ in size, and still profit is as uncertain as without overheads."""
    assert len(set(run.planned.year.end_states[:, 0].sum(axis=1))) > 1
    free = costly(content={}, investments=[], desk={})
    bare = simulate(
        free.model_copy(update={"desk": run.scenario.desk.model_copy(update={"hourly_wage": 0.0})}),
        seed=1, customers=101, workers=1,
    )  # fmt: skip
    ours, theirs = (r.scorecard.estimates()["profit"] for r in (run, bare))
    assert bare.costs.empty
    assert pd.read_parquet(bare.folder / "costs.parquet").empty
    assert theirs[0] - ours[0] == pytest.approx(run.costs["amount"].sum(), rel=1e-9)
    assert ours[1] == pytest.approx(theirs[1], rel=1e-9)
    assert run.scorecard.estimates()["roi"] == bare.scorecard.estimates()["roi"]
