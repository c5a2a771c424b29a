"""Insight: how much a year's data tell the company about the effects of exploratory channels.

Before the year, the log of a channel's effect is uncertain with the variance that the scenario's
`uncertainty` gives it. The year's data are what a company sees: visits booked on the channel
against its money, both per head and day, by region and month. Insight is the share of the prior
variance that a simple regression takes away.

The company has all its people, the simulation a sample of them. How much of what the regression
leaves over is the sample's own noise is told by the communities of a region, which all had the same
money; the company has as much less of it as it has more people.
"""

from __future__ import annotations

import numpy as np

from scenarios import Channel, Scenario
from sim.engine.counts import channel_counts
from sim.output.market_year import MarketYear
from sim.output.year import TAIL
from tiermix.core.arrays import Bools, Floats

SUMS = ("heads", "money", "visits", "squares", "groups")


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
    """What each community adds to its region's months [regions * months, G], by channel.

    Heads are people-days, `squares` is visits² / heads; all stand for the whole market.
    """
    scenario = year.scenario
    lengths = np.array([scenario.days_in(month) for month in year.months])
    days = np.clip(year.days - np.cumsum(lengths) + lengths, 0, lengths)
    lived = days > 0
    heads = year.end_states[:, 0].sum(axis=1)[:, None] * year.weight * days[lived]
    out = {}
    for c, channel in enumerate(scenario.channels):
        if channels[c] and prior_variance(scenario, channel) > 0:
            money = year.spend[:, :TAIL, c][:, lived]
            visits = year.channel[:, :TAIL, channel_counts.VISITS, c][:, lived] * year.weight
            cells = (heads, money, visits, visits**2 / heads, np.ones_like(heads))
            for name, cell in zip(SUMS, cells, strict=True):
                out[f"insight {name}@{channel.name}"] = _by_region(year, cell)
    return out


def _by_region(year: MarketYear, cell: Floats) -> Floats:
    """Months of communities [G, months] as parts of their regions' months [regions * months, G]."""
    mine = year.regions == np.arange(len(year.scenario.regions))[:, None]
    return np.asarray(mine[:, None, :] * cell.T).reshape(-1, len(cell))


def insight(scenario: Scenario, sums: dict[str, Floats], weight: float) -> Floats:
    """Mean over channels; one that had no money, or always as much, has told nothing."""
    found = []
    for c in scenario.channels:
        if f"insight heads@{c.name}" in sums:
            mine = {name: sums[f"insight {name}@{c.name}"] for name in SUMS}
            found.append(learned(prior_variance(scenario, c), **mine, weight=weight))
    return np.asarray(np.mean(found, axis=0))


def learned(
    variance: float,
    *,
    heads: Floats,
    money: Floats,
    visits: Floats,
    squares: Floats,
    groups: Floats,
    weight: float,
) -> Floats:
    """variance / (variance + se²), se that of the log of the slope of visits on money (delta rule).

    Sums over communities [cells, ...] of a sample in which one stands for `weight` people. Normal
    prior and normal data: the posterior variance is 1 / (1/variance + 1/se²). A slope that is not
    surely above the sample's own noise has no logarithm and tells nothing.
    """
    there = heads > 0
    cells = there.sum(axis=0)
    x, y = _ratio(money, heads), _ratio(visits, heads)
    apart = np.maximum(squares - y * visits, 0.0)
    noise = _ratio(apart, heads * np.maximum(groups - 1.0, 1.0)).sum(axis=0) / cells
    dx, dy = (np.where(there, a - a.sum(axis=0) / cells, 0.0) for a in (x, y))
    spread = (dx * dx).sum(axis=0)
    spread = np.where(spread > 1e-9 * (x * x).sum(axis=0), spread, 0.0)
    slope = _ratio((dx * dy).sum(axis=0), spread)
    left = ((dy - slope * dx) ** 2).sum(axis=0) / np.maximum(cells - 2.0, 1.0)
    error = _ratio(np.maximum(left - noise, 0.0) + noise / weight, spread)
    squared = np.maximum(slope**2 - _ratio(noise, spread) * (1.0 - 1.0 / weight), 0.0)
    known = variance * np.where(slope > 0.0, squared, 0.0)
    return _ratio(known, known + error)


def _ratio(of: Floats, to: Floats) -> Floats:
    """A ratio, 0 where there is nothing to divide by."""
    return np.divide(of, to, out=np.zeros(np.broadcast_shapes(of.shape, to.shape)), where=to > 0)
