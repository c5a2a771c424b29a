"""Insight against a plain regression, and that it knows more where there are more data."""

import numpy as np
import pytest

from scenarios import Scenario
from sim import Run, simulate
from sim.engine.counts.channel_counts import VISITS
from sim.kpis.insight import learned, prior_variance
from tests.scenes import DIRECT, MONTH_DAYS, market, media, shopper

RISING = [1e5 * month for month in range(1, 13)]


def trying(**fields: object) -> Scenario:
    """Two exploratory channels, one with rising money and one with none; and a known one."""
    channel = {"tier": 3, "peak": 0.3, "engagement": 0.3, "click_through": 0.5, "half": 5.0}
    return market(
        DIRECT, media("forum", **channel), media("idle", **channel), media("film", peak=0.1),
        people=shopper(),
        spend={"forum": RISING, "idle": 0.0},
        **{"uncertainty": [{"path": "channels.forum.peak", "spread": 0.3},
                           {"path": "channels.*.engagement", "spread": 0.4},
                           {"path": "behaviour.goodwill_gain", "spread": 0.9}],
           "defaults": {"communities": 10}, **fields},
    )  # fmt: skip


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate(trying(), seed=1, customers=300, workers=1)


def _months(run: Run, kept: list[int] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Money and visits a head and day of the channel `forum` [communities, months]."""
    year, place = run.planned.year, 1
    heads = year.end_states[:, 0].sum(axis=1)[:, None] * year.weight * MONTH_DAYS
    x = year.spend[:, :12, place] / heads
    y = year.channel[:, :12, VISITS, place] * year.weight / heads
    mine = slice(None) if kept is None else kept
    return x[mine], y[mine]


def _by_hand(run: Run, kept: list[int] | None = None) -> float:
    """A regression of one region's months, less what its communities tell of the sample's noise."""
    x, y = _months(run, kept)
    groups, months = y.shape
    weight, everybody = run.planned.year.weight, len(run.planned.year.end_states)
    scale = 1.0 if kept is None else everybody / groups
    mean = y.mean(axis=0)
    noise = (((y - mean) ** 2).sum(axis=0) / (groups - 1 / scale) / groups).mean() / scale
    slope, base = np.polyfit(x[0], mean, 1)
    left = ((mean - base - slope * x[0]) ** 2).sum() / (months - 2)
    spread = ((x[0] - x[0].mean()) ** 2).sum()
    se = np.sqrt((max(left - noise, 0.0) + noise / weight) / spread)
    squared = slope**2 - noise / spread * (1 - 1 / weight)
    variance = 0.3**2 + 0.4**2
    return float(variance / (variance + se**2 / squared))


def test_the_prior_is_made_of_the_channels_own_uncertain_parameters() -> None:
    scenario = trying()
    found = [prior_variance(scenario, c) for c in scenario.channels]
    assert found == pytest.approx([0.0, 0.3**2 + 0.4**2, 0.4**2, 0.0])


def test_insight_of_a_channel_is_that_of_a_regression(run: Run) -> None:
    ours = run.scorecard.value("insight", "channel:forum")
    assert 0.05 < ours < 0.9999
    assert ours == pytest.approx(_by_hand(run), rel=1e-6)


def test_its_error_is_a_jackknife_over_communities(run: Run) -> None:
    groups = len(run.planned.year.end_states)
    people = run.planned.year.end_states[:, 0].sum(axis=1)
    assert len(set(people)) == 1
    left = [_by_hand(run, [g for g in range(groups) if g != out]) for out in range(groups)]
    se = np.sqrt((groups - 1) / groups * ((np.array(left) - np.mean(left)) ** 2).sum())
    assert run.scorecard.estimates("channel:forum")["insight"][1] == pytest.approx(se, rel=1e-6)


def test_a_channel_without_money_has_told_nothing(run: Run) -> None:
    card = run.scorecard
    assert card.estimates("channel:idle")["insight"] == (0.0, 0.0)
    assert card.value("insight") == pytest.approx(card.value("insight", "channel:forum") / 2)
    assert card.value("insight", "tier:3") == card.value("insight")
    assert "insight" not in card.estimates("tier:2") | card.estimates("channel:film")


def test_money_that_never_varies_tells_nothing() -> None:
    flat = trying(history={"spend": {"forum": [12e5], "idle": [0.0], "film": [1e6]},
                           "profile": MONTH_DAYS.tolist()})  # fmt: skip
    card = simulate(flat, seed=1, customers=200, workers=1).scorecard
    assert card.value("insight", "channel:forum") == 0.0


def test_it_speaks_of_the_companys_people_and_not_of_the_simulated_ones() -> None:
    """A third of the people once took half of it away: their noise counted as the company's."""
    few, many = (
        np.array([
            simulate(trying(), seed=seed, customers=n, workers=1).scorecard.value("insight")
            for seed in range(8)
        ])
        for n in (400, 3200)
    )  # fmt: skip
    error = np.sqrt(few.var(ddof=1) / len(few) + many.var(ddof=1) / len(many))
    assert abs(few.mean() - many.mean()) < 3 * error
    assert few.mean() > 0.7 * many.mean()


def _sums(y: np.ndarray, x: np.ndarray, apart: float) -> dict[str, np.ndarray]:
    """Two communities of one region, of a head each, `apart` from their mean to either side."""
    visits = np.stack([y - apart, y + apart])
    return {
        "heads": np.full(len(x), 2.0),
        "money": 2 * x,
        "visits": visits.sum(axis=0),
        "squares": (visits**2).sum(axis=0),
        "groups": np.full(len(x), 2.0),
    }


def test_the_share_is_that_of_a_normal_posterior() -> None:
    """Slope 2, its error known: 1 / (1/prior + 1/se²) of the prior is left."""
    x, noise = np.arange(8.0), np.array([1, -1, -1, 1, 1, -1, -1, 1.0])
    y = 2 * x + noise
    spread = ((x - x.mean()) ** 2).sum()
    slope = ((x - x.mean()) @ y) / spread
    left = ((y - y.mean() - slope * (x - x.mean())) ** 2).sum()
    error = left / 6 / spread / slope**2
    posterior = 1 / (1 / 0.25 + 1 / error)
    found = float(learned(0.25, **_sums(y, x, 0.0), weight=1.0))
    assert found == pytest.approx(1 - posterior / 0.25, rel=1e-9)


def test_noise_of_the_sample_is_the_companys_in_proportion_to_people() -> None:
    x = np.arange(8.0)
    y, apart, weight = 2 * x, 0.5, 100.0
    spread = ((x - x.mean()) ** 2).sum()
    noise = 2 * apart**2 / 2  # variance of the mean of two
    known = 0.25 * (4.0 - noise / spread * (1 - 1 / weight))
    error = noise / weight / spread
    found = float(learned(0.25, **_sums(y, x, apart), weight=weight))
    assert found == pytest.approx(known / (known + error), rel=1e-9)


def test_a_slope_that_falls_tells_nothing_of_its_logarithm() -> None:
    x, y = np.arange(4.0), np.array([3.0, 2.0, 1.5, 0.0])
    assert float(learned(0.25, **_sums(y, x, 0.0), weight=1.0)) == 0.0
