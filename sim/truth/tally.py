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
from sim.output.year import TAIL, CommunityYear
from tiermix.core.arrays import AnyArray, Floats


@dataclass(frozen=True)
class Tally:
    """One market's A arms: additive quantities `sums[name]` [A, G], and its G communities' people.

    Counts are those of the year, and of its tail where one was lived; states of people (reach,
    awareness, buyers) are those at the end of the year. They are whole numbers of simulated people
    and events (hundredths for `HUNDREDTHS`), so that arms in which the same happened are equal to
    the last digit however it is spread; `weight` people stand behind each.
    """

    people: Floats
    sums: Mapping[str, Floats]
    weight: float = 1.0

    @classmethod
    def stack(cls, communities: Sequence[Sequence[Mapping[str, float]]], weight: float) -> Tally:
        """From the sums of each community's arms."""
        names = communities[0][0]
        sums = {
            name: np.array([[arm[name] for arm in arms] for arms in communities]).T
            for name in names
        }
        return cls(sums["people"][0], sums, weight)

    def values(self, kpi: str) -> Floats:
        """A KPI of each arm: of the market, then with each community left out [A, 1 + G]."""
        stacked = {
            name: with_each_left_out(x, self.people) * self._unit(name)
            for name, x in self.sums.items()
        }
        return np.asarray(kpi_values(stacked)[kpi], dtype=float)

    def parts(self, kpi: str) -> Floats:
        """A KPI that adds up, of each arm and community [A, G]."""
        found = kpi_values({name: x * self._unit(name) for name, x in self.sums.items()})
        return np.asarray(found[kpi], dtype=float)

    def _unit(self, name: str) -> float:
        return self.weight / 100.0 if name in HUNDREDTHS else self.weight


HUNDREDTHS = ("revenue", "margin", "message_revenue", "satisfaction_points")
IN_MONEY_OF_THE_MARKET = ("spend", "overheads")
"""Sums that are no counts: of money out, which is known and not drawn."""


def read_sums(setting: Setting, community_year: CommunityYear) -> dict[str, float]:
    """The additive quantities of one community's year and tail, unweighted; see `Tally`."""
    year = MarketYear.gather(setting.scenario, setting.layout, [community_year], planned=True)
    found = {name: float(x[0]) for name, x in Scorecard(with_tail(year)).sums("all").items()}
    return {"people": float(year.customers)} | {
        name: x / year.weight if name in IN_MONEY_OF_THE_MARKET else _whole(name, x / year.weight)
        for name, x in found.items()
    }


def _whole(name: str, counted: float) -> float:
    return float(round(100.0 * counted if name in HUNDREDTHS else counted))


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
