"""Both years of a market in whole weeks, by geo and channel, and what each channel brought.

Geos are the communities of the simulation, which meet only what their region is given. Weeks begin
every seven days from the first day of the history year; a week that lies in both years is one week
here, and the days beyond the last whole week are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenarios import MediaPlan, Scenario, product_by_day
from sim import Arm, CommunityYear, PlaceYears, Setting, Workers, place_years
from tiermix.core.arrays import Floats
from tiermix.core.progress import Progress

IMPRESSIONS, CLICKS, VISITS, CONVERSIONS, REVENUE = range(5)
LAST = 0.05
"""The share of a channel's money that its marginal return is measured on."""


@dataclass(frozen=True)
class Weeks:
    """`spend` [G, W, C] money and `counts` [G, W, 5, C] of the market, `people` [G] of the market.

    Counts are impressions, clicks, visits, conversions and revenue (in money). `without` has, by
    channel, counts [G, W, 5] with the channel off in the planned year, `less` those with 5 % less
    of its money. `planned_spend` [C] is the money of the planned year's days in these weeks,
    without those of the history in the week that both have. `controls` has a column for each
    season, rival and control, by week.
    """

    scenario: Scenario
    starts: pd.DatetimeIndex
    geos: tuple[str, ...]
    people: Floats
    spend: Floats
    counts: Floats
    controls: pd.DataFrame
    without: Mapping[str, Floats]
    less: Mapping[str, Floats]
    planned_spend: Floats

    @property
    def media(self) -> list[str]:
        """Channels that money can be given to."""
        return list(self.scenario.plannable)

    def of(self, channel: str) -> int:
        """The place of a channel in the arrays."""
        return [c.name for c in self.scenario.channels].index(channel)

    @property
    def whole(self) -> Floats:
        """Counts over all channels [G, W, 5]."""
        return np.asarray(self.counts.sum(axis=3))

    @property
    def market(self) -> Floats:
        """The market's counts by week, over all geos and channels [W, 5]."""
        return np.asarray(self.whole.sum(axis=0))

    @property
    def planned(self) -> slice:
        """Weeks in which the planned year has days."""
        return slice(self.scenario.history_days // 7, len(self.starts))


def simulate_weeks(
    scenario: Scenario,
    plan: MediaPlan,
    *,
    seed: int,
    customers: int,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Weeks:
    """The market of `simulate` with the same seed, week by week, and again without each channel."""
    setting, names = Setting(scenario, customers, seed), scenario.plannable
    arms = [Arm(plan)]
    arms += [Arm(plan, frozenset({name})) for name in names]
    arms += [Arm(_less(plan, name)) for name in names]
    places = place_years(setting, arms, workers=workers, progress=progress)
    return _gathered(scenario, places, setting.layout.weight)


def _gathered(scenario: Scenario, places: Sequence[PlaceYears], weight: float) -> Weeks:
    """The weeks of all communities; arms: as planned, then off and less by channel."""
    names = scenario.plannable
    weeks = (scenario.history_days + scenario.year_days) // 7
    counts = np.array([_counts(one, 0, scenario, weeks) for one in places]) * weight
    counts[:, :, REVENUE] /= 100.0
    others = [
        _under(places, arm, scenario, weeks, weight) for arm in range(1, len(places[0].planned))
    ]
    starts = pd.date_range(scenario.history_start, periods=weeks, freq="7D")
    days = 7 * weeks - scenario.history_days
    return Weeks(
        scenario=scenario,
        starts=starts,
        geos=tuple(_name(scenario, one) for one in places),
        people=np.array([one.community.people for one in places]) * weight,
        spend=np.array([_spend(one, scenario, weeks) for one in places]),
        counts=counts,
        controls=_controls(scenario, starts),
        without=dict(zip(names, others[: len(names)], strict=True)),
        less=dict(zip(names, others[len(names) :], strict=True)),
        planned_spend=np.sum(
            [one.planned[0].ledger[:, :days].sum(axis=1) for one in places], axis=0
        ),
    )


def _name(scenario: Scenario, one: PlaceYears) -> str:
    """A geo's name: its region's, and a number."""
    return f"{scenario.regions[one.community.region].name}-{one.community.number + 1:02d}"


def _less(plan: MediaPlan, channel: str) -> MediaPlan:
    amounts = plan.amounts.copy()
    amounts[plan.channels.index(channel)] *= 1.0 - LAST
    return MediaPlan(plan.channels, plan.months, amounts)


def _counts(one: PlaceYears, arm: int, scenario: Scenario, weeks: int) -> Floats:
    """A community's counts of both years [W, 5, C]; the week that both have is added up."""
    shape = one.history.weekly.shape[1:]
    found = np.zeros((weeks + 2, *shape))
    for year, first in ((one.history, 0), (one.planned[arm], scenario.history_days // 7)):
        found[first : first + len(year.weekly)] += year.weekly
    return found[:weeks]


def _under(
    places: Sequence[PlaceYears], arm: int, scenario: Scenario, weeks: int, weight: float
) -> Floats:
    """Counts under an arm, over all channels [G, W, 5]."""
    found = np.array([_counts(one, arm, scenario, weeks).sum(axis=2) for one in places]) * weight
    found[:, :, REVENUE] /= 100.0
    return found


def _spend(one: PlaceYears, scenario: Scenario, weeks: int) -> Floats:
    """A community's money of both years by week [W, C]."""
    years: tuple[CommunityYear, ...] = (one.history, one.planned[0])
    lengths = (scenario.history_days, scenario.year_days)
    parts = [y.ledger[:, :days] for y, days in zip(years, lengths, strict=True)]
    daily = np.concatenate(parts, axis=1)[:, : 7 * weeks]
    return np.asarray(daily.reshape(len(daily), weeks, 7).sum(axis=2).T)


def _controls(scenario: Scenario, starts: pd.DatetimeIndex) -> pd.DataFrame:
    """What a company knows of every week: seasons' factor on needs, rivals, its own controls."""
    days = 7 * len(starts)
    first = scenario.history_start
    table = pd.DataFrame(index=starts)

    def by_week(values: Floats) -> Floats:
        return np.asarray(values.reshape(-1, 7).mean(axis=1))

    if scenario.seasons:
        table["season"] = by_week(product_by_day(scenario.seasons, "needs", first, days))
    if scenario.rivals:
        present = np.zeros(days)
        for rival in scenario.rivals:
            begins, ends = ((day - first).days for day in (rival.start, rival.end))
            present[max(begins, 0) : max(ends + 1, 0)] = 1.0
        table["rival"] = by_week(present)
    for control in scenario.controls:
        offset = (first - control.start).days // 7
        table[control.name] = control.of_weeks(offset, len(starts))
    return table
