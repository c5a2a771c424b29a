"""Shares, worth of knowing, turning points and the winner's chance, against closed forms."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from experiments.sensitivity.shares import FEWEST, shares
from experiments.sensitivity.winner import chance_best, wins
from experiments.sensitivity.worth import of_parameter, perfect
from tiermix.core.arrays import Floats


def _rng(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_shares_of_a_sum_are_those_of_its_terms() -> None:
    rng = _rng()
    x = rng.standard_normal((2000, 4))
    weights = np.array([3.0, 2.0, 1.0, 0.0])
    found = shares(x, x @ weights, rng)
    truth = weights**2 / (weights**2).sum()
    for mine, true in zip(found, truth, strict=True):
        assert mine is not None
        assert mine.value == pytest.approx(true, abs=0.02 + 3 * mine.se)
    assert [mine is not None and mine.told for mine in found] == [True, True, True, False]


def test_shares_of_ishigamis_function_are_its_closed_form() -> None:
    rng = _rng()
    x = rng.uniform(-math.pi, math.pi, (4000, 3))
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = [mine.value for mine in shares(x, y, rng) if mine is not None]
    assert found == pytest.approx([0.3139, 0.4424, 0.0], abs=0.04)


def test_the_share_of_an_event_is_that_between_its_groups() -> None:
    rng = _rng()
    event = (rng.random(4000) < 0.3).astype(float)
    y = 2 * event + rng.standard_normal(4000)
    mine = shares(event[:, None], y, rng)[0]
    assert mine is not None
    assert mine.value == pytest.approx(0.84 / 1.84, abs=0.03)


def test_what_has_no_share_is_seldom_told_and_may_be_negative() -> None:
    told, values = 0, []
    for seed in range(12):
        rng = _rng(seed)
        found = shares(rng.standard_normal((48, 5)), rng.standard_normal(48), rng)
        told += any(mine is not None and mine.told for mine in found)
        values += [mine.value for mine in found if mine is not None]
    assert told <= 3  # one study in twenty; the limit itself is estimated
    assert min(values) < 0 < max(values)
    assert abs(np.mean(values)) < 4 * np.std(values) / math.sqrt(len(values)) + 0.02


def test_the_error_of_a_share_is_its_spread_over_studies() -> None:
    values, errors = [], []
    for seed in range(30):
        rng = _rng(seed)
        x = rng.standard_normal((64, 1))
        mine = shares(x, x[:, 0] + rng.standard_normal(64), rng)[0]
        assert mine is not None
        values.append(mine.value)
        errors.append(mine.se)
    assert 0.6 < np.mean(errors) / np.std(values, ddof=1) < 1.7


def test_too_few_draws_tell_no_share() -> None:
    rng = _rng()
    x = rng.standard_normal((FEWEST - 1, 2))
    assert shares(x, x[:, 0], rng) == [None, None]


def _loss(mean: float, spread: float) -> float:
    """E max(0, mean + spread z) − max(0, mean)."""
    ratio = mean / spread
    return spread * norm.pdf(ratio) + mean * norm.cdf(ratio) - max(mean, 0.0)


def test_the_worth_of_knowing_a_parameter_is_the_unit_normal_loss() -> None:
    rng = _rng()
    z = rng.standard_normal((4000, 2))
    lead = -0.5 + z[:, 0] + 0.3 * rng.standard_normal(4000)
    worth, turn = of_parameter(z[:, 0], lead[None], rng)
    assert worth is not None
    assert turn is not None
    assert abs(worth.value - _loss(-0.5, 1.0)) < 3 * worth.se
    assert turn.told
    assert turn.low <= 0.5 + 0.02
    assert turn.high >= 0.5 - 0.02
    nothing, _ = of_parameter(z[:, 1], lead[None], rng)
    assert nothing is not None
    assert nothing.value < 0.01
    everything = perfect(lead[None])
    assert abs(everything.value - _loss(-0.5, math.hypot(1, 0.3))) < 3 * everything.se


def test_a_parameter_without_effect_is_not_told_in_few_draws() -> None:
    told = 0
    for seed in range(40):
        rng = _rng(seed)
        lead = -0.2 + rng.standard_normal(48)
        worth, _ = of_parameter(rng.standard_normal(48), lead[None], rng)
        told += worth is not None and worth.told
    assert told <= 6


def _cases(spread: float, count: int = 200) -> tuple[Floats, Floats, Floats, Floats]:
    """Of planted cases: the stated chance, whether it is so, the share of wins, the true one."""
    stated, right, won, truth = [], [], [], []
    for seed in range(count):
        rng = _rng(10_000 + seed)
        means = spread * rng.standard_normal(4)
        root = np.tril(0.4 * rng.standard_normal((4, 4)) + np.eye(4))
        gains = means[:, None] + root @ rng.standard_normal((4, 24)) + rng.standard_normal(24)
        mine = int(gains.mean(axis=1).argmax())
        stated.append(chance_best(gains, mine, rng))
        right.append(float(means.argmax() == mine))
        years = means[:, None] + root @ rng.standard_normal((4, 4000))
        truth.append(float((years.argmax(axis=0) == mine).mean()))
        share = wins(gains, mine)
        won.append(float(share.low <= truth[-1] <= share.high))
    return np.array(stated), np.array(right), np.array(won), np.array(truth)


@pytest.mark.parametrize("spread", [0.1, 0.4, 1.0])
def test_the_winners_chance_is_calibrated_over_planted_cases(spread: float) -> None:
    stated, right, won, _ = _cases(spread)
    error = math.sqrt(float((stated * (1 - stated)).sum())) / len(stated)
    assert abs(stated.mean() - right.mean()) < 3 * error
    sure = stated > np.median(stated)
    for part in (sure, ~sure):
        noise = math.sqrt(float((stated[part] * (1 - stated[part])).sum())) / part.sum()
        assert abs(stated[part].mean() - right[part].mean()) < 3 * noise
    assert won.mean() > 0.88  # 95 %, less what choosing the luckiest takes
