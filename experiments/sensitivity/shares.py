"""Shares of a figure's variance that parameters explain, each by itself, from plain draws.

First-order indices by random balance designs (RBD-FAST, SALib), with the bias of few draws taken
out (Tissot and Prieur 2012): Var E[y | x] / Var y. What they leave of 1 is interactions, and the
luck of simulated people. An event that happens or not has the share between its two groups, with
the same correction. Noise is what a parameter would get that has nothing to do with the figure:
its draws in another order. A share is told where it exceeds what so many such parameters would
reach together in one of twenty studies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from tiermix.core.arrays import Floats

FEWEST = 24
"""Draws below which no share is told."""
ORDERS = 60
HARMONICS = 4
"""Half-waves of the figure over a parameter that are told apart; a linear or bent one has few."""
CHANCE = 0.05


@dataclass(frozen=True)
class Share:
    """A share of the variance with its standard error; `told`: above what noise explains.

    It may be negative: an estimate of something small with noise on both sides.
    """

    value: float
    se: float
    noise: float
    told: bool


def shares(steps: Floats, y: Floats, rng: np.random.Generator) -> list[Share | None]:
    """The share of each parameter of `steps` [N, K] in the variance of `y` [N].

    None of all where draws are too few, or nothing varies; None of a parameter that does not vary.
    """
    draws, count = steps.shape
    if draws < FEWEST or not np.ptp(y) > 0:
        return [None] * count
    varied = [k for k in range(count) if np.ptp(steps[:, k]) > 0]
    events = {k for k in varied if set(np.unique(steps[:, k])) == {0.0, 1.0}}
    smooth = [k for k in varied if k not in events]
    found: list[Share | None] = [None] * count
    if smooth:
        value = _balanced(steps[:, smooth], y, rng)
        se = _errors(steps[:, smooth], y, rng)
        orders = np.stack([rng.permutation(draws) for _ in range(ORDERS)], axis=1)
        null = _balanced(orders.astype(float), y, rng)
        limit = _limit(null, len(varied))
        for k, mine, error in zip(smooth, value, se, strict=True):
            found[k] = Share(float(mine), float(error), limit, bool(mine > limit))
    for k in events:
        mine = _between(steps[:, k], y)
        null = np.array([_between(rng.permutation(steps[:, k]), y) for _ in range(ORDERS)])
        picks = rng.integers(0, draws, (ORDERS, draws))
        again = [_between(steps[p, k], y[p]) for p in picks if np.ptp(steps[p, k]) > 0]
        limit = _limit(null, len(varied))
        found[k] = Share(mine, float(np.std(again, ddof=1)), limit, mine > limit)
    return found


def _limit(null: Floats, count: int) -> float:
    return float(null.mean() + null.std(ddof=1) * ndtri(1.0 - CHANCE / count))


def _balanced(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
    """RBD-FAST's indices; the bounds that SALib asks for are not used by it."""
    from SALib.analyze import rbd_fast

    names = [str(k) for k in range(x.shape[1])]
    problem = {"num_vars": len(names), "names": names, "bounds": [[-3.0, 3.0]] * len(names)}
    seed = int(rng.integers(2**31))
    told = rbd_fast.analyze(problem, x, y, M=HARMONICS, num_resamples=2, seed=seed)
    return np.asarray(told["S1"], float)


def _errors(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
    """Standard errors from three quarters of the draws, again and again (delete-d jackknife).

    SALib's own come from draws taken twice, which lie side by side in every order and feign a
    share: they were twice the spread of estimates.
    """
    draws = len(y)
    size = 3 * draws // 4
    picks = [rng.permutation(draws)[:size] for _ in range(ORDERS)]
    again = np.stack([_balanced(x[pick], y[pick], rng) for pick in picks])
    return np.asarray(again.std(axis=0, ddof=1) * np.sqrt(size / (draws - size)))


def _between(happens: Floats, y: Floats) -> float:
    """The share between those where it happens and the others, for its degree of freedom."""
    groups = [y[happens == end] for end in (0.0, 1.0)]
    if any(len(group) == 0 for group in groups):
        return 0.0
    whole = float(((y - y.mean()) ** 2).sum())
    between = sum(len(g) * float(g.mean() - y.mean()) ** 2 for g in groups)
    within = (whole - between) / (len(y) - 2)
    return (between - within) / (whole + within) if whole > 0 else 0.0
