"""Tally: what truth needs of a market's arms, as sums by community; nothing by day or by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.kpis.jackknife import with_each_left_out
from sim.kpis.measures import kpi_values
from sim.kpis.scorecard import Scorecard
from sim.market.setting import Setting
from sim.output.market_year import MarketYear
from sim.output.year import TAIL, LivedYear
from tiermix.core.arrays import AnyArray, Floats


@dataclass(frozen=True)
class Tally:
    """One market's A arms: additive quantities `sums[name]` [A, G], and its G communities' people.

    Counts are those of the year and its tail; states of people (reach, awareness, buyers) are those
    at the end of the year.
    """

    people: Floats
    sums: Mapping[str, Floats]

    @classmethod
    def stack(cls, found: Sequence[Sequence[Mapping[str, float]]]) -> Tally:
        """From the sums of each community's arms."""
        names = found[0][0]
        sums = {name: np.array([[arm[name] for arm in arms] for arms in found]).T for name in names}
        return cls(sums["people"][0], sums)

    def values(self, kpi: str) -> Floats:
        """A KPI of each arm: of the market, then with each community left out [A, 1 + G]."""
        stacked = {name: with_each_left_out(x, self.people) for name, x in self.sums.items()}
        return np.asarray(kpi_values(stacked)[kpi], dtype=float)


def read_sums(setting: Setting, lived: LivedYear) -> dict[str, float]:
    """The additive quantities of one community's year and tail, weighted to the market."""
    year = MarketYear.gather(setting.scenario, setting.layout, [lived], planned=True)
    sums = Scorecard(with_tail(year)).sums("all")
    return {name: float(x[0]) for name, x in sums.items()} | {"people": float(year.customers)}


def with_tail(year: MarketYear) -> MarketYear:
    """The year with all that came in the tail put on its last month."""
    return replace(
        year,
        channel=_on_the_last_month(year.channel),
        people=_on_the_last_month(year.people),
        spend=_on_the_last_month(year.spend),
    )


def _on_the_last_month(part: AnyArray) -> AnyArray:
    """Counts or money by month [G, 13, ...] without their tail: the last month takes it in."""
    months = part[:, :TAIL].copy()
    months[:, -1] += part[:, TAIL]
    return months
