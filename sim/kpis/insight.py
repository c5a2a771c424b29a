"""Insight: how much a year's data tell about the effects of exploratory channels.

Before the year, the log of a channel's effect is uncertain with the variance that the scenario's
`uncertainty` gives it. The year's data are what a company sees: visits booked on the channel
against its money, both per head and day, by community and month. Insight is the share of the prior
variance that a simple regression takes away.
"""

from __future__ import annotations

import numpy as np

from scenarios import Channel, Scenario
from sim.engine.counts import channel_counts
from sim.output.market_year import MarketYear
from sim.output.year import TAIL
from tiermix.core.arrays import Bools, Floats

MOMENTS = ("cells", "x", "y", "xx", "xy", "yy")


def prior_variance(scenario: Scenario, channel: Channel) -> float:
    """Variance of the log of an exploratory channel's effect: its uncertain parameters' together.

    0 for channels of other tiers, for those without money, and where nothing is uncertain.
    """
    if channel.tier != 3 or not channel.plannable:
        return 0.0
    steps = [(item.path.split("."), item.spread) for item in scenario.uncertainty]
    mine = [v for path, v in steps if path[0] == "channels" and path[1] in ("*", channel.name)]
    return float(sum(spread**2 for spread in mine))


def insight_sums(year: MarketYear, channels: Bools) -> dict[str, Floats]:
    """Moments of money (x) and visits (y) per head and day over a community's months [G]."""
    scenario = year.scenario
    lengths = np.array([scenario.days_in(month) for month in year.months])
    days = np.clip(year.days - np.cumsum(lengths) + lengths, 0, lengths)
    lived = days > 0
    heads = year.end_states[:, 0].sum(axis=1)[:, None] * year.weight * days[lived]
    out = {}
    for c, channel in enumerate(scenario.channels):
        if channels[c] and prior_variance(scenario, channel) > 0:
            x = year.spend[:, :TAIL, c][:, lived] / heads
            y = year.channel[:, :TAIL, channel_counts.VISITS, c][:, lived] * year.weight / heads
            cells = (np.ones_like(x), x, y, x * x, x * y, y * y)
            for name, cell in zip(MOMENTS, cells, strict=True):
                out[f"{name}@{channel.name}"] = cell.sum(axis=1)
    return out


def insight(scenario: Scenario, sums: dict[str, Floats]) -> Floats:
    """Mean over channels; one that had no money, or always as much, has told nothing."""
    found = [
        learned(prior_variance(scenario, c), *(sums[f"{name}@{c.name}"] for name in MOMENTS))
        for c in scenario.channels
        if f"cells@{c.name}" in sums
    ]
    return np.asarray(np.mean(found, axis=0))


def learned(
    variance: float, cells: Floats, x: Floats, y: Floats, xx: Floats, xy: Floats, yy: Floats
) -> Floats:
    """variance / (variance + se²), se that of the log of the slope of y on x (delta method).

    Normal prior and normal data: the posterior variance is 1 / (1/variance + 1/se²). A slope that
    is not above 0 has no logarithm and tells nothing.
    """
    spread = xx - x * x / cells
    varies = spread > 1e-9 * xx
    slope = np.divide(xy - x * y / cells, spread, out=np.zeros_like(spread), where=varies)
    left = np.maximum(yy - y * y / cells - slope * slope * spread, 0.0)
    error = np.divide(left, (cells - 2.0) * spread, out=np.zeros_like(spread), where=varies)
    known = variance * np.maximum(slope, 0.0) ** 2
    return np.divide(known, known + error, out=np.zeros_like(spread), where=known > 0)
