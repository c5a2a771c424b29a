"""Small statistics of repeated worlds: means with errors, paired differences, shares, regret.

Worlds lie on the last axis, everything before it is kept; NaN means that a world does not have
the figure (no customers, no cost per customer).
"""

from typing import Generic, NamedTuple, TypeVar

import numpy as np
from scipy.special import ndtri, stdtrit

from tiermix.core.arrays import Floats, Ints

T = TypeVar("T", float, Floats)

FOLDS = 5


class Mean(NamedTuple):
    """A mean over worlds, and where its error comes from; each of shape [...].

    `se` is the standard error of the mean over worlds, everything included; `spread` the standard
    deviation between worlds once the error of simulation is taken away; `simulation_se` the part
    of the error of the mean that more customers would remove; `worlds` how many have the figure.
    """

    mean: Floats
    se: Floats
    spread: Floats
    simulation_se: Floats
    worlds: Floats


class Interval(NamedTuple, Generic[T]):
    """An estimate with its standard error and the ends of its interval."""

    estimate: T
    se: T
    low: T
    high: T


def mean_over_worlds(values: Floats, errors: Floats) -> Mean:
    """Means of `values` [..., W], with the within-world standard `errors` [..., W] told apart.

    One world has no spread that could be seen: its error is the error of simulation alone.
    """
    worlds, mean, variance = _moments(values)
    seen = np.isfinite(values)
    noise = np.sum(np.where(seen, np.nan_to_num(errors), 0.0) ** 2, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        simulation_se = np.sqrt(noise) / worlds
        spread = np.sqrt(np.maximum(variance - noise / worlds, 0.0))
        se = np.where(worlds == 1, simulation_se, np.sqrt(variance / worlds))
    return Mean(mean, se, spread, simulation_se, worlds)


def t_interval(
    differences: Floats, *, level: float = 0.95, comparisons: int = 1
) -> Interval[Floats]:
    """Student's intervals for the means of paired differences [..., W].

    With `comparisons` above 1 the level holds for all of them together (Bonferroni). Fewer than
    two worlds give no interval: its ends are NaN.
    """
    worlds, mean, variance = _moments(differences)
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(variance / worlds)
    tail = (1 - level) / (2 * comparisons)
    reach = stdtrit(np.maximum(worlds - 1, 1), 1 - tail) * se
    return Interval(mean, se, mean - reach, mean + reach)


def normal_interval(estimate: Floats, se: Floats, *, level: float = 0.95) -> Interval[Floats]:
    """Intervals of estimates whose standard errors are known."""
    reach = float(ndtri(0.5 + level / 2)) * se
    return Interval(estimate, se, estimate - reach, estimate + reach)


def wilson(successes: int, trials: int, *, level: float = 0.95) -> Interval[float]:
    """Wilson's score interval for a share; honest also at 0 and at 1.

    Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    if trials == 0:
        return Interval(np.nan, np.nan, 0.0, 1.0)
    from scipy.stats import binomtest

    share = successes / trials
    se = float(np.sqrt(share * (1 - share) / trials))
    ends = binomtest(successes, trials).proportion_ci(level, method="wilson")
    # Rounding may carry an end past the share that the interval has to contain.
    return Interval(share, se, min(float(ends.low), share), max(float(ends.high), share))


def chosen_elsewhere(gains: Floats) -> Ints:
    """For each world, the strategy with the best mean over *other* worlds; gains [S, W] → [W].

    Choosing and judging on the same worlds would praise the luckiest strategy (the winner's
    curse); cross-fitting over folds lets no world judge a choice that it took part in.
    """
    worlds = gains.shape[1]
    fold = np.arange(worlds) % min(FOLDS, worlds)
    best = [int(np.argmax(gains[:, fold != f].mean(axis=1))) for f in range(fold.max() + 1)]
    return np.asarray(np.array(best, dtype=np.int64)[fold])


def regret(gains: Floats) -> Floats:
    """What each strategy falls short of the best found, shape [S, W] as `gains`.

    The best is chosen on other worlds than it is judged on, so that a strategy's regret may be
    negative where the choice was unlucky. A single world can only judge its own choice.
    """
    worlds = gains.shape[1]
    if worlds == 1:
        return np.asarray(gains.max(axis=0) - gains)
    return np.asarray(gains[chosen_elsewhere(gains), np.arange(worlds)] - gains)


def _moments(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Number, mean and unbiased variance over the worlds that have the figure."""
    seen = np.isfinite(values)
    count = seen.sum(axis=-1).astype(np.float64)
    filled = np.where(seen, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(axis=-1) / count
        squares = np.sum(np.where(seen, (values - mean[..., None]) ** 2, 0.0), axis=-1)
        # 0 / 0 for a single world is NaN, which is what is known of its variance.
        return count, mean, squares / (count - 1)
