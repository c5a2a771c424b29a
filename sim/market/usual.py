"""What capped channels may expect: settled in the whole market, not in each community.

An auction or a mailing list is one for all. What a channel may expect of its pool is therefore the
market's figure, which one community's few events could not tell: at 75 people the running mean of
their own searches wanders by half, and money steered by it buys less. It is taken from a pilot of
other people, one community a region, who live the history year before all others do.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.engine import state as s
from sim.market.community import CommunitySimulation
from sim.setup.communities import Community, Layout
from tiermix.core.arrays import Floats

PILOT = 3000
"""People of the pilot, or as many as are simulated if these are fewer."""

FIRST = 1_000_000
"""Number of the pilot's first community: after all others, whatever their number."""

LOOKS = 6
"""How often the running means are read in the second half of the pilot's year."""


def usual_events(
    layout: Layout, days: int, born: Callable[[Community], CommunitySimulation]
) -> Floats:
    """Eligible events a head and day, less season, [regions, CHANNELS], once a year has run in.

    `born` makes a community that has not been told what is usual; it goes by its own means.
    """
    regions = 1 + max(community.region for community in layout.communities)
    share = min(PILOT / layout.customers, 1.0)
    usual = np.zeros((regions, s.CHANNELS))
    for region in range(regions):
        people = sum(c.people for c in layout.communities if c.region == region)
        if people:
            pilot = born(Community(FIRST + region, region, max(round(share * people), 1)))
            usual[region] = _means(pilot, days)
    return usual


def _means(pilot: CommunitySimulation, days: int) -> Floats:
    """The mean over the second half of a year of the running means, a head."""
    means = []
    for look in range(1, LOOKS + 1):
        pilot.advance(days // 2 + look * (days - days // 2) // LOOKS)
        market = pilot.market
        means.append(market["pool_mass"] / np.maximum(market["pool_weight"], 1e-9))
    return np.asarray(np.mean(means, axis=0) / len(pilot.population))
