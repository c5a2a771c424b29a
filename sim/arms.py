"""Many arms of one market: its history is lived once, then every arm's planned year from there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scenarios import Scenario
from sim import state as s
from sim.book import MarketYear
from sim.communities import Community
from sim.parallel import Progress, Workers, run_tasks, worker_count
from sim.setting import Arm, Setting
from sim.society import Snapshot
from sim.years import LivedYear

NO_ROWS = np.zeros(0, s.ROW)


@dataclass(frozen=True)
class Past:
    """A market at the end of its history: what the company saw, and where its people stand."""

    setting: Setting
    year: MarketYear
    snapshots: tuple[Snapshot, ...]


@dataclass(frozen=True)
class _HistoryTask:
    setting: Setting
    communities: tuple[Community, ...]


@dataclass(frozen=True)
class _ArmTask:
    setting: Setting
    snapshots: tuple[Snapshot, ...]
    arms: tuple[Arm, ...]
    tail: int


def live_pasts(
    settings: Sequence[Setting], *, workers: Workers = None, progress: Progress | None = None
) -> list[Past]:
    """The history year of each market; markets and communities are spread over workers."""
    count = worker_count(workers)
    tasks = [
        _HistoryTask(setting, chunk)
        for setting in settings
        for chunk in _chunks(setting.layout.communities, count if len(settings) == 1 else 1)
    ]
    found = iter(run_tasks(_live_history, tasks, workers=workers, progress=progress))
    return [_past(setting, found, tasks) for setting in settings]


def live_arms(
    pasts: Sequence[Past],
    arms: Sequence[Sequence[Arm]],
    *,
    tail: int = 0,
    workers: Workers = None,
    progress: Progress | None = None,
) -> list[list[MarketYear]]:
    """For each past, the planned year under each of its arms, with the same people and luck."""
    count = worker_count(workers)
    tasks, owners = [], []
    for number, (past, mine) in enumerate(zip(pasts, arms, strict=True)):
        for chunk in _chunks(past.snapshots, count if len(pasts) == 1 else 1):
            tasks.append(_ArmTask(past.setting, chunk, tuple(mine), tail))
            owners.append(number)
    found = run_tasks(_live_arms, tasks, workers=workers, progress=progress)
    return [
        _gather(past, [f for f, owner in zip(found, owners, strict=True) if owner == number])
        for number, past in enumerate(pasts)
    ]


def settings_of(
    worlds: Sequence[Scenario], customers: int, seeds: Sequence[int], *, logging: bool = False
) -> list[Setting]:
    """One setting per world, each with its own luck."""
    return [
        Setting(world, customers, seed, logging=logging)
        for world, seed in zip(worlds, seeds, strict=True)
    ]


def _chunks(items: Sequence[Any], count: int) -> Iterator[tuple[Any, ...]]:
    size = -(-len(items) // max(count, 1))
    for first in range(0, len(items), size):
        yield tuple(items[first : first + size])


def _live_history(task: _HistoryTask) -> tuple[list[LivedYear], list[Snapshot]]:
    pairs = [task.setting.history(community) for community in task.communities]
    return [replace(year, rows=NO_ROWS) for year, _ in pairs], [snap for _, snap in pairs]


def _live_arms(task: _ArmTask) -> list[list[LivedYear]]:
    return [
        [
            replace(task.setting.planned(snapshot, arm, task.tail), rows=NO_ROWS)
            for snapshot in task.snapshots
        ]
        for arm in task.arms
    ]


def _past(
    setting: Setting,
    found: Iterator[tuple[list[LivedYear], list[Snapshot]]],
    tasks: Sequence[_HistoryTask],
) -> Past:
    years: list[LivedYear] = []
    snapshots: list[Snapshot] = []
    for _ in [task for task in tasks if task.setting is setting]:
        some_years, some_snapshots = next(found)
        years += some_years
        snapshots += some_snapshots
    year = MarketYear.gather(setting.scenario, setting.layout, years, planned=False)
    return Past(setting, year, tuple(snapshots))


def _gather(past: Past, parts: list[list[list[LivedYear]]]) -> list[MarketYear]:
    setting = past.setting
    return [
        MarketYear.gather(
            setting.scenario,
            setting.layout,
            [year for part in parts for year in part[arm]],
            planned=True,
        )
        for arm in range(len(parts[0]))
    ]
