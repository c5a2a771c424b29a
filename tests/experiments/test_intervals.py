"""Small statistics: against scipy, against their definitions, and at their nominal rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.stats import (
    chosen_elsewhere,
    mean_over_worlds,
    normal_interval,
    regret,
    t_interval,
    wilson,
)


def test_mean_tells_the_spread_of_worlds_from_the_error_of_simulation() -> None:
    luck = np.random.default_rng(5)
    worlds, spread, noise = 20_000, 4.0, 3.0
    values = luck.normal(10, spread, worlds) + luck.normal(0, noise, worlds)
    mean = mean_over_worlds(values, np.full(worlds, noise))
    # sd of an estimated standard deviation is about σ / √(2 n).
    assert mean.spread == pytest.approx(spread, abs=5 * 5.0 / np.sqrt(2 * worlds) * 5 / 4)
    assert mean.simulation_se == pytest.approx(noise / np.sqrt(worlds))
    assert mean.se == pytest.approx(np.std(values, ddof=1) / np.sqrt(worlds))


def test_mean_leaves_out_worlds_without_the_figure() -> None:
    values, errors = np.array([[1.0, np.nan, 3.0]]), np.array([[0.1, np.nan, 0.1]])
    mean = mean_over_worlds(values, errors)
    assert mean.mean[0] == 2
    assert mean.worlds[0] == 2


def test_one_world_reports_the_error_of_simulation_and_no_spread() -> None:
    mean = mean_over_worlds(np.array([7.0]), np.array([0.5]))
    assert mean.se == 0.5
    assert np.isnan(mean.spread)


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=20))
def test_t_interval_is_scipys(values: list[float]) -> None:
    steps = np.array(values)
    ours = t_interval(steps)
    if np.ptp(steps) < 1e-3:
        return
    theirs = stats.ttest_1samp(steps, 0).confidence_interval(0.95)
    assert ours.low == pytest.approx(theirs.low, rel=1e-6, abs=1e-6)
    assert ours.high == pytest.approx(theirs.high, rel=1e-6, abs=1e-6)


def test_t_intervals_cover_at_their_nominal_rate() -> None:
    worlds, times = 6, 20_000
    steps = np.random.default_rng(9).normal(20, 7, (times, worlds))
    interval = t_interval(steps)
    covered = np.mean((interval.low < 20) & (interval.high > 20))
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / times)


def test_bonferroni_intervals_cover_together() -> None:
    times, rivals = 5_000, 5
    steps = np.random.default_rng(10).normal(0, 1, (times, rivals, 8))
    interval = t_interval(steps, comparisons=rivals)
    together = np.mean(((interval.low < 0) & (interval.high > 0)).all(axis=1))
    assert together > 0.95 - 4 * np.sqrt(0.95 * 0.05 / times)


def test_t_interval_has_no_ends_for_one_world() -> None:
    assert np.isnan(t_interval(np.array([3.0])).low)


def test_bonferroni_widens_the_interval() -> None:
    steps = np.array([1.0, 2.0, 4.0])
    assert t_interval(steps, comparisons=5).low < t_interval(steps).low


def test_normal_interval_is_symmetric_and_at_its_level() -> None:
    interval = normal_interval(np.array(2.0), np.array(1.0))
    assert interval.low == pytest.approx(2 - 1.959964, abs=1e-6)
    assert interval.high == pytest.approx(2 + 1.959964, abs=1e-6)


def test_wilson_knows_nothing_without_trials() -> None:
    nothing = wilson(0, 0)
    assert (nothing.low, nothing.high) == (0.0, 1.0)


def test_no_world_takes_part_in_the_choice_that_it_judges() -> None:
    gains = np.zeros((3, 10))
    for world in range(10):
        lucky = gains.copy()
        lucky[2, world] = 1e9
        # The one world with the windfall must not choose the strategy that got it.
        assert chosen_elsewhere(lucky)[world] != 2


def test_regret_of_equal_strategies_is_zero_on_average_though_the_luckiest_looks_better() -> None:
    luck = np.random.default_rng(11)
    honest, naive = [], []
    for _ in range(400):
        gains = luck.normal(0, 1, (5, 10))
        honest.append(regret(gains).mean())
        naive.append(gains.mean(axis=1).max() - gains.mean())
    se = np.std(honest, ddof=1) / np.sqrt(len(honest))
    assert abs(np.mean(honest)) < 4 * se
    assert np.mean(naive) > 10 * se


def test_regret_is_the_distance_to_a_best_that_is_clear() -> None:
    gains = np.array([[10.0] * 6, [7.0] * 6, [1.0] * 6])
    assert regret(gains).mean(axis=1).tolist() == [0.0, 3.0, 9.0]


def test_regret_in_one_world_is_measured_against_its_own_best() -> None:
    assert regret(np.array([[1.0], [4.0]])).tolist() == [[3.0], [0.0]]


@pytest.mark.parametrize(("successes", "trials"), [(0, 5), (5, 5), (3, 7), (1, 400), (1, 1)])
def test_wilson_is_its_formula(successes: int, trials: int) -> None:
    z, share = 1.959963984540054, successes / trials
    reach = z * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    middle, scale = share + z**2 / (2 * trials), 1 + z**2 / trials
    found = wilson(successes, trials)
    assert found.low == pytest.approx((middle - reach) / scale, abs=1e-12)
    assert found.high == pytest.approx((middle + reach) / scale, abs=1e-12)
