"""The market under a company's own weekly spend, told by the company's own weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.history import LEAST_WEEKS, WEEK, History, HistoryError
from scenarios import Scenario
from scenarios.parts.channels import Channel
from sim import Setting
from sim.engine import channel_counts
from sim.engine import state as s
from sim.output.year import begin_year
from sim.parallel import Workers, run_tasks
from sim.setup.calendars import open_days
from sim.setup.communities import Layout
from sim.setup.money import region_shares, wandering
from tiermix.core.progress import Progress

Array = NDArray[np.float64]
HEADROOM = 1.5
"""Messages are sent as rules ask and paid by number: in the market their money is no cap."""


@dataclass(frozen=True)
class Seen:
    """What a simulated company sees, of the market: `counts` [G, W, 5, C] by community and week.

    Impressions, clicks, visits, conversions and revenue; `spend` [W, C]; `people` and `regions` [G]
    of the communities.
    """

    counts: Array
    spend: Array
    people: Array
    regions: Array

    @property
    def totals(self) -> Array:
        """The same of the whole market [W, 5, C]."""
        return np.asarray(self.counts.sum(axis=0))


@dataclass(frozen=True)
class Task:
    """One market to live: a scenario, its luck, its size, and the money of its days."""

    scenario: Scenario
    seed: int
    customers: int
    daily: Array
    bounds: tuple[int, ...]


def weeks_within(scenario: Scenario, history: History) -> tuple[History, int]:
    """The weeks that lie in the scenario's two years, and how many do not; `HistoryError`."""
    first, last = scenario.history_start, scenario.start.replace(year=scenario.start.year + 1)
    inside = [first <= week and week + WEEK <= last for week in history.weeks]
    count = sum(inside)
    if count < LEAST_WEEKS:
        raise HistoryError(
            f"{history.source}: {count} of its weeks, {history.weeks[0]} to {history.weeks[-1]}, "
            f"lie in the years of {scenario.name}, {first} to {last - dt.timedelta(1)}; at least "
            f"{LEAST_WEEKS} are needed. Move the scenario there: set `start` to the first of the "
            "month after the history's last, as YYYY-MM-01."
        )
    for name in history.channels:
        if name not in scenario.plannable and history.spend[:, history.channels.index(name)].any():
            raise HistoryError(
                f"{history.source}: channel {name!r} has spend, but in {scenario.name} it is "
                f"{scenario.channel(name).delivery} and takes none; book the money on another "
                f"channel: map {name!r} to it (names)."
            )
    return history.part(slice(inside.index(True), inside.index(True) + count)), len(inside) - count


def daily_spend(scenario: Scenario, history: History) -> Array:
    """Money of the market by channel and day [C, DAYS] from the first of the history year on.

    A week's money is spread over its days, that of a field channel over the dates in it (or kept
    for the next one). Days that the file does not cover get its mean.
    """
    first = scenario.day_of(history.weeks[0])
    money = np.zeros((len(scenario.channels), s.DAYS))
    for c, channel in enumerate(scenario.channels):
        if channel.name in history.channels:
            weekly = history.spend[:, history.channels.index(channel.name)]
            days = np.full(s.DAYS, weekly.mean() / 7.0)
            covered = np.arange(max(first, 0), min(first + 7 * len(weekly), s.DAYS))
            days[covered] = weekly[(covered - first) // 7] / 7.0
            money[c] = _on_open_days(days, scenario, channel)
            money[c] *= HEADROOM if channel.kind.sends_messages else 1.0
    return money


def _on_open_days(days: Array, scenario: Scenario, channel: Channel) -> Array:
    """Money moved on to days on which the channel is there, week by week."""
    there = open_days(scenario, channel)
    if there.all():
        return days
    moved, left = np.zeros_like(days), 0.0
    for start in range(0, len(days), 7):
        week = slice(start, start + 7)
        left += days[week].sum()
        if there[week].any():
            moved[week] = left * there[week] / there[week].sum()
            left = 0.0
    return moved


def live(
    scenarios: Sequence[Scenario],
    seeds: Sequence[int],
    customers: int,
    history: History,
    *,
    workers: Workers = None,
    progress: Progress | None = None,
) -> list[list[Seen]]:
    """Each scenario with each seed, under the money and by the weeks of the history."""
    daily = daily_spend(scenarios[0], history)
    bounds = week_bounds(scenarios[0], history.weeks)
    tasks = [Task(x, seed, customers, daily, bounds) for x in scenarios for seed in seeds]
    found = run_tasks(live_one, tasks, workers=workers, progress=progress)
    return [found[n : n + len(seeds)] for n in range(0, len(found), len(seeds))]


def as_history(seen: Sequence[Seen], like: History, scenario: Scenario) -> History:
    """Mean of several simulated companies, in the shape of the history that they answer to."""
    names = [channel.name for channel in scenario.channels]
    mine = [names.index(name) for name in like.channels]
    totals = np.mean([x.totals for x in seen], axis=0)
    return replace(
        like,
        spend=np.mean([x.spend for x in seen], axis=0)[:, mine],
        impressions=totals[:, channel_counts.IMPRESSIONS, mine],
        clicks=totals[:, channel_counts.CLICKS, mine],
        conversions=totals[:, channel_counts.CONVERSIONS].sum(axis=1),
        revenue=totals[:, channel_counts.REVENUE].sum(axis=1),
        source="the simulated market",
        digest="",
    )


def week_bounds(scenario: Scenario, weeks: Sequence[dt.date]) -> tuple[int, ...]:
    """Number of the day on which each week begins, and of the one on which the last ends."""
    first = scenario.day_of(weeks[0])
    return tuple(first + 7 * n for n in range(len(weeks) + 1))


def live_one(task: Task) -> Seen:
    """One market, community by community; whole weeks are read at their midnights."""
    setting = Setting(task.scenario, task.customers, task.seed)
    layout, scenario = setting.layout, task.scenario
    money = _per_head(scenario, layout, task.daily)
    channels = len(scenario.channels)
    weeks = len(task.bounds) - 1
    counts = np.zeros((len(layout.communities), weeks, channel_counts.WEEKLY, channels))
    spend = np.zeros((weeks, channels))
    for g, community in enumerate(layout.communities):
        society = setting.born(community)
        begin_year(society)
        society.market["money"][:channels] = money[community.region]
        so_far = []
        for midnight in task.bounds:
            society.advance(midnight)
            so_far.append(society.market["by_week"][: midnight // 7 + 1, :, :channels].sum(axis=0))
        counts[g] = np.diff(so_far, axis=0) * layout.weight
        ledger = society.market["ledger"][:channels, task.bounds[0] : task.bounds[-1]]
        spend += ledger.reshape(channels, weeks, 7).sum(axis=2).T
    counts[:, :, channel_counts.REVENUE] /= 100.0
    people, regions = (
        np.array([getattr(c, name) for c in layout.communities], dtype=float)
        for name in ("people", "region")
    )
    return Seen(counts, spend, people, regions)


def _per_head(scenario: Scenario, layout: Layout, daily: Array) -> Array:
    """Money per head [regions, C, days].

    How a company's money was spread over the regions its totals do not tell: as unevenly as the
    scenario's `history.variation` says, since even money would reach more people.
    """
    shares = np.array([region_shares(scenario, channel) for channel in scenario.channels]).T
    wander = wandering(scenario)[:, : len(scenario.channels)]
    national = (shares[:, :, None] * wander).sum(axis=0)
    uneven = np.ones((len(layout.heads), len(scenario.channels), s.DAYS))
    uneven[:, :, : wander.shape[2]] = wander / np.where(national > 0, national, 1.0)
    return np.asarray((shares / layout.heads[:, None])[:, :, None] * uneven * daily)
