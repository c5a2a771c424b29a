"""Money reconciles: to the cent where it is spent as planned, never above where it is a cap."""

import numpy as np
import pandas as pd
import pytest

from scenarios import MediaPlan, Scenario, load_scenario
from sim import Run, simulate
from sim.setup.compile import world_of
from tests.scenes import busy

CENT = 0.005


@pytest.fixture(scope="module")
def plan() -> MediaPlan:
    """Uneven money: some channels pause, some months are rich."""
    scenario = busy()
    luck = np.random.default_rng(4)
    amounts = scenario.reference_plan.amounts * luck.choice([0.0, 0.4, 1.0, 2.3], (7, 12))
    return MediaPlan(scenario.plannable, scenario.months, amounts)


@pytest.fixture(scope="module")
def run(plan: MediaPlan) -> Run:
    """A year of it."""
    return simulate(busy(), plan=plan, seed=3, customers=2000, workers=1)


@pytest.fixture(scope="module")
def retail() -> Run:
    """The retail scenario, whose last year wandered."""
    return simulate(load_scenario("retail"), seed=3, customers=2000, workers=1)


def _monthly(ledger: pd.DataFrame) -> pd.DataFrame:
    month = ledger["date"].dt.strftime("%Y-%m")
    table = ledger.assign(channel=ledger["channel"].astype(str), month=month)
    return table.pivot_table(index="channel", columns="month", values="spend", aggfunc="sum")


def _kinds(scenario: Scenario, *, capped: bool) -> list[str]:
    """Channels that are there all year; those with dates of their own stand in test_market."""
    always = [c for c in scenario.channels if c.plannable and not c.dates]
    return [c.name for c in always if c.capped == capped]


def test_the_ledger_is_the_plan_where_money_is_spent_as_planned(run: Run, plan: MediaPlan) -> None:
    spent = _monthly(run.ledger)
    names = _kinds(run.scenario, capped=False)
    assert set(names) == {"seo", "video", "notes"}
    for name in names:
        np.testing.assert_allclose(spent.loc[name], plan.of(name), rtol=0, atol=CENT)


def test_the_ledger_never_exceeds_the_plan_where_it_is_a_cap(run: Run, plan: MediaPlan) -> None:
    spent = _monthly(run.ledger)
    for name in _kinds(run.scenario, capped=True):
        assert (spent.loc[name] <= plan.of(name) + CENT).all()
        assert spent.loc[name].sum() > 0


def test_a_month_without_money_costs_and_brings_nothing(run: Run, plan: MediaPlan) -> None:
    """Pure media and capped channels; content lasts beyond its money."""
    touches = run.log.touches
    month = touches["time"].dt.strftime("%Y-%m")
    for name in ("ads", "again", "mail"):
        shown = touches["kind"].isin(["impression", "message"]) & (touches["channel"] == name)
        for when, money in zip(plan.months, plan.of(name), strict=True):
            assert money > 0 or not (shown & (month == when)).any()


def test_direct_visits_cost_nothing(run: Run) -> None:
    assert (run.ledger.loc[run.ledger["channel"] == "direct", "spend"] == 0).all()


def test_the_scorecard_spends_what_the_ledger_says(run: Run) -> None:
    assert run.scorecard.value("spend") == pytest.approx(run.ledger["spend"].sum(), rel=1e-12)
    assert run.aggregates["spend"].sum() == pytest.approx(run.ledger["spend"].sum(), rel=1e-12)


def test_a_regional_channel_spends_all_its_money_there(run: Run, plan: MediaPlan) -> None:
    notes = run.aggregates[run.aggregates["channel"] == "notes"].groupby("region")["spend"].sum()
    assert notes["west"] == 0
    assert notes["east"] == pytest.approx(plan.of("notes").sum(), abs=CENT)


def test_money_is_spread_over_regions_by_people(run: Run, plan: MediaPlan) -> None:
    video = run.aggregates[run.aggregates["channel"] == "video"].groupby("region")["spend"].sum()
    assert video["east"] / plan.of("video").sum() == pytest.approx(0.55, rel=1e-9)


def test_last_year_wandered_over_regions_and_weeks(retail: Run) -> None:
    frame = retail.history.aggregates
    douyin = frame[frame["channel"] == "douyin"].pivot_table(
        index="week", columns="region", values="spend"
    )
    inner = douyin.iloc[1:-1]
    shares = inner.div(inner.sum(axis=1), axis=0)
    assert (shares.std() > 0.05).all()
    changes = np.log(inner).diff().dropna()
    assert (changes.std() > 0.3).all()
    assert abs(np.corrcoef(changes.T)[0, 1]) < 0.6


def test_last_years_months_add_up_to_what_the_history_says(retail: Run) -> None:
    spent = _monthly(retail.history.ledger)
    last = retail.scenario.last_year
    for name in _kinds(retail.scenario, capped=False):
        np.testing.assert_allclose(spent.loc[name], last.of(name), rtol=1e-9)
    for name in _kinds(retail.scenario, capped=True):
        assert (spent.loc[name] <= last.of(name) + CENT).all()


def test_how_last_year_wandered_belongs_to_the_scenario_not_to_the_seed(retail: Run) -> None:
    other = simulate(retail.scenario, seed=4, customers=400, workers=1)
    ours, theirs = (
        r.history.ledger.set_index(["channel", "date"])["spend"] for r in (retail, other)
    )
    for name in _kinds(retail.scenario, capped=False):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9)


@pytest.mark.parametrize("customers", [41, 333])
def test_money_reconciles_however_customers_divide(customers: int) -> None:
    """Heads that do not divide evenly over regions and communities lose no money."""
    odd = simulate(busy(), seed=3, customers=customers, workers=1)
    spent = _monthly(odd.ledger)
    for name in _kinds(odd.scenario, capped=False):
        np.testing.assert_allclose(spent.loc[name], odd.plan.of(name), rtol=0, atol=CENT)
    for name in _kinds(odd.scenario, capped=True):
        assert (spent.loc[name] <= odd.plan.of(name) + CENT).all()


def test_plans_reckon_with_the_prices_that_the_market_asks() -> None:
    """By channel and month: inflation, seasons, rivals who bid, sure shocks."""
    scenario = busy()
    world, months = world_of(scenario, 100), (*scenario.history_months, *scenario.months)
    for c, channel in enumerate(scenario.channels):
        day = 0
        for month in months:
            days = world.price[c, day : day + scenario.days_in(month)]
            assert scenario.price_index(channel.name, month) == pytest.approx(days.mean())
            day += len(days)
    march = (scenario.price_index(name, "2025-03") for name in ("ads", "video"))
    assert next(march) == pytest.approx(1.5 * next(march))  # a price jump hits only one of them
