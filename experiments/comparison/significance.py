"""Which of many differences may be called one: corrections for number, errors in common.

The question of a study is its objective in the whole company: those differences, one a strategy,
are a family of their own, corrected by Holm (1979), so that none of them is called one by chance
with 95 %. All other cells (some thousand: strategies, tiers, channels, months, KPIs) are looked at
together: of those that are marked at most 5 % are wrong, on average and however they hang together
(Benjamini and Yekutieli 2001). Holm over a thousand cells of eight worlds would mark nothing, and
Benjamini and Hochberg need a kind of dependence that KPIs which trade off do not have.
"""

from __future__ import annotations

import numpy as np
from scipy.special import stdtr, stdtrit

from experiments.stats import Interval
from tiermix.core.arrays import Bools, Floats


def p_values(interval: Interval[Floats], freedom: Floats) -> Floats:
    """Two-sided, of Student's t; a difference without error is 1 where it is 0, else 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.abs(interval.estimate) / interval.se
    found = 2.0 * stdtr(np.maximum(freedom, 1.0), -np.nan_to_num(t, nan=0.0, posinf=1e300))
    return np.where(np.isfinite(interval.se), found, np.nan)


def holm(p: Floats) -> Floats:
    """Adjusted p-values that hold together: Holm (1979); NaN stays and is not counted."""
    order = np.argsort(p, kind="stable")[: int(np.isfinite(p).sum())]
    ranked, found = p[order], np.full(len(p), np.nan)
    steps = np.maximum.accumulate((len(ranked) - np.arange(len(ranked))) * ranked)
    found[order] = np.minimum(steps, 1.0)
    return found


def benjamini_yekutieli(p: Floats) -> Floats:
    """Adjusted p-values of a false discovery rate under any dependence; NaN is not counted."""
    from scipy.stats import false_discovery_control

    there, found = np.isfinite(p), np.full(len(p), np.nan)
    found[there] = false_discovery_control(p[there], method="by")
    return found


def corrected(p: Floats, primary: Bools) -> Floats:
    """Adjusted p-values: Holm within the `primary` cells, Benjamini and Yekutieli in the rest."""
    found = np.array(p, dtype=float)
    found[primary] = holm(p[primary])
    found[~primary] = benjamini_yekutieli(p[~primary])
    return found


def widened(
    interval: Interval[Floats], freedom: Floats, shared: Floats, draws: int, tail: float
) -> tuple[Interval[Floats], Floats]:
    """The interval with an error that all worlds share, and its degrees of freedom.

    shared: its standard error, 0 for none, told by so many `draws`. tail: chance left at each end.
    Welch (1947) and Satterthwaite (1946) for the freedom of the sum.
    """
    se = np.hypot(interval.se, shared)
    with np.errstate(invalid="ignore", divide="ignore"):
        each = interval.se**4 / np.maximum(freedom, 1.0) + shared**4 / max(draws - 1, 1)
        free = np.where(shared > 0, se**4 / each, freedom)
    reach = stdtrit(np.maximum(free, 1.0), 1.0 - tail) * se
    low, high = interval.estimate - reach, interval.estimate + reach
    keep = shared == 0
    ends = (np.where(keep, a, b) for a, b in ((interval.low, low), (interval.high, high)))
    return Interval(interval.estimate, se, *ends), free
