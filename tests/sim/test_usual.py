"""Levels do not depend on how many people are simulated: capped channels know the market's pool."""

import numpy as np
import pytest

from scenarios import build_scenario, load_scenario
from sim.engine.counts import channel_counts
from sim.market.arms import simulate_arms, simulate_histories
from sim.market.setting import Arm, Setting
from sim.output.market_year import MarketYear
from tests.scenes import busy


def _years(name: str, customers: int, seeds: range) -> list[MarketYear]:
    scenario = load_scenario(name)
    settings = [Setting(scenario, customers, seed) for seed in seeds]
    pasts = simulate_histories(settings, workers=2)
    arms = [[Arm(scenario.reference_plan)]] * len(pasts)
    return [years[0] for years in simulate_arms(pasts, arms, workers=2)]


def _a_head(years: list[MarketYear], channel: str) -> np.ndarray:
    """Visits of a channel and money of all, a head, of each market [2, markets]."""
    place = [c.name for c in years[0].scenario.channels].index(channel)
    return np.array([
        (
            year.channel[:, :, channel_counts.VISITS, place].sum() / year.customers,
            year.spend.sum() / year.weight / year.customers,
        )
        for year in years
    ]).T  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "most", "markets"),
    [("retail", 64_000, 100), ("education", 16_000, 24), ("smart_home_before", 16_000, 16)],
)
def test_paid_search_is_within_a_hundredth_from_1000_on(name: str, most: int, markets: int) -> None:
    """With communities of 75 people the default size once bought 18 % too few of paid search."""
    large = _a_head(_years(name, most, range(200, 202)), "paid_search")
    for customers, seeds in ((1000, range(100, 100 + markets)), (3000, range(100, 112))):
        small = _a_head(_years(name, customers, seeds), "paid_search")
        ratio = small.mean(axis=1) / large.mean(axis=1)
        errors = [x[0].std(ddof=1) / np.sqrt(x.shape[1]) / x[0].mean() for x in (small, large)]
        assert ratio[1] == pytest.approx(1.0, abs=0.004)
        assert abs(ratio[0] - 1.0) < 0.01 + 2 * np.hypot(*errors)


def test_weeks_without_needs_tell_no_rush_to_come() -> None:
    """What lingers of other days was once divided by a season of nothing: thousands of millions
    of requests were expected at the desk, and searches as many as no money could buy.
    """
    stretches = [(f"{year}-09-01", f"{year}-11-30") for year in (2025, 2026)]
    quiet = [
        {"name": first, "start": first, "end": last, "needs": 0.0} for first, last in stretches
    ]
    given = busy().model_dump(mode="json")
    usual, other = (
        Setting(build_scenario(given, {"seasons": seasons}, "made"), 600, 3).usual
        for seasons in ([], quiet)
    )
    assert usual is not None
    assert other is not None
    for name in ("events", "requests"):
        plain, lean = (getattr(one, name).sum(axis=0) for one in (usual, other))
        assert (lean <= 2.0 * plain).all()
        assert (lean[plain > 0] >= 0.3 * plain[plain > 0]).all()


def test_the_pilot_is_the_same_whoever_asks_and_travels_with_the_market() -> None:
    scenario = load_scenario("retail")
    one, other = (Setting(scenario, 400, 3, logging=logging) for logging in (False, True))
    assert one.usual is not None
    assert other.usual is not None
    events = one.usual.events
    assert np.array_equal(events, other.usual.events)
    (past,) = simulate_histories([one], workers=2)
    for snapshot in past.snapshots:
        assert np.array_equal(snapshot.carried["usual"], events[snapshot.community.region])
    capped = one.world["capped"] == 1
    assert (events[:, capped] > 0).all()
    assert not events[:, ~capped].any()
