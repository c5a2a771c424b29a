"""MarketYear: the books of all communities of a year, stacked; the source of every figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios import Scenario
from sim.output.year import CommunityYear
from sim.setup.communities import Layout
from tiermix.core.arrays import AnyArray, Floats, Ints


@dataclass(frozen=True)
class MarketYear:
    """A market's year over G communities.

    `channel` [G, 13, counts, C] and `people` [G, 13, counts, P] are unweighted counts (money in
    hundredths), `end_states` [G, states, P] people, `reached` [G, 3 + C] people, `spend` [G, 13, C]
    money of the market by month, with the tail in row 12. By region only: `ledger`
    [regions, C, days] money of the market, `weekly` [regions, weeks, 5, C] counts. `regions` [G]
    is where each community lies; `weight` people stand behind each customer.
    """

    scenario: Scenario
    weight: float
    channel: Ints
    people: Ints
    end_states: Ints
    reached: Ints
    spend: Floats
    ledger: Floats
    weekly: Ints
    events: int
    customers: int
    regions: Ints
    first_day: int
    days: int

    @classmethod
    def gather(
        cls, scenario: Scenario, layout: Layout, years: Sequence[CommunityYear], *, planned: bool
    ) -> MarketYear:
        """Stack the books of communities, in community order."""
        books = YearlyCounts(scenario, layout, planned=planned)
        for year in sorted(years, key=lambda year: year.community.number):
            books.add(year)
        return books.closed()

    @property
    def months(self) -> tuple[str, ...]:
        """The twelve months of the year."""
        return self.scenario.months if self.first_day else self.scenario.history_months


class YearlyCounts:
    """YearlyCounts of communities as they come in, community by community, in their order.

    What is told by region is summed at once: days of a million customers would fill the memory.
    """

    def __init__(self, scenario: Scenario, layout: Layout, *, planned: bool) -> None:
        self.scenario, self.weight, self.planned = scenario, layout.weight, planned
        months = scenario.months if planned else scenario.history_months
        self._ends = np.cumsum([scenario.days_in(month) for month in months])
        self._stacks: dict[str, list[AnyArray]] = {
            name: [] for name in ("channel", "people", "end_states", "reached", "spend", "regions")
        }
        self._sums: dict[str, AnyArray] = {}
        self._events = self._customers = 0

    def add(self, year: CommunityYear) -> None:
        """Take in the book of the next community."""
        spend = [days.sum(axis=1) for days in np.split(year.ledger, self._ends, axis=1)]
        kept = (
            *(year.channel, year.people, year.end_states, year.reached),
            *(np.array(spend), np.array(year.community.region)),
        )
        for stack, part in zip(self._stacks.values(), kept, strict=True):
            stack.append(part)
        for name, part in (("ledger", year.ledger), ("weekly", year.weekly)):
            if name not in self._sums:
                self._sums[name] = np.zeros((len(self.scenario.regions), *part.shape), part.dtype)
            self._sums[name][year.community.region] += part
        self._events += year.events
        self._customers += year.community.people

    def closed(self) -> MarketYear:
        """The books of all that came in."""
        scenario = self.scenario
        return MarketYear(
            scenario=scenario,
            weight=self.weight,
            **{name: np.stack(parts) for name, parts in self._stacks.items()},
            **self._sums,
            events=self._events,
            customers=self._customers,
            first_day=scenario.history_days if self.planned else 0,
            days=scenario.year_days if self.planned else scenario.history_days,
        )
