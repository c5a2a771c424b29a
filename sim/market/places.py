"""Both years of each community, of a market as it is and without some channels: geos by week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.market.compiled import simulate_tasks
from sim.market.setting import Arm, Setting
from sim.output.year import CommunityYear
from sim.parallel import Workers, worker_count
from sim.setup.communities import Community
from tiermix.core.progress import Progress

PIECES = 4
"""Pieces of work for each worker, so that progress can be seen."""


@dataclass(frozen=True)
class PlaceYears:
    """One community: its history year, and its planned year under each arm; without logs."""

    community: Community
    history: CommunityYear
    planned: tuple[CommunityYear, ...]


@dataclass(frozen=True)
class _Task:
    setting: Setting
    communities: tuple[Community, ...]
    arms: tuple[Arm, ...]


def place_years(
    setting: Setting,
    arms: Sequence[Arm],
    *,
    workers: Workers = None,
    progress: Progress | None = None,
) -> list[PlaceYears]:
    """Every community's years, in the order of communities: the people of `simulate`."""
    every = setting.layout.communities
    size = -(-len(every) // (PIECES * worker_count(workers)))
    tasks = [
        _Task(setting, every[first : first + size], tuple(arms))
        for first in range(0, len(every), size)
    ]
    found = simulate_tasks(
        _lived, tasks, [setting], workers=workers, progress=progress, what="geos"
    )
    return [one for part in found for one in part]


def _lived(task: _Task) -> list[PlaceYears]:
    found = []
    for community in task.communities:
        history, snapshot = task.setting.history(community)
        years = [task.setting.planned(snapshot, arm).without_rows() for arm in task.arms]
        found.append(PlaceYears(community, history.without_rows(), tuple(years)))
    return found
