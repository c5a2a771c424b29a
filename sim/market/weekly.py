"""Markets under money that is given day by day, watched week by week: what a company could see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scenarios import Scenario
from sim.engine.counts import channel_counts
from sim.market.compiled import simulate_tasks
from sim.market.setting import Setting
from sim.output.year import begin_year
from sim.parallel import Workers
from sim.setup.communities import Layout
from sim.setup.money import region_shares, wandering
from tiermix.core.arrays import Floats
from tiermix.core.progress import Progress

COUNTS = channel_counts.NAMES[: channel_counts.WEEKLY]
"""Impressions, clicks, visits, conversions and revenue."""


@dataclass(frozen=True)
class WeeklyCounts:
    """What a company sees of the market: `counts` [G, W, 5, C] by community, week and channel.

    Impressions, clicks, visits, conversions and revenue, each times the people behind a customer;
    `spend` [W, C] in money; `people` and `regions` [G] of the communities.
    """

    counts: Floats
    spend: Floats
    people: Floats
    regions: Floats

    @cached_property
    def totals(self) -> Floats:
        """The same of the whole market [W, 5, C]."""
        return np.asarray(self.counts.sum(axis=0))

    def of(self, what: str) -> Floats:
        """One of the counts by community [G, W, C]."""
        return np.asarray(self.counts[:, :, COUNTS.index(what)])

    def total(self, what: str) -> Floats:
        """One of the counts of the whole market [W, C]: `impressions`, `conversions`, …"""
        return np.asarray(self.totals[:, COUNTS.index(what)])


@dataclass(frozen=True)
class _Task:
    setting: Setting
    daily: Floats
    bounds: tuple[int, ...]


def watch_weeks(
    settings: Sequence[Setting],
    daily: Floats,
    first: int,
    weeks: int,
    *,
    workers: Workers = None,
    progress: Progress | None = None,
    what: str = "markets",
) -> list[WeeklyCounts]:
    """Each market from its beginning under the same money, seen for so many weeks.

    `daily` [C, days] is money of the whole market from the first day of the history year on, as far
    as `open_days` reaches; `first` is the day on which the first week begins.
    """
    bounds = tuple(first + 7 * n for n in range(weeks + 1))
    tasks = [_Task(setting, daily, bounds) for setting in settings]
    if not tasks:
        return []
    return simulate_tasks(_watched, tasks, settings, workers=workers, progress=progress, what=what)


def _watched(task: _Task) -> WeeklyCounts:
    """One market, community by community; whole weeks are read at their midnights."""
    setting, bounds = task.setting, task.bounds
    layout, channels = setting.layout, len(setting.scenario.channels)
    money = _per_head(setting.scenario, layout, task.daily)
    counts = np.zeros((len(layout.communities), len(bounds) - 1, channel_counts.WEEKLY, channels))
    spend = np.zeros((len(bounds) - 1, channels))
    for g, community in enumerate(layout.communities):
        simulation = setting.born(community)
        begin_year(simulation)
        simulation.market["money"][:channels] = money[community.region]
        so_far = []
        for midnight in bounds:
            simulation.advance(midnight)
            so_far.append(
                simulation.market["by_week"][: midnight // 7 + 1, :, :channels].sum(axis=0)
            )
        counts[g] = np.diff(so_far, axis=0) * layout.weight
        ledger = simulation.market["ledger"][:channels, bounds[0] : bounds[-1]]
        spend += ledger.reshape(channels, len(bounds) - 1, 7).sum(axis=2).T
    counts[:, :, COUNTS.index("revenue")] /= 100.0
    people, regions = (
        np.array([getattr(c, name) for c in layout.communities], dtype=float)
        for name in ("people", "region")
    )
    return WeeklyCounts(counts, spend, people, regions)


def _per_head(scenario: Scenario, layout: Layout, daily: Floats) -> Floats:
    """Money per head [regions, C, days].

    How a company's money was spread over the regions its totals do not tell: as unevenly as the
    scenario's `history.variation` says, since even money would reach more people.
    """
    shares = np.array([region_shares(scenario, channel) for channel in scenario.channels]).T
    wander = wandering(scenario)[:, : len(scenario.channels)]
    national = (shares[:, :, None] * wander).sum(axis=0)
    uneven = np.ones((len(layout.heads), len(scenario.channels), daily.shape[1]))
    uneven[:, :, : wander.shape[2]] = wander / np.where(national > 0, national, 1.0)
    return np.asarray((shares / layout.heads[:, None])[:, :, None] * uneven * daily)
