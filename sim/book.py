"""MarketYear: the books of all communities of a year, stacked; the source of every figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios import Scenario
from sim.communities import Layout
from sim.years import LivedYear

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class MarketYear:
    """A market's year over G communities.

    `channel` [G, 13, counts, C] and `people` [G, 13, counts, P] are unweighted counts (money in
    hundredths), `standing` [G, states, P] people, `ledger` [G, C, days] money of the market,
    `weekly` [regions, weeks, 5, C] counts. `weight` people stand behind each customer.
    """

    scenario: Scenario
    weight: float
    region: Array
    channel: Array
    people: Array
    standing: Array
    ledger: Array
    weekly: Array
    lived: int
    customers: int
    first_day: int
    days: int

    @classmethod
    def gather(
        cls, scenario: Scenario, layout: Layout, years: Sequence[LivedYear], *, planned: bool
    ) -> MarketYear:
        """Stack the books of communities, in community order."""
        ordered = sorted(years, key=lambda year: year.community.number)
        region = np.array([year.community.region for year in ordered])
        weekly = np.zeros((len(scenario.regions), *ordered[0].weekly.shape), dtype=np.int64)
        for year in ordered:
            weekly[year.community.region] += year.weekly
        return cls(
            scenario=scenario,
            weight=layout.weight,
            region=region,
            channel=np.stack([year.channel for year in ordered]),
            people=np.stack([year.people for year in ordered]),
            standing=np.stack([year.standing for year in ordered]),
            ledger=np.stack([year.ledger for year in ordered]),
            weekly=weekly,
            lived=sum(year.lived for year in ordered),
            customers=sum(year.community.people for year in ordered),
            first_day=scenario.history_days if planned else 0,
            days=scenario.year_days if planned else scenario.history_days,
        )

    @property
    def months(self) -> tuple[str, ...]:
        """The twelve months of the year."""
        return self.scenario.months if self.first_day else self.scenario.history_months

    def spend(self) -> Array:
        """Money spent by community, month and channel [G, 13, C]; the tail in row 12."""
        lengths = [self.scenario.days_in(month) for month in self.months]
        month = np.minimum(np.repeat(np.arange(13), [*lengths, 366]), 12)
        out = np.zeros((self.ledger.shape[0], 13, self.ledger.shape[1]))
        days = self.ledger.shape[2]
        for m in range(13):
            out[:, m] = self.ledger[:, :, month[:days] == m].sum(axis=2)
        return out
