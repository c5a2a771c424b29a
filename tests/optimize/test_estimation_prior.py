"""The prior of channels by their kind, and the sampler against what it should give."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks.fakes import make_scenario
from optimize.estimation.prior import SUM_SPREAD, prior_of
from optimize.estimation.sampler import sample

SCENARIO = make_scenario(4, 12)
KINDS = ("search", "broadcast", "retargeted", "field")
MIXED = replace(
    SCENARIO,
    channels=tuple(
        replace(c, delivery=kind) for c, kind in zip(SCENARIO.channels, KINDS, strict=True)
    ),
)


def test_brand_advertising_lasts_as_long_as_its_source_says_and_search_acts_at_once() -> None:
    """Leone 1995: 90 % of the effect has come after 6 to 9 months, 26 to 39 weeks."""
    carry = np.median(prior_of(MIXED, {}, {}).carry, axis=1)
    assert carry[:, None][[1, 3]].min() >= 0.1 ** (1 / 26)
    assert carry[:, None][[1, 3]].max() <= 0.1 ** (1 / 39)
    assert carry[[0, 2]].max() <= 0.5


def test_all_channels_together_start_from_the_published_elasticity() -> None:
    prior = prior_of(SCENARIO, {}, {})
    assert (prior.size * 0.74).sum() == pytest.approx(2 * 0.24, rel=0.01)
    assert np.allclose(prior.size, prior.size[0])


def test_money_tells_less_of_what_is_owned() -> None:
    owned = replace(SCENARIO, channels=tuple(
        replace(c, ownership="owned") for c in SCENARIO.channels
    ))  # fmt: skip
    assert (prior_of(owned, {}, {}).spread > prior_of(SCENARIO, {}, {}).spread).all()


def test_without_data_the_draws_are_the_prior() -> None:
    prior = prior_of(MIXED, {}, {"b": (0.3, 0.02)})
    count, atoms = prior.kappa.shape
    nothing = np.zeros((count, atoms, 5))
    found = sample(np.zeros(5), nothing, prior, 2000, np.random.default_rng(1))
    share, atom, mean = found.share, found.atom, found.mean
    free = [0, 2, 3]
    error = share.std(axis=0) / 2000**0.5
    assert (np.abs(share.mean(axis=0) - prior.size)[free] < 4 * error[free]).all()
    assert mean[free] == pytest.approx(prior.size[free], rel=0.15)
    luck = np.random.default_rng(2)
    scale = prior.spread[0] * luck.normal(size=20000) + SUM_SPREAD * luck.normal(size=20000)
    # What was told, 0.3 ± 0.02, is weighed with the usual: for each width of it by normal laws.
    width = np.exp(prior.centre[1] + scale) ** 2
    likely = stats.norm.pdf(0.3, scale=np.sqrt(width + 0.02**2))
    told = float((likely * 0.3 * width / (width + 0.02**2)).sum() / likely.sum())
    assert told < 0.3
    assert share[:, 1].mean() == pytest.approx(told, abs=4 * 0.02 / 2000**0.5)
    direct = np.abs(luck.normal(size=20000)) * np.exp(prior.centre[0] + scale)
    assert stats.ks_2samp(share[:, 0], direct).pvalue > 1e-3
    assert np.bincount(atom[:, 0], minlength=atoms).max() < 3 * 2000 / atoms


@pytest.mark.long
def test_posterior_intervals_cover_what_was_drawn_from_the_prior() -> None:
    """Draw from the prior, make weeks of it, and look: 90 % intervals hold it nine times in ten."""
    prior, luck = prior_of(MIXED, {}, {}), np.random.default_rng(5)
    count, atoms = prior.kappa.shape
    hits = []
    for _ in range(60):
        once = sample(np.zeros(1), np.zeros((count, atoms, 1)), prior, 1, luck)
        share, atom = once.share, once.atom
        lasting = luck.normal(size=(count, 1, 40))
        designs = 20 * (lasting + 0.7 * luck.normal(size=(count, atoms, 40)))
        y = sum(share[0, c] * designs[c, atom[0, c]] for c in range(count))
        seen = np.asarray(y) + luck.normal(size=40)
        draws = sample(seen, designs, prior, 100, luck, freedom=40).share
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        hits.append((low <= share[0]) & (share[0] <= high))
    inside = np.array(hits)
    error = (0.9 * 0.1 / inside.size) ** 0.5
    assert inside.mean() == pytest.approx(0.9, abs=4 * error)


def test_a_sure_signal_is_found_whatever_was_held_before() -> None:
    prior, luck = prior_of(MIXED, {}, {}), np.random.default_rng(6)
    count, atoms = prior.kappa.shape
    base = luck.normal(size=(count, 1, 60))
    designs = 300 * np.repeat(base, atoms, axis=1)
    truth = np.array([0.5, 0.0, 0.02, 0.3])
    y = np.einsum("c,cn->n", truth, designs[:, 0]) + luck.normal(size=60)
    found = sample(y, designs, prior, 200, luck)
    share, mean = found.share, found.mean
    error = 1 / (300 * np.sqrt((base**2).sum(axis=2)))[:, 0]
    assert (np.abs(mean - truth) < 4.5 * error + 1e-4).all()
    assert share.std(axis=0)[[0, 3]] == pytest.approx(error[[0, 3]], rel=0.35)
