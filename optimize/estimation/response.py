"""What a channel's weeks bring: saturated, then carried over; and how much of it a test can see."""

from __future__ import annotations

import numpy as np

from tiermix.core.arrays import Floats


def response(stock: Floats, kappa: Floats, carry: Floats, *, there: Floats) -> Floats:
    """g of one channel [K, R, W] for K pairs of κ and λ, from its stock [R, W].

    Saturated, then carried over from week to week, from the usual level on
    where the channel is `there` [R], 1 or 0.
    """
    half, kept = kappa[:, None, None], carry[:, None]
    bent = (1 + half) * stock / (half + stock)
    out = np.empty_like(bent)
    level = np.tile(there, (len(kappa), 1))
    for week in range(stock.shape[1]):
        level = kept * level + (1 - kept) * bent[..., week]
        out[..., week] = level
    return out


def seen_by_test(kappa: Floats, carry: Floats, retention: float, weeks: float) -> Floats:
    """The part of a channel's share that is gone in a hold-out of so many weeks, by atom [K].

    `retention` is the daily one of its stock: what was made before goes on working, and so does
    what people remember, less every week.
    """
    count = max(round(weeks), 1)
    stock = np.asarray(retention ** (7.0 * np.arange(1, count + 1)), dtype=np.float64)
    left = response(stock[None, :], kappa, carry, there=np.ones(1))
    lost: Floats = 1 - left.mean(axis=(1, 2))
    return lost
