"""Stock: what earlier money has built and *off* takes away, as money.

Media and content keep part of their pressure from day to day: s = r s + (1 - r) x / q for money x
at price q. What is left of it at the start of the planned year is worth the money that would have
to be spent that day for the same effect later on: x = r s q / (1 - r).
"""

from __future__ import annotations

import numpy as np

from sim.market.setting import Setting


def stock_of(setting: Setting) -> dict[str, float]:
    """Money by channel that stands in its stock when the planned year begins."""
    world, days = setting.world, setting.scenario.history_days
    money, heads = setting.history_money, setting.layout.heads
    found = {}
    for c, channel in enumerate(setting.scenario.channels):
        kept = float(world["retention"][c])
        if world["capped"][c] or kept <= 0.0:
            found[channel.name] = 0.0
            continue
        spend = np.where(world["down"][c, :days] == 1, 0.0, money[:, c, :days])
        weight = kept ** np.arange(days - 1, -1, -1, dtype=float)
        stock = (1.0 - kept) * (spend / world["price"][c, :days] * weight).sum(axis=1)
        worth = kept * stock * float(world["price"][c, days]) / (1.0 - kept)
        found[channel.name] = float((worth * heads).sum())
    return found
