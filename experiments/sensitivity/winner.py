"""How sure the recommendation is: the chance that it is best, on average and in a year.

On average: the posterior chance that the recommended strategy has the best mean over all markets,
given draws of some. Means of strategies are taken as draws of one normal distribution whose spread
is not known (flat on the spread), which keeps the luckiest of many near equals from seeming sure
(Efron and Morris 1975); the error of means is that of paired draws.
"""

from __future__ import annotations

import numpy as np

from experiments.stats import Interval, wilson
from tiermix.core.arrays import Floats

SAMPLES = 4_000
GRID = 24


def chance_best(gains: Floats, which: int, rng: np.random.Generator) -> float:
    """The chance that strategy `which` has the best mean of all, from `gains` [S, W].

    NaN for a single draw, which tells no error.
    """
    count, draws = gains.shape
    if count == 1:
        return 1.0
    if draws < 2:
        return float("nan")
    # Contrasts to the first: what markets do to all strategies alike cancels.
    contrast = np.eye(count)[1:] - np.eye(count)[0]
    steps = contrast @ gains
    mean, error = steps.mean(axis=1), np.atleast_2d(np.cov(steps)) / draws
    scale = float(np.sqrt(np.trace(error) / len(error))) or 1e-12
    error = error + np.eye(len(error)) * (1e-9 * scale**2)
    prior = contrast @ contrast.T
    widest = 4.0 * max(scale, float(np.ptp(np.append(mean, 0.0))))
    taus = widest * (np.arange(GRID) + 0.5) / GRID
    weights = _weights(mean, error, prior, taus)
    picked = rng.choice(GRID, SAMPLES, p=weights)
    best = 0
    for n in np.unique(picked):
        mine = _posterior(mean, error, prior * taus[n] ** 2, int((picked == n).sum()), draws, rng)
        means = np.hstack([np.zeros((len(mine), 1)), mine])
        best += int((means.argmax(axis=1) == which).sum())
    return best / SAMPLES


def _weights(mean: Floats, error: Floats, prior: Floats, taus: Floats) -> Floats:
    """How likely each spread of the strategies' means is."""
    logs = []
    for tau in taus:
        whole = error + prior * tau**2
        logs.append(-0.5 * (np.linalg.slogdet(whole)[1] + mean @ np.linalg.solve(whole, mean)))
    found = np.exp(np.array(logs) - max(logs))
    return np.asarray(found / found.sum())


def _posterior(
    mean: Floats, error: Floats, prior: Floats, size: int, draws: int, rng: np.random.Generator
) -> Floats:
    """Samples of the true contrasts [size, S − 1]; Student's, for the error is estimated too."""
    shrink = prior @ np.linalg.inv(error + prior)
    spread = prior - shrink @ prior
    root = np.linalg.cholesky(spread + np.eye(len(spread)) * 1e-12 * np.trace(spread))
    freedom = draws - 1
    heavy = np.sqrt(freedom / rng.chisquare(freedom, size))[:, None]
    return np.asarray(shrink @ mean + heavy * (rng.standard_normal((size, len(mean))) @ root.T))


def wins(gains: Floats, which: int) -> Interval[float]:
    """The share of draws in which strategy `which` is the best one, with Wilson's interval."""
    return wilson(int((gains.argmax(axis=0) == which).sum()), gains.shape[1])
