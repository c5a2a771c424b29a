"""Many arms of one market: its history is lived once, then every arm's planned year from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from scenarios import Scenario
from sim.market.community import Snapshot
from sim.market.compiled import simulate_tasks
from sim.market.setting import Arm, Setting
from sim.output.market_year import MarketYear
from sim.output.year import CommunityYear
from sim.parallel import Workers, worker_count
from sim.setup.communities import Community, population_of
from tiermix.core.progress import Progress

T = TypeVar("T")
R = TypeVar("R")
Of = TypeVar("Of", bound="_OfSetting")
SHARED = ("layout", "world", "usual", "history_money")
"""What is worked out once for a market, whatever is asked of it."""
OF_PEOPLE = ("start", "market_size", "personas", "regions", "variants", "history")
"""What a past hangs on that nothing bought after it may change."""
CHUNKS = 16
"""Pieces of work for each worker, where nothing but figures comes back: progress can be seen."""


@dataclass(frozen=True)
class WarmedUpMarket:
    """A market at the end of its history: what the company saw, and where its people stand."""

    setting: Setting
    year: MarketYear
    snapshots: tuple[Snapshot, ...]

    def under(self, scenario: Scenario) -> WarmedUpMarket:
        """The same past with another question asked of its planned year: budget, rules, goals.

        Raises `ValueError` where the scenario is another market: that would have another past.
        """
        setting = self.setting
        if scenario.market_hash != setting.scenario.market_hash:
            raise ValueError(f"{scenario.name} is another market than this past's")
        asked = replace(setting, scenario=scenario)
        vars(asked).update({name: vars(setting)[name] for name in SHARED if name in vars(setting)})
        return WarmedUpMarket(asked, replace(self.year, scenario=scenario), self.snapshots)

    def going_on(self, scenario: Scenario) -> WarmedUpMarket:
        """The same past before a planned year by another scenario: something was bought meanwhile.

        Which identifiers of a person will be linked is drawn at the person's start for the level
        that comes; it is drawn again for the new one. Raises `ValueError` where other people would
        have lived this past.
        """
        ours = self.setting.scenario
        if any(getattr(ours, name) != getattr(scenario, name) for name in OF_PEOPLE) or [
            c.name for c in ours.channels
        ] != [c.name for c in scenario.channels]:
            raise ValueError(f"{scenario.name} has other people, days or channels than this past")
        setting = replace(self.setting, scenario=scenario)
        known = vars(self.setting)  # of the past, in which nothing was bought
        vars(setting).update({x: known[x] for x in SHARED if x in known and x != "world"})
        snapshots = tuple(_linked_for(setting, snapshot) for snapshot in self.snapshots)
        return WarmedUpMarket(setting, self.year, snapshots)


def _linked_for(setting: Setting, snapshot: Snapshot) -> Snapshot:
    """A state whose people will have the identifiers linked that the setting links."""
    drawn = population_of(setting.scenario, snapshot.community, setting.seed)
    population = snapshot.population.copy()
    population["linked_later"] = drawn["linked_later"]
    return replace(snapshot, population=population)


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


@dataclass(frozen=True)
class _ReadTask(Generic[T]):
    setting: Setting
    places: tuple[Community | Snapshot, ...]
    arms: tuple[Arm, ...]
    tail: int
    read: Callable[[Setting, CommunityYear], T]


def simulate_histories(
    settings: Sequence[Setting], *, workers: Workers = None, progress: Progress | None = None
) -> list[WarmedUpMarket]:
    """The history year of each market; markets and communities are spread over workers."""
    count = worker_count(workers)
    tasks = [
        _HistoryTask(setting, chunk)
        for setting in settings
        for chunk in _chunks(setting.layout.communities, count if len(settings) == 1 else 1)
    ]
    found = _simulated(_simulate_history, tasks, workers, progress, "history years")
    years = iter(found)
    return [_past(setting, years, tasks) for setting in settings]


def simulate_arms(
    pasts: Sequence[WarmedUpMarket],
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
    found = _simulated(_simulate_arms, tasks, workers, progress, "planned years")
    return [
        _gather(past, [f for f, owner in zip(found, owners, strict=True) if owner == number])
        for number, past in enumerate(pasts)
    ]


def read_arms(
    markets: Sequence[Setting | WarmedUpMarket],
    arms: Sequence[Arm],
    read: Callable[[Setting, CommunityYear], T],
    *,
    tail: int = 0,
    workers: Workers = None,
    progress: Progress | None = None,
) -> list[list[list[T]]]:
    """What `read` finds in each market's communities, in each community's planned years by arm.

    Yearly counts are read where they are written and then forgotten, so that many arms of many
    customers need no more memory than one community and what `read` returns. A market without a
    past lives its history first, once for all arms.
    """
    pieces = -(-CHUNKS * worker_count(workers) // len(markets))
    tasks, owners = [], []
    for number, market in enumerate(markets):
        setting, places = _places(market)
        for chunk in _chunks(places, pieces):
            tasks.append(_ReadTask(setting, chunk, tuple(arms), tail, read))
            owners.append(number)
    found = _simulated(_read, tasks, workers, progress, "groups of communities")
    return [
        [one for part, owner in zip(found, owners, strict=True) if owner == number for one in part]
        for number in range(len(markets))
    ]


def settings_of(
    worlds: Sequence[Scenario], customers: int, seeds: Sequence[int], *, logging: bool = False
) -> list[Setting]:
    """One setting per world, each with its own luck."""
    return [
        Setting(world, customers, seed, logging=logging)
        for world, seed in zip(worlds, seeds, strict=True)
    ]


class _OfSetting(Protocol):
    @property
    def setting(self) -> Setting: ...


def _simulated(
    function: Callable[[Of], R],
    tasks: Sequence[Of],
    workers: Workers,
    progress: Progress | None,
    what: str,
) -> list[R]:
    """Results over tasks, none if there are none."""
    if not tasks:
        return []
    markets = [task.setting for task in tasks]
    return simulate_tasks(function, tasks, markets, workers=workers, progress=progress, what=what)


def _chunks(items: Sequence[Any], count: int) -> Iterator[tuple[Any, ...]]:
    size = -(-len(items) // max(count, 1))
    for first in range(0, len(items), size):
        yield tuple(items[first : first + size])


def _simulate_history(task: _HistoryTask) -> tuple[list[CommunityYear], list[Snapshot]]:
    pairs = [task.setting.history(community) for community in task.communities]
    return [year.without_rows() for year, _ in pairs], [snap for _, snap in pairs]


def _simulate_arms(task: _ArmTask) -> list[list[CommunityYear]]:
    return [
        [
            task.setting.planned(snapshot, arm, task.tail).without_rows()
            for snapshot in task.snapshots
        ]
        for arm in task.arms
    ]


def _places(market: Setting | WarmedUpMarket) -> tuple[Setting, tuple[Community | Snapshot, ...]]:
    if isinstance(market, WarmedUpMarket):
        return market.setting, market.snapshots
    return market, market.layout.communities


def _read(task: _ReadTask[T]) -> list[list[T]]:
    found = []
    for place in task.places:
        snapshot = place if isinstance(place, Snapshot) else task.setting.history(place)[1]
        found.append(
            [
                task.read(task.setting, task.setting.planned(snapshot, arm, task.tail))
                for arm in task.arms
            ]
        )
    return found


def _past(
    setting: Setting,
    results: Iterator[tuple[list[CommunityYear], list[Snapshot]]],
    tasks: Sequence[_HistoryTask],
) -> WarmedUpMarket:
    years: list[CommunityYear] = []
    snapshots: list[Snapshot] = []
    for _ in [task for task in tasks if task.setting is setting]:
        some_years, some_snapshots = next(results)
        years += some_years
        snapshots += some_snapshots
    year = MarketYear.gather(setting.scenario, setting.layout, years, planned=False)
    return WarmedUpMarket(setting, year, tuple(snapshots))


def _gather(past: WarmedUpMarket, parts: list[list[list[CommunityYear]]]) -> list[MarketYear]:
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
