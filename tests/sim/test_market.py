"""A market driven step by step lives as `simulate` does, and follows the plans it is given."""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scenarios import MediaPlan, Scenario, library_names, load_scenario
from sim import Arm, Market, MarketError, Observed, Run, RunError, Setting, simulate
from sim.engine.counts import channel_counts
from sim.market import market as module
from sim.market.engines import Engine
from tests.scenes import DIRECT, busy, flat, market, shopper, slot

FEW, SEED = 60, 5


@pytest.fixture(scope="module", autouse=True)
def _one_history_for_all() -> Iterator[None]:
    """Markets that ask for nothing of their own begin at the same snapshots, lived once.

    That a snapshot can be gone on from any number of times is tested among the contracts.
    """
    live, known = module._simulate_history, {}

    def history(setting: Setting, *options: Any) -> Any:
        if options != ((), 1, None):
            return live(setting, *options)
        key = (setting.scenario.hash, setting.customers, setting.seed, setting.engine)
        if key not in known:
            known[key] = live(setting, *options)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_simulate_history", history)
        yield


@cache
def run_of(engine: Engine = "batch") -> Run:
    return simulate(busy(), seed=SEED, customers=FEW, workers=1, engine=engine)


def born(**options: object) -> Market:
    return Market(busy(), SEED, FEW, **options)


def assert_same_tables(ours: Observed, theirs: Observed) -> None:
    """Every value of every table, to the last bit."""
    exactly = pd.testing.assert_frame_equal
    exactly(ours.log.touches, theirs.log.touches, check_exact=True)
    exactly(ours.log.conversions, theirs.log.conversions, check_exact=True)
    exactly(ours.ledger, theirs.ledger, check_exact=True)
    exactly(ours.aggregates, theirs.aggregates, check_exact=True)
    assert repr(ours.scorecard.to_dict()) == repr(theirs.scorecard.to_dict())


def until(seen: Observed, day: dt.date) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Touches, conversions and money before a date, visitors as text."""
    tables = seen.log.touches, seen.log.conversions
    early = [t[t["time"].dt.tz_localize(None) < pd.Timestamp(day)] for t in tables]
    touches, conversions = (t.astype({"visitor_id": object}).reset_index(drop=True) for t in early)
    ledger = seen.ledger[seen.ledger["date"] < pd.Timestamp(day)].reset_index(drop=True)
    return touches, conversions, ledger


def months_of(seen: Observed) -> pd.DataFrame:
    """Money spent, channels by months."""
    dated = seen.ledger.assign(month=seen.ledger["date"].dt.strftime("%Y-%m"))
    return dated.pivot_table("spend", "channel", "month", "sum", observed=True)


def clicks_of(seen: Observed, channel: str) -> np.ndarray:
    """Clicks of simulated customers by month."""
    names = [c.name for c in seen.year.scenario.channels]
    return seen.year.channel[:, :12, channel_counts.CLICKS, names.index(channel)].sum(axis=0)


def packed(rows: np.ndarray) -> bytes:
    """Every bit of every field; what lies between fields means nothing."""
    return b"".join(np.ascontiguousarray(rows[name]).tobytes() for name in rows.dtype.names or ())


@pytest.mark.parametrize("engine", ["batch", pytest.param("individual", marks=pytest.mark.long)])
def test_month_by_month_is_the_same_market_as_in_one_go(engine: Engine) -> None:
    ours, run = born(engine=engine), run_of(engine)
    for month in ours.scenario.months:
        assert ours.advance(month) is ours
    seen = ours.observe()
    assert len(seen.log.touches) > 500
    assert_same_tables(seen, run.planned)
    assert seen.history is not None
    assert_same_tables(seen.history, run.history)


def test_rows_are_the_same_bytes_however_time_is_cut_and_observed() -> None:
    ours = born()
    for days in (1, 30, 0, 100, 7):
        ours.advance(days)
        ours.observe()
    seen = ours.advance("2026-12").observe()
    setting = Setting(busy(), FEW, SEED, logging=True)
    rows = [packed(year.rows) for year in seen._years]
    plain = []
    for community in setting.layout.communities:
        _, snapshot = setting.history(community)
        plain.append(packed(setting.planned(snapshot, Arm(busy().reference_plan)).rows))
    assert sum(map(len, rows)) > 20_000
    assert rows == plain


@pytest.mark.parametrize(
    "name",
    [
        name if name == "retail" else pytest.param(name, marks=pytest.mark.long)
        for name in library_names()
    ],
)
def test_a_shipped_scenario_in_steps_is_the_same_market(name: str) -> None:
    scenario = load_scenario(name, {"defaults.communities": 6})
    run = simulate(scenario, seed=SEED, customers=300, workers=1)
    ours = Market(scenario, SEED, 300)
    for month in scenario.months[:-1]:
        ours.advance(month).set_plan(scenario.reference_plan)
    assert_same_tables(ours.advance(scenario.months[-1]).observe(), run.planned)


def test_two_workers_live_the_same_history() -> None:
    run = run_of()
    seen = born(workers=2).observe()
    assert seen.history is not None
    assert_same_tables(seen.history, run.history)


def test_the_history_tells_its_progress() -> None:
    heard: list[tuple[str, int, int | None]] = []
    born(progress=lambda *said: heard.append(said))
    groups = [("groups of customers", n, len(heard)) for n in range(1, len(heard) + 1)]
    assert heard == groups != []


def test_what_is_seen_in_spring_is_the_beginning_of_what_is_seen_in_the_end() -> None:
    ours = born().advance("2026-03")
    early, day = ours.observe(), ours.today
    late = ours.advance("2026-12").observe()
    assert day == dt.date(2026, 4, 1)
    assert early.year.days == 90
    assert len(early.log.touches) > 100
    assert early.scorecard.value("spend") > 0
    for one, other in zip(until(early, day), until(late, day), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True, check_categorical=False)
    for kpi in ("conversions", "visits", "spend", "margin"):
        once, again = early.scorecard.monthly(kpi)[:3], late.scorecard.monthly(kpi)[:3]
        np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(early.scorecard.monthly("conversions")[3:], 0)


def test_nothing_has_been_seen_before_the_first_day() -> None:
    seen = born().observe()
    assert (len(seen.log.touches), len(seen.ledger), seen.scorecard.value("spend")) == (0, 0, 0.0)
    assert seen.history is not None
    assert len(seen.history.log.touches) > 500


def test_another_plan_leaves_everything_before_as_it_was() -> None:
    plain, moved = born(), born()
    for ours in (plain, moved):
        ours.advance("2026-06")
    moved.set_plan(busy().reference_plan.scale(3))
    day = moved.today
    seen = [ours.advance("2026-12").observe() for ours in (plain, moved)]
    for one, other in zip(*(until(x, day) for x in seen), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True, check_categorical=False)
    late = [len(x.log.touches) - len(until(x, day)[0]) for x in seen]
    assert late[1] > 1.1 * late[0]


def test_a_plan_set_before_the_first_day_is_the_plan_of_the_year() -> None:
    plan = busy().reference_plan.scale(3)
    ours = born()
    ours.set_plan(plan)
    run = simulate(busy(), seed=SEED, customers=FEW, workers=1, plan=plan)
    assert_same_tables(ours.advance("2026-12").observe(), run.planned)
    assert ours.plan == plan


def test_the_same_plan_set_again_in_the_middle_of_a_month_changes_nothing() -> None:
    ours = born().advance(dt.date(2026, 4, 17))
    ours.set_plan(busy().reference_plan)
    assert ours.plan == busy().reference_plan
    ours.advance(3).set_plan(busy().reference_plan)
    assert_same_tables(ours.advance("2026-12").observe(), run_of().planned)


def test_a_plan_may_leave_channels_out_which_then_have_no_money() -> None:
    scenario = busy()
    ours = born().advance("2026-01")
    only = MediaPlan(["video"], scenario.months, [scenario.reference_plan.of("video")])
    ours.set_plan(only)
    spent = months_of(ours.advance("2026-12").observe())
    assert spent.loc["notes", "2026-01"] > 0
    assert spent.drop(columns="2026-01").drop(index="video").to_numpy().sum() == 0


def test_the_ledger_reconciles_when_plans_change_within_a_month() -> None:
    """Money spent as planned to the cent; caps are never exceeded.

    The field channel is left out here: its days are not those of the calendar (see below).
    """
    ours = born()
    months, first = ours.scenario.months, ours.scenario.reference_plan
    daily = {name: np.repeat(first.of(name) / LENGTHS, LENGTHS) for name in first.channels}
    for day, factor in ((40, 0.0), (45, 2.5), (59, 0.4), (200, 1.7), (203, 0.1)):
        ours.advance(dt.date(2025, 12, 31) + dt.timedelta(day))
        plan = first.scale(factor)
        ours.set_plan(plan)
        for name, money in daily.items():
            money[day:] = np.repeat(plan.of(name) / LENGTHS, LENGTHS)[day:]
    spent = months_of(ours.advance(months[-1]).observe())
    for channel in ours.scenario.channels:
        if not channel.plannable or channel.dates:
            continue
        planned = np.add.reduceat(daily[channel.name], np.cumsum([0, *LENGTHS[:-1]]))
        np.testing.assert_allclose(ours.plan.of(channel.name), planned, rtol=1e-12, atol=1e-9)
        if channel.capped:
            assert (spent.loc[channel.name].to_numpy() <= planned + 0.005).all()
            assert spent.loc[channel.name].sum() > 0
        else:
            np.testing.assert_allclose(spent.loc[channel.name], planned, atol=0.005)


def test_a_field_channel_spends_what_its_plan_came_to_on_its_days() -> None:
    """Plans change before, within and after its week in March; in other months nothing goes out."""
    ours = born()
    march = ours.scenario.months[2]
    expected = ours.scenario.reference_plan.scale(0.5).of("fair")[2] * 2 / 7
    ours.set_plan(ours.scenario.reference_plan.scale(0.5))
    ours.advance(dt.date(2026, 3, 3))  # two of its seven days
    ours.set_plan(ours.scenario.reference_plan.scale(3.0))
    expected += ours.scenario.reference_plan.scale(3.0).of("fair")[2] * 5 / 7
    spent = months_of(ours.advance(ours.scenario.months[-1]).observe()).loc["fair"]
    assert spent[march] == pytest.approx(expected, abs=0.005)
    assert ours.plan.of("fair")[2] == pytest.approx(expected, rel=1e-9)
    assert spent.drop(march).sum() == 0


LENGTHS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def thirsty() -> Scenario:
    """A paid slot whose money is always too little: it spends what it is given."""
    return market(
        DIRECT,
        slot("ads", "paid", slot_utility=3.0) | {"half": 1.0, "unit_cost": 0.2},
        people=shopper(looks_per_day=1.0),
        spend={"ads": flat(1e6)},
        search={"direct_base": -40.0, "nobody_utility": 0.0, "competitor_sale": 0.0},
        defaults={"communities": 4},
    )


def test_a_change_within_a_month_neither_loses_nor_doubles_capped_money() -> None:
    """The bill of the month is near its blended cap, as those of other months are near theirs.

    A month's bill is a number of clicks at a price near the daily one, so that its relative error
    is about 1 / sqrt(clicks); what is over is cut off, hence the one-sided rest.
    """
    ours = Market(thirsty(), 3, 2000)
    plan = ours.plan
    ours.advance(dt.date(2026, 5, 10)).set_plan(plan.scale(0.5))
    ours.advance(dt.date(2026, 5, 20)).set_plan(plan.scale(2.0))
    seen = ours.advance("2026-08").observe()
    spent = months_of(seen).loc["ads"]
    clicks = clicks_of(seen, "ads")
    expected = plan.of("ads")[4] * (10 + 0.5 * 10 + 2.0 * 11) / 31
    assert ours.plan.of("ads")[4] == pytest.approx(expected)
    for month, number in (("2026-04", 3), ("2026-05", 4), ("2026-06", 5), ("2026-07", 6)):
        cap = ours.plan.of("ads")[number]
        assert clicks[number] > 200
        assert cap * (1 - 4 / np.sqrt(clicks[number])) < spent[month] <= cap + 0.005


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2026-02", "2026-02 is over"),
        ("2025-12", "2025-12 is over"),
        (dt.date(2026, 3, 30), "2026-03-30 is over"),
        (-1, "forward only"),
        ("2027-01", "2026-12 at most"),
        (1000, "275 days from here"),
        ("march", "2026-05"),
        ("2026-13", "no month or date"),
    ],
)
def test_time_passes_forward_within_the_year_only(until: object, words: str) -> None:
    ours = _in_april()
    with pytest.raises(MarketError, match=words):
        ours.advance(until)
    assert ours.today == dt.date(2026, 4, 1)


@cache
def _in_april() -> Market:
    return born().advance("2026-03")


def test_where_it_stands_time_may_be_asked_for_again() -> None:
    assert _in_april().advance("2026-03").advance(0).advance("2026-03-31").today.month == 4


def test_a_plan_for_others_is_refused() -> None:
    ours, scenario = _in_april(), busy()
    plan = scenario.reference_plan
    with pytest.raises(RunError, match="unknown channels direct, radio"):
        ours.set_plan(plan.with_channel("radio", 1.0).with_channel("direct", 1.0))
    with pytest.raises(RunError, match="its months do not belong"):
        ours.set_plan(scenario.last_year)
    with pytest.raises(RunError, match="unknown channels radio"):
        born(plan=plan.with_channel("radio", 1.0))
    assert ours.plan == plan


def test_after_the_year_no_plan_can_be_set() -> None:
    ours = born().advance("2026-12")
    assert ours.over
    with pytest.raises(MarketError, match="is over"):
        ours.set_plan(ours.plan)
    with pytest.raises(MarketError, match="0 days from here"):
        ours.advance(1)


def test_a_rival_who_shows_better_takes_searches_away_from_the_coming_day_on() -> None:
    plain, pressed = born().advance("2026-03"), born().advance("2026-03")
    pressed.set_rival(2.0)
    seen = [ours.advance("2026-12").observe() for ours in (plain, pressed)]
    for one, other in zip(*(until(x, dt.date(2026, 4, 1)) for x in seen), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True, check_categorical=False)
    clicks = [clicks_of(x, "seo").sum() for x in seen]
    assert clicks[1] < 0.8 * clicks[0]
    assert born()._setting.world.competitor_utility == pytest.approx(0.3)


def test_a_notebook_shows_a_market_in_a_few_lines() -> None:
    for page in (_in_april()._repr_html_(), born()._repr_html_()):
        assert "conversions" in page
        assert len(page) < 1500
    assert repr(_in_april()) == (
        "Market(made, 60 customers, seed 5: 275 days to go from 2026-04-01)"
    )
    assert repr(_in_april().observe()) == "Observed(made, 90 days from 2026-01-01)"
