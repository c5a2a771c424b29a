"""Jackknife: what figures would be with each community left out, and the error that this tells.

Efron and Stein (1981), "The jackknife estimate of variance".
"""

from __future__ import annotations

import numpy as np

from tiermix.core.arrays import Floats


def with_each_left_out(parts: Floats, people: Floats) -> Floats:
    """A sum over communities [..., G]: of all of them, then with each left out [..., 1 + G].

    What is left is scaled up by `people` [G]: that communities differ in size is known, not luck.
    """
    total = parts.sum(axis=-1, keepdims=True)
    scale = people.sum() / np.maximum(people.sum() - people, 1)
    return np.concatenate([total, scale * (total - parts)], axis=-1)


def standard_errors(left: Floats) -> Floats:
    """Standard errors [...] from estimates with one part left out each [..., G].

    Not a number for a single part, or where an estimate is none.
    """
    count = left.shape[-1]
    known = np.isfinite(left).all(axis=-1) & (count > 1)
    with np.errstate(invalid="ignore"):
        squares = ((left - left.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
        return np.asarray(np.where(known, np.sqrt((count - 1) / count * squares), np.nan))


def jackknife(left: Floats) -> float:
    """The standard error from estimates with one part left out each [G]."""
    return float(standard_errors(left))
