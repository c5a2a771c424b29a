"""Insight against a plain regression, and that it knows more where there are more data."""

import numpy as np
import pytest

from scenarios import Scenario
from sim import Run, simulate
from sim.engine.counts.channel_counts import VISITS
from sim.kpis.insight import learned, prior_variance
from tests.sim.worlds import DIRECT, MONTH_DAYS, market, media, shopper

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


def _cells(run: Run, community: slice | list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Money and visits per head and day of the channel `forum`, by community and month."""
    year, place = run.planned.year, 1
    heads = year.end_states[:, 0].sum(axis=1)[:, None] * year.weight * MONTH_DAYS
    x = year.spend[:, :12, place] / heads
    y = year.channel[:, :12, VISITS, place] * year.weight / heads
    return x[community].ravel(), y[community].ravel()


def _by_hand(x: np.ndarray, y: np.ndarray, cells: int | None = None) -> float:
    """The textbook's regression; `cells` is how many there would be with all communities."""
    design = np.stack([np.ones_like(x), x], axis=1)
    slope = np.linalg.lstsq(design, y, rcond=None)[0]
    left = ((y - design @ slope) ** 2).sum()
    scale = 1.0 if cells is None else cells / len(x)
    se = np.sqrt(scale * left / (scale * len(x) - 2) / (scale * ((x - x.mean()) ** 2).sum()))
    variance = 0.3**2 + 0.4**2
    return float(variance / (variance + (se / abs(slope[1])) ** 2))


def test_the_prior_is_made_of_the_channels_own_uncertain_parameters() -> None:
    scenario = trying()
    found = [prior_variance(scenario, c) for c in scenario.channels]
    assert found == pytest.approx([0.0, 0.3**2 + 0.4**2, 0.4**2, 0.0])


def test_insight_of_a_channel_is_that_of_a_regression(run: Run) -> None:
    ours = run.scorecard.value("insight", "channel:forum")
    assert 0.05 < ours < 0.9999
    assert ours == pytest.approx(_by_hand(*_cells(run, slice(None))), rel=1e-6)


def test_its_error_is_a_jackknife_over_communities(run: Run) -> None:
    groups = len(run.planned.year.end_states)
    people = run.planned.year.end_states[:, 0].sum(axis=1)
    assert len(set(people)) == 1
    left = []
    for out in range(groups):
        kept = [g for g in range(groups) if g != out]
        left.append(_by_hand(*_cells(run, kept), cells=12 * groups))
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


def test_more_people_tell_more() -> None:
    few, many = (
        simulate(trying(), seed=3, customers=n, workers=1).scorecard.value("insight", "tier:3")
        for n in (60, 3000)
    )
    assert few < many < 0.5


def test_the_share_is_that_of_a_normal_posterior() -> None:
    """Slope 2, its error known: 1 / (1/prior + 1/se²) of the prior is left."""
    x, noise = np.arange(8.0), np.array([1, -1, -1, 1, 1, -1, -1, 1.0])
    y = 2 * x + noise
    sums = (np.array(v) for v in (8.0, x.sum(), y.sum(), x @ x, x @ y, y @ y))
    spread = ((x - x.mean()) ** 2).sum()
    slope = ((x - x.mean()) @ y) / spread
    left = ((y - y.mean() - slope * (x - x.mean())) ** 2).sum()
    error = left / 6 / spread / slope**2
    posterior = 1 / (1 / 0.25 + 1 / error)
    assert float(learned(0.25, *sums)) == pytest.approx(1 - posterior / 0.25, rel=1e-9)


def test_a_slope_that_falls_tells_nothing_of_its_logarithm() -> None:
    x, y = np.arange(4.0), np.array([3.0, 2.0, 1.5, 0.0])
    sums = (np.array(v) for v in (4.0, x.sum(), y.sum(), x @ x, x @ y, y @ y))
    assert float(learned(0.25, *sums)) == 0.0
