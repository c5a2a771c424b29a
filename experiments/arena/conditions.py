"""What tests are judged under: how regions are cut, and what interferes with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tiermix.core.arrays import Ints

COMMUNITIES = 96
"""Closed groups of equally many people, of which regions are made up."""
LEAK = 0.2
"""Share of a region's ads that its two neighbours see half each, where ads spill over; *assumed*,
as are the other dials here."""
HIT = 1 / 3
"""Share of the regions in which a rival campaigns, where shocks are local."""

Shock = Literal["none", "common", "local"]
Tail = Literal["alike", "unlike"]


@dataclass(frozen=True)
class PeopleCondition:
    """One kind of test by people; `share` of the market takes part, and people may talk."""

    name: str
    about: str
    kpi: str = "conversions"
    talks: bool = False
    rival: bool = False
    share: float = 1.0


@dataclass(frozen=True)
class Condition:
    """One kind of test by regions; `about` says it in a sentence.

    `blocks` treats blocks of neighbouring regions, `inner` looks at regions alone whose neighbours
    are treated as they are; `drifts` lets regions' demand wander from week to week.
    """

    name: str
    about: str
    regions: int = 32
    sizes: Tail = "alike"
    kpi: str = "conversions"
    leak: float = 0.0
    shock: Shock = "none"
    blocks: bool = False
    inner: bool = False
    drifts: bool = False

    @property
    def communities(self) -> Ints:
        """How many communities each region has [R], neighbours beside one another."""
        count = self.regions
        if self.sizes == "alike":
            return np.full(count, COMMUNITIES // count)
        return unlike_sizes(count)


def unlike_sizes(count: int) -> Ints:
    """Communities of regions whose sizes fall with their rank (Zipf 1949), one at least [R]."""
    share = 1.0 / np.arange(1, count + 1)
    spare = COMMUNITIES - count
    wanted = spare * share / share.sum()
    sizes = np.floor(wanted).astype(int)
    sizes[np.argsort(sizes - wanted, kind="stable")[: spare - sizes.sum()]] += 1
    return np.asarray(sizes + 1)


CONDITIONS: dict[str, Condition] = {
    one.name: one
    for one in (
        Condition("no_interference", "32 regions of like size that nothing ties together"),
        Condition("spill_over", "a fifth of each region's ads is seen next door", leak=LEAK),
        Condition(
            "spill_over_blocks",
            "the same, and blocks of four neighbours are treated together",
            leak=LEAK,
            blocks=True,
        ),
        Condition(
            "spill_over_inner",
            "the same blocks, without the regions at their borders",
            leak=LEAK,
            blocks=True,
            inner=True,
        ),
        Condition(
            "common_shock", "a rival campaigns everywhere as long as the test lasts", shock="common"
        ),
        Condition(
            "local_shocks",
            "the rival campaigns in a third of the regions, by chance",
            shock="local",
        ),
        Condition(
            "drifting_regions",
            "demand of each region wanders from week to week, before and in the test",
            drifts=True,
        ),
        Condition("few_regions", "the same people in 8 regions", regions=8),
        Condition(
            "unlike_regions",
            "32 regions, of which the largest has 17 times the people of the smallest",
            sizes="unlike",
        ),
        Condition(
            "heavy_tails", "revenue is counted, and order values are heavy-tailed", kpi="revenue"
        ),
    )
}
"""Conditions of tests by regions by name, in the order of the table."""

PEOPLE_CONDITIONS: dict[str, PeopleCondition] = {
    one.name: one
    for one in (
        PeopleCondition("no_interference", "12,000 people who do not know of one another"),
        PeopleCondition(
            "spill_over", "buyers tell others, held out or not, who want it too", talks=True
        ),
        PeopleCondition(
            "common_shock", "a rival campaigns everywhere as long as the test lasts", rival=True
        ),
        PeopleCondition("few_people", "1,250 people", share=10 / COMMUNITIES),
        PeopleCondition(
            "heavy_tails", "revenue is counted, and order values are heavy-tailed", kpi="revenue"
        ),
    )
}
"""Conditions of tests by people by name, in the order of the table."""
