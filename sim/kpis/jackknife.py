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


def jackknife(left: Floats) -> float:
    """Standard error from estimates with one part left out each; not a number for a single one."""
    count = len(left)
    if count < 2 or not np.isfinite(left).all():
        return float("nan")
    return float(np.sqrt((count - 1) / count * ((left - left.mean()) ** 2).sum()))
