"""What capped channels and the desk may expect: settled in the whole market, not in a community.

An auction or a mailing list is one for all. What a channel may expect of its pool is therefore the
market's figure, which one community's few events could not tell: at 75 people the running mean of
their own searches wanders by half, and money steered by it buys less. It is taken from a pilot of
other people, one community a region, who live the history year before all others do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scenarios import REQUESTS
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


@dataclass(frozen=True)
class Usual:
    """What a head and a day bring in each region, less season, once a year has run in.

    `events` [regions, CHANNELS] that capped channels could be paid for, `requests`
    [regions, kinds] to the desk.
    """

    events: Floats
    requests: Floats


def usual_of(
    layout: Layout, regions: int, days: int, born: Callable[[Community], CommunitySimulation]
) -> Usual:
    """What is usual in a market, from its pilot.

    `born` makes a community that has not been told what is usual; it goes by its own means.
    """
    share = min(PILOT / layout.customers, 1.0)
    usual = Usual(np.zeros((regions, s.CHANNELS)), np.zeros((regions, len(REQUESTS))))
    for region in range(regions):
        people = sum(c.people for c in layout.communities if c.region == region)
        if people:
            pilot = born(Community(FIRST + region, region, max(round(share * people), 1)))
            usual.events[region], usual.requests[region] = _means(pilot, days)
    return usual


def tell(usual: Usual, simulation: CommunitySimulation) -> None:
    """Tell a community what is usual among as many people as it has."""
    region, people = simulation.community.region, simulation.community.people
    simulation.market["usual"] = usual.events[region]
    if simulation.desk:
        simulation.desk.usual = usual.requests[region] * people


def _means(pilot: CommunitySimulation, days: int) -> tuple[Floats, Floats]:
    """The mean over the second half of a year of the running means, a head."""
    events, requests, people = [], [], len(pilot.population)
    for look in range(1, LOOKS + 1):
        pilot.advance(days // 2 + look * (days - days // 2) // LOOKS)
        market = pilot.market
        events.append(market["pool_mass"] / np.maximum(market["pool_weight"], 1e-9))
        requests.append(pilot.desk.own if pilot.desk else np.zeros(len(REQUESTS)))
    return np.mean(events, axis=0) / people, np.mean(requests, axis=0) / people
