"""Bootstrap, choice of order, return on spend."""

import numpy as np
import pandas as pd
import pytest

from attribution import AttributionError, Hazard, Last, Linear, Markov, bootstrap, choose_order
from attribution.credit_intervals import BASELINE
from attribution.samples import sample_log
from journeys import JourneyLog


def test_bootstrap_intervals_hold_the_credit_and_repeat_with_the_seed(sample: JourneyLog) -> None:
    table = bootstrap(Linear(), sample, replications=80, seed=3)
    assert (table["conversions_low"] < table["conversions"])[:-1].all()
    assert (table["conversions"] < table["conversions_high"])[:-1].all()
    assert table.equals(bootstrap(Linear(), sample, replications=80, seed=3))
    np.testing.assert_allclose(
        table["conversions"].iloc[:-1], Linear().fit(sample).credit_["conversions"]
    )


def test_paths_reweighted_and_a_log_resampled_spread_alike(sample: JourneyLog) -> None:
    """Two roads to one distribution: the spread of last-touch credit."""

    paths = bootstrap(Last(), sample.paths(), replications=300, seed=1)
    draws = []
    random = np.random.default_rng(2)
    visitors = len(sample.touches["visitor_id"].cat.categories)
    for _ in range(300):
        times = np.bincount(random.integers(visitors, size=visitors), minlength=visitors)
        draws.append(Last().fit(sample.resampled(times)).credit_.loc["search", "conversions"])
    width = paths.loc["search", "conversions_high"] - paths.loc["search", "conversions_low"]
    expected = np.diff(np.percentile(draws, [5, 95]))[0]
    assert width == pytest.approx(expected, rel=0.3)


def test_bootstrap_of_a_log_model_widens_around_the_baseline_too(sample: JourneyLog) -> None:
    table = bootstrap(Hazard(half_life_days=3.0), sample, replications=20)
    assert (table["conversions_high"] > table["conversions_low"]).all()
    assert table.index[-1] == BASELINE


@pytest.mark.long
def test_bootstrap_intervals_cover_at_their_level() -> None:
    """Share of search in fresh samples of one world, against 90 % intervals."""
    centre = Last().fit(sample_log(30_000, days=12_000, seed=99).paths()).credit_["conversions"]
    truth = centre["search"] / 30_000
    covered = 0
    for seed in range(100):
        table = bootstrap(Last(), sample_log(300, seed=seed), replications=100, seed=seed)
        low, high = table.loc["search", ["conversions_low", "conversions_high"]] / 300
        covered += low <= truth <= high
    assert 80 <= covered <= 98


@pytest.mark.parametrize(
    ("options", "word"), [({"level": 1.5}, "level"), ({"replications": 0}, "replications")]
)
def test_bootstrap_refuses_what_makes_no_sense(options, word: str, sample: JourneyLog) -> None:
    with pytest.raises(AttributionError, match=word):
        bootstrap(Last(), sample, **options)


def test_bootstrap_refuses_path_tables() -> None:
    log = JourneyLog.from_paths(pd.DataFrame({"path": ["a"], "conversions": [1]}))
    with pytest.raises(AttributionError, match="visitors"):
        bootstrap(Last(), log, replications=2)


def chains(order: int, journeys: int = 3000) -> JourneyLog:
    """Journeys in which the next channel follows the one `order` steps back, mostly."""
    random = np.random.default_rng(order)
    paths = []
    for _ in range(journeys):
        path = list(random.integers(3, size=order))
        while random.random() < 0.8:
            follows = (path[-order] + 1) % 3
            path.append(follows if random.random() < 0.8 else int(random.integers(3)))
        paths.append(" > ".join("abc"[step] for step in path))
    won = random.random(journeys) < 0.3
    return JourneyLog.from_paths(pd.DataFrame({"path": paths, "conversions": won, "nulls": ~won}))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_order_that_made_the_journeys_is_chosen(order: int) -> None:
    table = choose_order(chains(order))
    assert table.index[table["best"]].tolist() == [order]


def test_held_out_likelihood_is_that_of_a_known_coin() -> None:
    # One step, two channels with equal chances, then always the same end: log(1/2) a journey.
    table = pd.DataFrame({"path": ["a", "b"], "conversions": [5000, 5000]})
    found = choose_order(JourneyLog.from_paths(table), orders=(1,))
    assert found.loc[1, "log_likelihood"] == pytest.approx(np.log(0.5), abs=0.01)


def test_order_needs_journeys() -> None:
    with pytest.raises(AttributionError, match="orders"):
        choose_order(JourneyLog.from_paths(pd.DataFrame({"path": [], "conversions": []})))


def test_return_on_spend_by_channel_and_tier(sample: JourneyLog) -> None:
    model = Markov().fit(sample)
    ledger = pd.DataFrame(
        {
            "date": "2025-01-01",
            "channel": ["search", "search", "video"],
            "spend": [40.0, 60.0, 50.0],
        }
    )
    table = model.roas(ledger)
    assert table.loc["search", "roas"] == pytest.approx(model.credit_.loc["search", "value"] / 100)
    assert np.isnan(table.loc["email", "roas"])
    tiers = model.roas(ledger, tiers={"search": 1, "video": 2, "email": 2, "direct": 1})
    assert tiers["spend"].to_dict() == {1: 100.0, 2: 50.0}
    both = model.credit_.loc[["video", "email"], "conversions"].sum()
    assert tiers.loc[2, "cost_per_conversion"] == pytest.approx(50.0 / both)


def test_a_channel_without_a_tier_is_named(sample: JourneyLog) -> None:
    ledger = pd.DataFrame({"channel": ["search"], "spend": [1.0]})
    with pytest.raises(AttributionError, match="video"):
        Last().fit(sample).roas(ledger, tiers={"search": 1, "email": 1, "direct": 1})
