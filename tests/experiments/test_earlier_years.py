"""Years before a scenario's own are lived on its dates, each at its own level, and teach."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from experiments import calibrate  # type: ignore[attr-defined]
from experiments.calibration.history import LEAST_WEEKS, WEEK, History
from experiments.calibration.market import as_history, simulate_weeks, weeks_within
from experiments.calibration.moments import season_columns, series_of
from experiments.calibration.parameters import parameters_of
from experiments.calibration.years import earlier_years, levelled, middles, years_are_alike
from scenarios import Scenario, load_scenario
from tests.scenes import CHANNELS, base
from tiermix.core.arrays import Floats

BEFORE = {"seasons": [
    {"name": "sale 2025", "start": "2025-06-01", "end": "2025-06-30", "needs": 1.8},
    {"name": "sale 2026", "start": "2026-06-01", "end": "2026-06-30", "needs": 1.8},
]}  # fmt: skip
BASE = base(defaults={"customers": 1500, "communities": 4}, **BEFORE)
LEVELS = (0.5, 0.75)
"""Orders of the two years before the last one, as shares of the market's."""


def spent(weeks: int) -> History:
    """Money that wanders, in weeks that end with the history year of the base."""
    rng = np.random.default_rng(weeks)
    last = BASE.start - dt.timedelta(BASE.start.weekday() + 7)
    days = tuple(last - (weeks - 1 - n) * WEEK for n in range(weeks))
    money = 1e6 / 52 * np.exp(0.6 * rng.standard_normal((weeks, 3)))
    blank = np.full((weeks, 3), np.nan)
    ones = np.ones(weeks)
    return History(days, CHANNELS, money, blank, blank, ones, ones, "made up")


@pytest.fixture(scope="module")
def lived() -> History:
    """Three years of a market, the earlier two at lower levels than it would have now."""
    used, _ = weeks_within(BASE, spent(156))
    markets = simulate_weeks([BASE], [9], 1500, used, workers=1)[0]
    seen = as_history(markets, used, BASE)
    factors = np.ones(len(used.weeks))
    for year, level in zip(used.earlier[-2:], LEVELS, strict=True):
        factors[year.first : year.last] = level
    blank = {"spend": used.spend, "impressions": used.impressions, "clicks": used.clicks}
    orders, revenue = seen.conversions * factors, seen.revenue * factors
    return replace(seen, conversions=orders, revenue=revenue, **blank)


def test_years_go_to_the_history_year_by_whole_years_as_near_as_weeks_allow() -> None:
    weeks = spent(208).weeks
    before = sum(week < BASE.history_start for week in weeks)
    years = earlier_years(BASE, weeks, before)
    assert [year.first for year in years[1:]] == [year.last for year in years[:-1]]
    assert years[-1].last == before
    for year in years:
        assert year.moved % 7 == 0
        assert abs(year.moved / 365.25 - round(year.moved / 365.25)) < 4 / 365.25
        first = weeks[year.first] + dt.timedelta(year.moved)
        assert BASE.history_start <= first < BASE.history_start + dt.timedelta(366)
        last = weeks[year.last - 1] + dt.timedelta(year.moved)
        assert last + WEEK <= BASE.start + dt.timedelta(366)


def test_few_weeks_at_the_beginning_are_left_out_and_counted() -> None:
    table = spent(52 + 52 + 3)
    inside = sum(week >= BASE.history_start for week in table.weeks)
    used, left = weeks_within(BASE, table)
    assert left == (len(table.weeks) - inside) % 52
    assert len(used.weeks) + left == len(table.weeks)
    assert used.own_first == len(used.weeks) - inside
    assert used.own.weeks[0] >= BASE.history_start


def test_a_base_with_dates_of_its_own_lives_its_own_years_alone() -> None:
    assert years_are_alike(BASE)
    assert not years_are_alike(load_scenario("retail"))
    one: Scenario = base(seasons=[BEFORE["seasons"][0]])
    assert not years_are_alike(one)
    table = spent(156)
    used, left = weeks_within(one, table)
    assert used.earlier == ()
    assert left == 156 - len(used.weeks)


def test_parts_of_a_history_keep_the_years_that_lie_in_them(lived: History) -> None:
    held = lived.part(slice(0, -13))
    assert held.earlier == lived.earlier
    assert len(held.own.weeks) == len(lived.own.weeks) - 13 >= LEAST_WEEKS
    assert lived.own.earlier == ()
    years = lived.years()
    assert sum(len(year.weeks) for year in years) == len(lived.weeks)
    assert all(year.earlier == () for year in years)
    assert sum(map(len, lived.by_year(lived.conversions))) == len(lived.weeks)


def test_own_weeks_are_what_they_are_without_the_years_before() -> None:
    used, _ = weeks_within(BASE, spent(120))
    whole = simulate_weeks([BASE], [3], 200, used, workers=1)[0][0]
    own = simulate_weeks([BASE], [3], 200, used.own, workers=1)[0][0]
    assert np.array_equal(whole.counts[:, used.own_first :], own.counts)
    assert np.array_equal(whole.spend[used.own_first :], own.spend)
    assert whole.counts[:, : used.own_first].any()


def test_seasons_of_every_year_stand_in_their_weeks(lived: History) -> None:
    (column,) = season_columns(BASE, lived).T
    for week, share in zip(lived.weeks, column.tolist(), strict=True):
        if share == 1.0:
            assert week.month in (5, 6)
    found: list[Floats] = lived.by_year(column)
    assert all(4 <= year.sum() <= 5 for year in found if len(year) == 52)


def test_each_year_has_its_own_level_and_the_own_one_is_what_is_matched(lived: History) -> None:
    plain = replace(lived, conversions=np.ones(len(lived.weeks)))
    brought = levelled(plain, lived)
    for year in lived.earlier:
        mine = slice(year.first, year.last)
        assert brought.conversions[mine].sum() == pytest.approx(lived.conversions[mine].sum())
    assert (brought.own.conversions == 1.0).all()
    assert len(set(middles(lived).tolist())) == len(lived.earlier) + 1
    conversions = series_of(BASE, lived)[0]
    grown = replace(lived, conversions=lived.conversions.copy())
    for n, year in enumerate(lived.earlier):
        grown.conversions[year.first : year.last] += 10.0 * (n + 1)
    change = conversions.moments(grown)[0] - conversions.moments(lived)[0]
    assert change == pytest.approx(0.0, abs=1e-9)
    # What the own weeks sell more is told in full: a trend over all years would take it away.
    own = lived.own_first
    grown.conversions[own:] += 1.0
    change = conversions.moments(grown)[0] - conversions.moments(lived)[0]
    whole = np.sqrt(len(lived.weeks) - own) / lived.conversions.mean()
    assert change == pytest.approx(whole)


@pytest.mark.long
def test_all_weeks_of_a_company_that_has_grown_are_used_and_the_level_is_todays(
    lived: History,
) -> None:
    found = calibrate(replace(lived, earlier=()), BASE, customers=1000, seed=4, workers=1)
    assert (found.left_out, found.fit["weeks"]) == (0, len(lived.weeks))
    assert found.fit["weeks_of_earlier_years"] == lived.own_first
    assert found.health.level != "stop"
    names = [p.name for p in parameters_of(BASE, found.history)]
    far = np.abs(found.whole.theta / found.whole.spread)
    assert far.max() < 4.0, names[int(far.argmax())]
    ratio = found.whole.answer.own.conversions.sum() / lived.own.conversions.sum()
    assert ratio == pytest.approx(1.0, abs=0.1)
    assert found.health.backtests[0]["crps_seasonal"] is not None
    alone = calibrate(lived.own, BASE, customers=1000, seed=4, workers=1)
    seasons = [names.index("season sale")]
    assert (found.whole.spread[seasons] < alone.whole.spread[seasons]).all()
